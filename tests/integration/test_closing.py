"""Goodbyes: codes, unread input, drains and signals."""

import signal
import socket as sockets

import pytest

from tests.conftest import MakeServer
from tests.support import tokens, ws
from tests.support.server import Server
from tests.support.waiting import wait_until


def opened(server: Server, user: str = "7") -> ws.WebSocket:
    return server.joined(f"/ws/student/{user}/", tokens.student(user))


@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 3000, 3999, 4000, 4401, 4999]
)
def test_a_close_is_answered_with_its_code(server: Server, code: int) -> None:
    with opened(server) as socket:
        assert socket.close(code).code == code


@pytest.mark.parametrize("code", [0, 1, 999, 1005, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 65535])
def test_codes_that_may_not_be_sent(server: Server, code: int) -> None:
    with opened(server) as socket:
        assert socket.close(code).code == 1002


def test_a_close_without_a_code(server: Server) -> None:
    with opened(server) as socket:
        socket.send_frame(ws.CLOSE)
        assert socket.read_close().code in (None, 1000)
        assert socket.connection.ended()


def test_a_reason_must_be_text(server: Server) -> None:
    with opened(server) as socket:
        socket.send_frame(ws.CLOSE, ws.close_payload(1000) + b"\xff")
        assert socket.read_close().code == 1007


def test_nothing_follows_a_close(server: Server, user_id: str) -> None:
    with opened(server, user_id) as socket:
        socket.send_raw(
            ws.frame_bytes(ws.CLOSE, ws.close_payload(1000))
            + ws.frame_bytes(ws.TEXT, b'{"type":"ping"}')
        )
        assert socket.read_frame().opcode == ws.CLOSE
        assert socket.connection.ended()
        assert socket.connection.rest == b""


def test_the_code_can_be_read_although_input_was_waiting(server: Server) -> None:
    """A socket closed over unread input resets, and the peer loses what it had not yet read."""
    for _ in range(20):
        with opened(server) as socket:
            socket.send_raw(ws.frame_bytes(ws.BINARY, bytes(400_000)))
            assert socket.read_close() == ws.goodbye(1003)
            assert socket.connection.ended()


def test_a_peer_that_keeps_talking_is_cut_off(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_LIMITS_CLOSE_TIMEOUT": "300ms"})
    with opened(server) as socket:
        socket.send_frame(ws.BINARY, b"")
        with pytest.raises(OSError):
            while True:
                socket.send_raw(bytes(65536))


def test_a_peer_that_does_not_close_is_cut_off(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_LIMITS_CLOSE_TIMEOUT": "300ms"})
    before = server.descriptor_count()
    with opened(server) as socket:
        socket.send_frame(ws.BINARY, b"")
        assert socket.read_close().code == 1003
        wait_until(lambda: server.descriptor_count() <= before, "the connection to be given up")


def test_half_closed_peers_are_let_go(server: Server) -> None:
    before = server.descriptor_count()
    with opened(server) as socket:
        socket.sock.shutdown(sockets.SHUT_WR)
        socket.connection.ended()
    wait_until(lambda: server.descriptor_count() <= before, "the descriptor to be freed")


def test_the_gone_are_members_no_more(server: Server, user_id: str) -> None:
    left, dropped = opened(server, user_id), opened(server, user_id)
    group = f"student_{user_id}"
    assert server.members(group) == 2
    left.close()
    dropped.drop()
    wait_until(lambda: server.members(group) == 0, "both to have left")


# ---- SIGTERM ----


def test_sigterm_closes_with_1012_and_exits_well(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_DRAIN_WINDOW": "300ms"})
    members = [opened(server, str(n)) for n in range(30)]
    server.terminate()
    for socket in members:
        assert socket.read_close() == ws.goodbye(1012)
        socket.send_frame(ws.CLOSE, ws.close_payload(1012))
        assert socket.connection.ended()
        socket.sock.close()
    assert server.wait() == 0


def test_sigterm_without_connections_ends_at_once(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_DRAIN_WINDOW": "600s"})
    server.terminate()
    assert server.wait() == 0


def test_the_last_connection_gone_ends_the_drain(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_DRAIN_WINDOW": "600s"})
    members = [opened(server, str(n)) for n in range(2)]
    server.terminate()
    for socket in members:
        socket.sock.close()
    assert server.wait() == 0


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(make_server: MakeServer, second: signal.Signals) -> None:
    server = make_server({"CARILLON_DRAIN_WINDOW": "600s"})
    members = [opened(server, str(n)) for n in range(5)]
    server.terminate()
    wait_until(lambda: not listens(server), "the listeners to close")
    server.process.send_signal(second)
    assert server.wait() == 0
    for socket in members:
        socket.sock.close()


def test_sigint_ends_it_at_once(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_DRAIN_WINDOW": "600s"})
    with opened(server):
        server.process.send_signal(signal.SIGINT)
        assert server.wait() == 0


def listens(server: Server) -> bool:
    try:
        server.open().sock.close()
        return True
    except ConnectionRefusedError:
        return False


def test_readyz_fails_before_the_listeners_close(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_DRAIN_DELAY": "600s", "CARILLON_DRAIN_WINDOW": "0s"})
    with opened(server) as socket:
        assert server.request("GET", "/readyz").status == 200
        server.terminate()
        wait_until(lambda: server.request("GET", "/readyz").status == 503, "/readyz to fail")
        assert server.request("GET", "/healthz").status == 200
        # The load balancer has not noticed yet: whoever comes is served.
        with opened(server, "8") as late:
            assert late.ping(1) == {"type": "pong", "timestamp": 1}
        assert socket.ping(2) == {"type": "pong", "timestamp": 2}
        server.terminate()
        assert server.wait() == 0


def test_what_was_accepted_is_delivered_before_the_close(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_DRAIN_WINDOW": "0s"})
    members = [opened(server) for _ in range(30)]
    steps = [{"group": "student_7", "event": {"type": "step", "n": n}} for n in range(1000)]
    server.accepted("/api/realtime/batch/", steps)
    server.terminate()
    for socket in members:
        assert [socket.read_json()["n"] for _ in range(1000)] == list(range(1000))
        assert socket.read_close() == ws.goodbye(1012)
        socket.send_frame(ws.CLOSE, ws.close_payload(1012))
        socket.sock.close()
    assert server.wait() == 0
