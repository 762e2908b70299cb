"""Clients that stop reading: bounded, closed with 4430, and nobody else notices."""

from tests.conftest import MakeServer
from tests.support import tokens, ws
from tests.support.server import Server
from tests.support.waiting import wait_until

SMALL = {
    "CARILLON_LIMITS_SEND_QUEUE_BYTES_MAX": "128KiB",
    "CARILLON_LIMITS_SEND_BUFFER_BYTES": "16KiB",
    "CARILLON_LIMITS_CLOSE_TIMEOUT": "60s",
}
EVENT_BYTES = 16_384


def stalled(server: Server, path: str = "/ws/student/7/") -> ws.WebSocket:
    """A member with a small receive buffer that reads nothing after its first frame."""
    return server.joined(path, tokens.admin(), receive_buffer=4096)


def publish(server: Server, n: int) -> None:
    body = {"event_type": "step", "data": {"n": n, "text": "x" * EVENT_BYTES}}
    server.accepted("/api/realtime/students/7/", body)


def slow_count(server: Server) -> float:
    return server.metrics().count("carillon_closed_total", code="4430")


def publish_until_given_up(server: Server, healthy: ws.WebSocket) -> int:
    """Publishes until the healthy one, which reads along, is the only one left."""
    for n in range(2000):
        publish(server, n)
        assert healthy.read_json()["n"] == n
        if server.members("student_7") == 1:
            return n + 1
    raise AssertionError("nobody was given up")


def test_the_stalled_is_given_up_and_sees_why(make_server: MakeServer) -> None:
    server = make_server(SMALL)
    with stalled(server) as slow, stalled(server) as healthy:
        published = publish_until_given_up(server, healthy)
        seen = []
        while (frame := slow.read_message()).opcode == ws.TEXT:
            seen.append(frame.json()["n"])
        assert ws.closed_of(frame) == ws.goodbye(4430)
        # What it still got is a beginning without a hole.
        assert seen == list(range(len(seen)))
        assert len(seen) < published
        slow.send_frame(ws.CLOSE, ws.close_payload(4430))
        assert slow.connection.ended()
        wait_until(lambda: slow_count(server) == 1, "it to be counted")
        publish(server, published)
        assert healthy.read_json()["n"] == published


def test_the_stalled_is_reset_if_it_never_reads(make_server: MakeServer) -> None:
    server = make_server({**SMALL, "CARILLON_LIMITS_CLOSE_TIMEOUT": "300ms"})
    with stalled(server) as healthy:
        before = server.descriptor_count()
        with stalled(server):
            publish_until_given_up(server, healthy)
            wait_until(lambda: server.descriptor_count() <= before, "the reset")
            wait_until(lambda: slow_count(server) == 1, "it to be counted")


def test_the_queue_is_bounded_in_frames_too(make_server: MakeServer) -> None:
    server = make_server(
        {
            **SMALL,
            "CARILLON_LIMITS_SEND_QUEUE_BYTES_MAX": "1GiB",
            "CARILLON_LIMITS_SEND_QUEUE_FRAMES_MAX": "20",
        }
    )
    with stalled(server) as slow, stalled(server) as healthy:
        publish_until_given_up(server, healthy)
        assert slow.read_close() == ws.goodbye(4430)


def test_no_progress_for_long_is_slow_too(make_server: MakeServer) -> None:
    server = make_server(
        {
            **SMALL,
            "CARILLON_LIMITS_SEND_QUEUE_BYTES_MAX": "1GiB",
            "CARILLON_LIMITS_SEND_TIMEOUT": "500ms",
        }
    )
    with stalled(server) as slow:
        for n in range(60):
            publish(server, n)
        wait_until(lambda: server.members("student_7") == 0, "the send timeout")
        assert slow.read_close() == ws.goodbye(4430)


def test_slow_is_not_stalled(make_server: MakeServer) -> None:
    """Whoever reads a little at a time within the bounds keeps its connection and every event."""
    server = make_server({**SMALL, "CARILLON_LIMITS_SEND_TIMEOUT": "5s"})
    with stalled(server) as slow:
        for n in range(200):
            publish(server, n)
            if n >= 4:
                assert slow.read_json()["n"] == n - 4
        for n in range(196, 200):
            assert slow.read_json()["n"] == n
        assert server.members("student_7") == 1


def test_state_events_replace_each_other(make_server: MakeServer) -> None:
    server = make_server(SMALL)
    with stalled(server, "/ws/leaderboard/") as slow:
        for n in range(300):
            board = [{"rank": 1, "id": n, "name": "x" * EVENT_BYTES, "points": n}]
            server.accepted("/api/realtime/leaderboard/", {"leaderboard": board}, "PUT")
        seen: list[int] = []
        while not seen or seen[-1] != 299:
            seen.append(slow.read_json()["leaderboard"][0]["id"])
        assert seen == sorted(set(seen))
        assert len(seen) < 100
        assert server.members("leaderboard_updates") == 1
        assert slow.ping(1) == {"type": "pong", "timestamp": 1}


def test_memory_stays_bounded(make_server: MakeServer) -> None:
    server = make_server(SMALL)
    slow = [stalled(server) for _ in range(20)]
    with stalled(server) as healthy:
        before = server.private_bytes()
        publish_until_given_up(server, healthy)
        after = server.private_bytes()
        # Events are shared: twenty queues hold the same bytes once. The rest is slack.
        assert after - before < 20 * 128 * 1024 + (8 << 20)
    for socket in slow:
        socket.sock.close()


def test_the_others_are_served_while_one_stalls(make_server: MakeServer) -> None:
    server = make_server()
    with stalled(server) as slow:
        members = [server.joined("/ws/student/7/", tokens.admin()) for _ in range(10)]
        for n in range(150):
            publish(server, n)
            for member in members:
                assert member.read_json()["n"] == n
        slow.drop()
        for member in members:
            member.sock.close()
