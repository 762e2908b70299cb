"""How many connections: in total, per address, per user. Both sides of each."""

import os
from typing import Any

import pytest

from tests.conftest import MakeServer
from tests.support import tokens, ws
from tests.support.http import Response
from tests.support.server import Server
from tests.support.waiting import wait_until

PATH = "/ws/leaderboard/"


def fill(server: Server, count: int, **how: Any) -> list[ws.WebSocket]:
    """That many connections, each of another user."""
    return [server.joined(PATH, tokens.student(str(n)), **how) for n in range(count)]


def refused(server: Server, user: str = "x", **how: Any) -> Response:
    try:
        socket = server.connect(PATH, tokens.student(user), **how)
    except ws.Refused as answer:
        return answer.response
    socket.drop()
    raise AssertionError("it was let in")


def test_connections_in_total(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_LIMITS_CONNECTIONS_MAX": "8"})
    sockets = fill(server, 8)
    answer = refused(server)
    assert answer.status == 503
    assert int(answer.header("Retry-After") or 0) >= 1
    assert answer.json()["detail"]
    for socket in sockets:
        assert socket.ping(1) == {"type": "pong", "timestamp": 1}
    sockets.pop().close()
    sockets.append(wait_until(lambda: try_to_join(server), "the freed place"))
    assert refused(server).status == 503
    for socket in sockets:
        socket.drop()


def try_to_join(server: Server) -> ws.WebSocket | None:
    try:
        return server.joined(PATH, tokens.student("x"))
    except ws.Refused:
        return None


def test_the_total_is_checked_before_the_token(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_LIMITS_CONNECTIONS_MAX": "4"})
    sockets = fill(server, 4)
    assert server.refusal(PATH).status == 503
    assert server.refusal(PATH, None, [("Origin", "https://evil.example")]).status == 403
    assert server.request("GET", "/healthz").status == 200
    for socket in sockets:
        socket.drop()


def test_connections_per_address(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_LIMITS_ADDRESS_CONNECTIONS_MAX": "3"})
    sockets = fill(server, 3, source="127.0.0.5")
    answer = refused(server, source="127.0.0.5")
    assert answer.status == 429
    assert int(answer.header("Retry-After") or 0) >= 1
    others = fill(server, 3, source="127.0.0.6")
    sockets[0].close()
    sockets[0] = wait_until(
        lambda: try_from(server, "127.0.0.5"), "the address to have a place again"
    )
    for socket in sockets + others:
        socket.drop()


def try_from(server: Server, source: str) -> ws.WebSocket | None:
    try:
        return server.joined(PATH, tokens.student("x"), source=source)
    except ws.Refused:
        return None


def test_an_address_has_no_limit_by_default(server: Server) -> None:
    sockets = fill(server, 100, source="127.0.0.5")
    for socket in sockets:
        socket.drop()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_oldest_of_a_user_gives_way(make_server: MakeServer, workers: str) -> None:
    server = make_server({"CARILLON_LIMITS_USER_CONNECTIONS_MAX": "3", "CARILLON_WORKERS": workers})
    token = tokens.student("7")
    stranger = server.joined(PATH, tokens.student("8"))
    sockets = [server.joined(PATH, token) for _ in range(3)]
    for socket in sockets:
        socket.ping()
    for n in range(3):
        sockets.append(server.joined(PATH, token))
        assert sockets[n].read_close() == ws.goodbye(4409)
        for survivor in sockets[n + 1 :]:
            assert survivor.ping(n) == {"type": "pong", "timestamp": n}
    assert stranger.ping(1) == {"type": "pong", "timestamp": 1}
    for socket in [stranger, *sockets]:
        socket.sock.close()


def test_or_the_newest_is_refused(make_server: MakeServer) -> None:
    server = make_server(
        {
            "CARILLON_LIMITS_USER_CONNECTIONS_MAX": "3",
            "CARILLON_LIMITS_USER_LIMIT": "refuse",
        }
    )
    token = tokens.student("7")
    sockets = [server.joined(PATH, token) for _ in range(3)]
    answer = server.refusal(PATH, token)
    assert answer.status == 429
    assert server.joined(PATH, tokens.student("8")).close().code == 1000
    sockets.pop(0).close()

    def again() -> ws.WebSocket | None:
        try:
            return server.joined(PATH, token)
        except ws.Refused:
            return None

    sockets.append(wait_until(again, "the freed place"))
    for socket in sockets:
        assert socket.ping(1) == {"type": "pong", "timestamp": 1}
        socket.drop()


def test_the_default_is_64_per_user(server: Server, user_id: str) -> None:
    token = tokens.student(user_id)
    sockets = [server.joined(PATH, token) for _ in range(64)]
    for socket in sockets:
        assert socket.ping(1) == {"type": "pong", "timestamp": 1}
    sockets.append(server.joined(PATH, token))
    assert sockets[0].read_close() == ws.goodbye(4409)
    for socket in sockets:
        socket.sock.close()


def test_a_refused_handshake_costs_no_place(make_server: MakeServer) -> None:
    server = make_server(
        {"CARILLON_LIMITS_CONNECTIONS_MAX": "4", "CARILLON_LIMITS_USER_CONNECTIONS_MAX": "2"}
    )
    for _ in range(50):
        assert server.refusal("/ws/dashboard/", tokens.student("7")).status == 403
        assert server.refusal(PATH).status == 401
    sockets = [server.joined(PATH, tokens.student("7")) for _ in range(2)]
    for socket in sockets:
        assert socket.ping(1) == {"type": "pong", "timestamp": 1}
        socket.drop()


@pytest.mark.parametrize("descriptors", [24, 64])
def test_when_descriptors_run_out_accepting_pauses(
    make_server: MakeServer, descriptors: int
) -> None:
    """More peers than descriptors: the rest wait in the kernel's queue, and nothing spins."""
    server = make_server(
        {"CARILLON_LIMITS_CONNECTIONS_MAX": "10000", "CARILLON_WORKERS": "1"},
        descriptors=max(descriptors, server_needs()),
    )
    free = descriptors_left(server)
    sockets = fill(server, free)
    waiting = [server.open() for _ in range(30)]
    cpu, wall = server.cpu_s(), os.times().elapsed
    wait_until(lambda: os.times().elapsed - wall > 1, "a second to pass")
    assert server.cpu_s() - cpu < 0.3 * (os.times().elapsed - wall), "it spins"
    for socket in sockets:
        assert socket.ping(1) == {"type": "pong", "timestamp": 1}
    for socket in sockets:
        socket.drop()
    for connection in waiting:
        assert connection.request("GET", "/healthz", [("Connection", "close")]).status == 200
        connection.sock.close()
    wait_until(lambda: descriptors_left(server) >= free, "the descriptors to come back")


def server_needs() -> int:
    return 32


def descriptors_left(server: Server) -> int:
    limits = f"/proc/{server.process.pid}/limits"
    with open(limits) as lines:
        line = next(line for line in lines if line.startswith("Max open files"))
    return int(line.split()[3]) - server.descriptor_count()
