"""Ten thousand connections that come and go leave nothing behind."""

import os
import random

from tests.conftest import MakeServer
from tests.support import tokens, ws
from tests.support.server import Server
from tests.support.waiting import wait_until

COUNT = 10_000


def come_and_go(server: Server, count: int, seed: int) -> None:
    """Peers that leave in every way: politely, without a word, by a reset, before they are in."""
    random_source = random.Random(seed)
    token = tokens.admin()
    for n in range(count):
        source = f"127.0.{n % 200}.{1 + n // 200 % 250}"
        connection = server.open(source=source)
        way = random_source.randrange(6)
        if way == 0:
            connection.sock.close()
            continue
        if way == 1:
            connection.send(b"GET /ws/leaderboard/ HTTP/1.1\r\nHost: local")
            connection.sock.close()
            continue
        socket = ws.connect(connection, "/ws/leaderboard/", token)
        if way == 2:
            socket.close()
        elif way == 3:
            socket.sock.close()
        elif way == 4:
            socket.send_raw(b"\x81\xfe\x01")
            socket.drop()
        else:
            socket.drop()


def test_ten_thousand_come_and_go(make_server: MakeServer) -> None:
    # AddressSanitizer keeps what was freed, which would count as growth.
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
    server = make_server({"ASAN_OPTIONS": sanitizer.lstrip(":")})
    idle = server.descriptor_count()
    with server.joined("/ws/student/7/", tokens.student()) as witness:
        come_and_go(server, COUNT // 5, seed=1)
        wait_until(lambda: server.descriptor_count() <= idle + 1, "the first to be gone")
        before = server.private_bytes()
        come_and_go(server, COUNT, seed=2)
        wait_until(lambda: server.descriptor_count() <= idle + 1, "all to be gone")
        assert server.private_bytes() - before < 4 << 20
        server.accepted("/api/realtime/students/7/", {"event_type": "still_here"})
        assert witness.read_json() == {"type": "still_here"}
