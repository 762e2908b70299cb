"""A raw WebSocket client that can also break every rule of RFC 6455."""

import base64
import hashlib
import json
import os
import socket
import struct
import zlib
from dataclasses import dataclass
from typing import Any

from tests.support.http import Connection, Headers, Response, request_bytes

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Refused(AssertionError):
    """The upgrade was answered with something else than 101."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"{response.status} {response.body[:300]!r}")
        self.response = response


@dataclass(frozen=True)
class Frame:
    opcode: int
    payload: bytes
    fin: bool = True
    rsv: int = 0

    def json(self) -> Any:
        return json.loads(self.payload)


@dataclass(frozen=True)
class Closed:
    code: int | None
    reason: str


# The server's reasons are the slugs of the table of close codes, for programs to read.
SLUGS = {
    1001: "going_away",
    1002: "protocol",
    1003: "not_text",
    1007: "bad_utf8",
    1009: "too_large",
    1011: "internal",
    1012: "restart",
    1013: "overloaded",
    4408: "timeout",
    4409: "replaced",
    4429: "rate_limited",
    4430: "slow_consumer",
}


def goodbye(code: int, reason: str | None = None) -> Closed:
    """The close that the server sends with `code`."""
    return Closed(code, SLUGS[code] if reason is None else reason)


def frame_bytes(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    mask: bytes | None = b"\x11\x22\x33\x44",
) -> bytes:
    """One frame; `mask` None leaves it unmasked. `rsv` is a number from 0 to 7, RSV1 being 4."""
    size = len(payload)
    bit = 0x80 if mask is not None else 0
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    if mask is None:
        return head + payload
    key = int.from_bytes(mask * (size // 4 + 1), "big") >> 8 * (4 - size % 4)
    masked = (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
    return head + mask + masked


def close_payload(code: int, reason: str = "") -> bytes:
    return struct.pack(">H", code) + reason.encode()


def upgrade_headers(key: str | None = None) -> list[tuple[str, str]]:
    return [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", key or base64.b64encode(os.urandom(16)).decode()),
    ]


def accept_of(key: str) -> str:
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


class WebSocket:
    """A connection after its upgrade. Ping frames are answered unless `answers_pings` is off."""

    def __init__(self, connection: Connection, response: Response) -> None:
        self.connection = connection
        self.response = response
        self.answers_pings = True
        self.pings_seen = 0

    @property
    def sock(self) -> socket.socket:
        return self.connection.sock

    def __enter__(self) -> "WebSocket":
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send_raw(self, data: bytes) -> None:
        self.sock.sendall(data)

    def send_frame(self, opcode: int, payload: bytes = b"", **how: Any) -> None:
        self.send_raw(frame_bytes(opcode, payload, **how))

    def send_text(self, text: str) -> None:
        self.send_frame(TEXT, text.encode())

    def send_json(self, value: Any) -> None:
        self.send_text(json.dumps(value))

    def read_frame(self) -> Frame:
        """The next frame whatever it is. The server's frames must be well formed."""
        first, second = self.connection.take(2)
        assert not second & 0x80, "a server's frame is masked"
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", self.connection.take(2))
            assert size > 125, "not the shortest length"
        elif size == 127:
            (size,) = struct.unpack(">Q", self.connection.take(8))
            assert size > 65535, "not the shortest length"
        payload = self.connection.take(size)
        return Frame(first & 0x0F, payload, bool(first & 0x80), first >> 4 & 7)

    def read_message(self) -> Frame:
        """The next data frame or close; pings are answered, compressed text is inflated."""
        while True:
            frame = self.read_frame()
            if frame.opcode == PING:
                self.pings_seen += 1
                if self.answers_pings:
                    self.send_frame(PONG, frame.payload)
            elif frame.opcode != PONG:
                return Frame(frame.opcode, inflate(frame), frame.fin)

    def read_json(self) -> Any:
        frame = self.read_message()
        assert frame.opcode == TEXT, f"wanted a text frame, got {frame}"
        return frame.json()

    def read_until(self, type_: str) -> Any:
        """The next event of that type; others are passed over."""
        while True:
            event = self.read_json()
            if event["type"] == type_:
                return event

    def read_close(self) -> Closed:
        """Reads to the close frame, passing over data."""
        while True:
            frame = self.read_message()
            if frame.opcode == CLOSE:
                return closed_of(frame)

    def ping(self, stamp: Any = None) -> Any:
        """A round trip: what the server sent before it has arrived when this returns."""
        self.send_json({"type": "ping", "timestamp": stamp})
        return self.read_json()

    def close(self, code: int = 1000) -> Closed:
        """Says goodbye properly and waits for the answer and the end of the stream."""
        self.send_frame(CLOSE, close_payload(code))
        closed = self.read_close()
        assert self.connection.ended()
        self.sock.close()
        return closed

    def drop(self) -> None:
        """Resets the connection, as a pulled cable and a reboot would."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


def inflate(frame: Frame) -> bytes:
    if not frame.rsv & 4:
        return frame.payload
    return zlib.decompressobj(-15).decompress(frame.payload + b"\x00\x00\xff\xff")


def deflate(payload: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def closed_of(frame: Frame) -> Closed:
    if not frame.payload:
        return Closed(None, "")
    (code,) = struct.unpack(">H", frame.payload[:2])
    return Closed(code, frame.payload[2:].decode())


def with_token(path: str, token: str | None) -> str:
    if token is None:
        return path
    return f"{path}{'&' if '?' in path else '?'}token={token}"


def connect(
    connection: Connection, path: str, token: str | None = None, headers: Headers = ()
) -> WebSocket:
    """Upgrades `connection`; raises Refused with the answer when the server will not."""
    mine = upgrade_headers()
    mine += list(headers)
    connection.send(request_bytes("GET", with_token(path, token), connection.authority, mine))
    response = connection.read_response()
    if response.status != 101:
        connection.sock.close()
        raise Refused(response)
    assert response.header("Sec-WebSocket-Accept") == accept_of(mine[3][1])
    return WebSocket(connection, response)
