"""Pings to the silent, 4408 for those who do not answer."""

from tests.conftest import MakeServer
from tests.support import tokens, ws
from tests.support.server import Server
from tests.support.waiting import wait_until

QUICK = {
    "CARILLON_LIMITS_PING_INTERVAL": "200ms",
    "CARILLON_LIMITS_PING_TIMEOUT": "300ms",
}


def opened(server: Server) -> ws.WebSocket:
    return server.joined("/ws/leaderboard/", tokens.student())


def test_the_silent_are_pinged_and_stay_if_they_answer(make_server: MakeServer) -> None:
    with opened(make_server(QUICK)) as socket:
        for _ in range(8):
            frame = socket.read_frame()
            assert frame.opcode == ws.PING
            assert len(frame.payload) <= 125
            socket.send_frame(ws.PONG, frame.payload)
        assert socket.ping(1) == {"type": "pong", "timestamp": 1}


def test_any_frame_counts_as_an_answer(make_server: MakeServer) -> None:
    with opened(make_server(QUICK)) as socket:
        socket.answers_pings = False
        answered = 0
        while answered < 5:
            assert socket.read_frame().opcode == ws.PING
            socket.send_json({"type": "ping"})
            frame = socket.read_frame()
            assert frame.json()["type"] == "pong"
            answered += 1


def test_those_who_do_not_answer_are_closed(make_server: MakeServer) -> None:
    server = make_server(QUICK)
    with opened(server) as socket:
        assert socket.read_frame().opcode == ws.PING
        frame = socket.read_frame()
        assert frame.opcode == ws.CLOSE
        assert ws.closed_of(frame) == ws.goodbye(4408)
        # Nobody answers the close either: a reset follows.
        wait_until(lambda: not is_connected(socket), "the reset")


def is_connected(socket: ws.WebSocket) -> bool:
    socket.sock.setblocking(False)
    try:
        return socket.sock.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


def test_a_vanished_peer_leaves_nothing_behind(make_server: MakeServer) -> None:
    server = make_server(QUICK)
    before = server.descriptor_count()
    sockets = [opened(server) for _ in range(20)]
    wait_until(lambda: server.descriptor_count() <= before, "the silent to be given up")
    for socket in sockets:
        socket.sock.close()


def test_busy_connections_are_left_alone(make_server: MakeServer) -> None:
    server = make_server({**QUICK, "CARILLON_LIMITS_PING_INTERVAL": "60s"})
    with opened(server) as socket:
        for n in range(20):
            assert socket.ping(n) == {"type": "pong", "timestamp": n}
        assert socket.pings_seen == 0
