"""Events that a worker has no room for: whoever misses one is told, and nobody else."""

from tests.conftest import MakeServer
from tests.support import tokens, ws
from tests.support.waiting import wait_until

# As small as they can be, so that one burst is more than both hold.
TIGHT = {
    "CARILLON_WORKERS": "1",
    "CARILLON_LIMITS_MAILBOX_EVENTS_MAX": "1",
    "CARILLON_LIMITS_INBOUND_EVENTS_MAX": "1",
    "CARILLON_LIMITS_MESSAGE_BURST": "100000",
}
# Each brings an `unread_count` to every connection of the user.
BURST = ws.frame_bytes(ws.TEXT, b'{"type":"mark_all_read"}') * 1_500


def test_the_members_of_the_group_are_closed_in_their_turn(make_server: MakeServer) -> None:
    server = make_server(TIGHT)
    path = "/ws/notifications/"
    with (
        server.joined(path, tokens.student("7")) as one,
        server.joined(path, tokens.student("7")) as two,
        server.joined(path, tokens.student("8")) as stranger,
    ):
        one.send_raw(BURST)
        for socket in (one, two):
            assert socket.read_json() == {"type": "unread_count", "unread_count": 0}
            assert socket.read_close() == ws.goodbye(1013)
            socket.send_frame(ws.CLOSE, ws.close_payload(1013))
        assert server.metrics().count("carillon_inbound_overflow_total") > 0
        closed = {"code": "1013"}
        wait_until(lambda: server.metrics().count("carillon_closed_total", **closed) == 2, "closes")
        assert stranger.ping(1) == {"type": "pong", "timestamp": 1}
        wait_until(lambda: server.metrics().value("carillon_inbound_events") == 0, "room")
        server.accepted("/api/realtime/users/8/", {"notification": {"id": 1}})
        assert stranger.read_json()["unread_count"] == 1
        with server.joined(path, tokens.student("7")) as again:
            server.accepted("/api/realtime/users/7/", {"notification": {"id": 1}})
            assert again.read_json()["unread_count"] == 1


def test_it_is_logged_once_for_each_change(make_server: MakeServer) -> None:
    server = make_server(TIGHT)
    with server.joined("/ws/notifications/", tokens.student("7")) as socket:
        socket.send_raw(BURST)
        assert socket.read_close() == ws.goodbye(1013)
    wait_until(lambda: "the worker has caught up" in server.output, "the line")
    assert server.output.count("a worker has fallen behind") == server.output.count(
        "the worker has caught up"
    )
