"""Thousands of readers in processes of their own, each checking every byte it is sent."""

import multiprocessing
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from multiprocessing.sharedctypes import SynchronizedArray
from typing import Any

from tests.support import ws
from tests.support.http import Connection
from tests.support.waiting import DEADLINE_S, wait_until

FORK = multiprocessing.get_context("fork")


@dataclass
class Reader:
    sock: socket.socket
    position: int = 0  # bytes of the expected stream that have come


@dataclass
class Report:
    """What one process saw."""

    complete: int = 0  # readers that got the whole stream
    wrong: int = 0  # readers that got other bytes
    ended: int = 0  # readers whose stream ended early
    latencies: list[float] = field(default_factory=list)


def frame_of(event: bytes) -> bytes:
    """The server's frame for an uncompressed event."""
    return ws.frame_bytes(ws.TEXT, event, mask=None)


def join(
    address: tuple[str, int], path: str, token: str, source: str, receive_buffer: int | None = None
) -> ws.WebSocket:
    connection = Connection(*address, source=source, receive_buffer=receive_buffer)
    member = ws.connect(connection, path, token)
    assert member.read_json()["type"] == "connection_established"
    return member


class Crowd:
    """`count` readers of one endpoint in `processes` processes, which expect `events`."""

    def __init__(
        self,
        address: tuple[str, int],
        path: str,
        token: str,
        count: int,
        events: Sequence[bytes],
        processes: int = 2,
    ) -> None:
        # When each event was sent, on the clock that all processes share.
        self.sent_at: SynchronizedArray[float] = FORK.Array("d", len(events))
        # How many events the readers of each process have had in all.
        self.delivered: SynchronizedArray[int] = FORK.Array("Q", processes)
        self.count = count
        self.members: list[tuple[Any, Pipe]] = []
        share = count // processes
        for index in range(processes):
            mine, theirs = FORK.Pipe()
            job = (theirs, address, path, token, share, index, list(events), self)
            process = FORK.Process(target=read_along, args=job, daemon=True)
            process.start()
            theirs.close()  # so that its death is seen as the end of the pipe
            self.members.append((process, mine))
        for _, pipe in self.members:
            assert receive(pipe, 120) == "ready"

    def stamp(self, index: int) -> None:
        """Call right before event `index` is published."""
        self.sent_at[index] = time.monotonic()

    def wait_for_lag(self, published: int, lag_max: int) -> None:
        """Until the readers are at most that many events behind, on average."""
        wanted = (published - lag_max) * self.count
        wait_until(lambda: sum(self.delivered[:]) >= wanted, "the readers", 10 * DEADLINE_S)

    def reports(self, deadline_s: float) -> list[Report]:
        found = [receive(pipe, deadline_s) for _, pipe in self.members]
        for process, pipe in self.members:
            pipe.send("leave")
            process.join(60)
        return found


def receive(pipe: Pipe, deadline_s: float) -> Any:
    assert pipe.poll(deadline_s), f"no word from a crowd within {deadline_s} s"
    return pipe.recv()


def read_along(
    pipe: Pipe,
    address: tuple[str, int],
    path: str,
    token: str,
    count: int,
    index: int,
    events: list[bytes],
    crowd: "Crowd",
) -> None:
    poller = select.epoll()
    readers: dict[int, Reader] = {}
    for n in range(count):
        member = join(address, path, token, f"127.{1 + index}.{n // 250}.{1 + n % 250}")
        assert member.connection.rest == b""
        member.sock.setblocking(False)
        readers[member.sock.fileno()] = Reader(member.sock)
        poller.register(member.sock.fileno(), select.EPOLLIN)
    pipe.send("ready")
    pipe.send(follow(poller, readers, events, (crowd, index)))
    pipe.recv()


def follow(
    poller: select.epoll,
    readers: dict[int, Reader],
    events: list[bytes],
    place: tuple[Crowd, int],
) -> Report:
    frames = [frame_of(event) for event in events]
    expected = memoryview(b"".join(frames))
    sizes = {len(frame) for frame in frames}
    step = sizes.pop() if len(sizes) == 1 else 0  # equal frames: the index is a division
    buffer = bytearray(1 << 18)
    view = memoryview(buffer)
    crowd, index = place
    report = Report()
    left = len(readers)
    while left:
        for descriptor, _ in poller.poll():
            reader = readers[descriptor]
            size = receive_into(reader.sock, buffer)
            start, reader.position = reader.position, reader.position + size
            if size == 0:
                report.ended += 1
            elif view[:size] != expected[start : reader.position]:
                report.wrong += 1
            else:
                if step:
                    now = time.monotonic()
                    for n in range(start // step, reader.position // step):
                        report.latencies.append(now - crowd.sent_at[n])
                if reader.position < len(expected):
                    continue
                report.complete += 1
            poller.unregister(descriptor)
            left -= 1
        crowd.delivered[index] = len(report.latencies)
    return report


def receive_into(sock: socket.socket, buffer: bytearray) -> int:
    try:
        return sock.recv_into(buffer)
    except ConnectionResetError:
        return 0


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
