"""Events to frames: order, names, numbers, the inbox's additions, state."""

import base64
import datetime
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import MakeServer
from tests.support import tokens, ws
from tests.support.http import request_bytes
from tests.support.server import API_KEY, Server


def group_of(user_id: str) -> str:
    return f"/api/realtime/groups/student_{user_id}/"


def student_stream(server: Server, user_id: str) -> ws.WebSocket:
    return server.joined(f"/ws/student/{user_id}/", tokens.student(user_id))


def test_order_over_many_connections(server: Server, user_id: str) -> None:
    with student_stream(server, user_id) as socket:
        for n in range(200):
            server.accepted(group_of(user_id), {"type": "step", "n": n})
        assert [socket.read_json()["n"] for _ in range(200)] == list(range(200))


def test_order_over_one_pipelined_connection(server: Server, user_id: str) -> None:
    with student_stream(server, user_id) as socket, server.open() as publisher:
        key = [("Authorization", f"Api-Key {API_KEY}")]
        data = b"".join(
            request_bytes(
                "POST",
                group_of(user_id),
                publisher.authority,
                key,
                json.dumps({"type": "step", "n": n}).encode(),
            )
            for n in range(500)
        )
        publisher.send(data)
        for _ in range(500):
            assert publisher.read_response().status == 202
        assert [socket.read_json()["n"] for _ in range(500)] == list(range(500))


def test_every_member_sees_one_order(server: Server, user_id: str) -> None:
    """Publishers at once: their events may mix, but everyone sees the same mixture."""
    members = [student_stream(server, user_id) for _ in range(8)]

    def publish(who: int) -> None:
        for n in range(50):
            server.accepted(group_of(user_id), {"type": "step", "who": who, "n": n})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(publish, range(4)))
    seen = [[(e["who"], e["n"]) for e in (m.read_json() for _ in range(200))] for m in members]
    assert all(each == seen[0] for each in seen)
    for who in range(4):
        assert [n for w, n in seen[0] if w == who] == list(range(50))
    for member in members:
        member.drop()


def test_groups_do_not_hear_each_other(server: Server, user_id: str) -> None:
    with student_stream(server, user_id) as mine, student_stream(server, user_id + "9") as other:
        server.accepted(group_of(user_id), {"type": "x"})
        assert mine.read_json() == {"type": "x"}
        assert other.ping(1) == {"type": "pong", "timestamp": 1}


@pytest.mark.parametrize(
    ("sent", "shown"), [("a.b.c", "a_b_c"), ("a_b", "a_b"), ("a..b", "a__b"), ("ä.ö", "ä_ö")]
)
def test_dots_become_underscores_in_the_frame(
    server: Server, user_id: str, sent: str, shown: str
) -> None:
    with student_stream(server, user_id) as socket:
        server.accepted(group_of(user_id), {"type": sent, "inner": {"type": "c.d"}})
        assert socket.read_json() == {"type": shown, "inner": {"type": "c.d"}}


@pytest.mark.parametrize(
    "text",
    [
        "18446744073709551615",
        "-9223372036854775808",
        "9007199254740993",
        "0",
        "-0",
        "1.0",
        "0.1",
        "1e3",
        "1.7976931348623157e308",
        "true",
        "null",
        '""',
        '"\\u0000\\u001f"',
        "[]",
        "{}",
        '[1,[2,{"b":1,"a":2}]]',
        '"Grüße, 漢字 \\ud83d\\ude00"',
        '"</script>"',
        '"\\u2028"',
    ],
)
def test_values_pass_unchanged(server: Server, user_id: str, text: str) -> None:
    body = f'{{"z":1,"type":"x","value":{text},"a":2}}'
    with student_stream(server, user_id) as socket:
        server.accepted(group_of(user_id), body.encode())
        payload = socket.read_message().payload.decode()
    pairs = json.loads(payload, object_pairs_hook=list, parse_float=str, parse_int=str)
    assert pairs == json.loads(body, object_pairs_hook=list, parse_float=str, parse_int=str)


def test_helpers_put_the_type_first_and_keep_the_order(server: Server, user_id: str) -> None:
    with student_stream(server, user_id) as socket:
        body = b'{"data":{"z":1,"a":2,"m":{"y":1,"b":2}},"event_type":"grade.received"}'
        server.accepted(f"/api/realtime/students/{user_id}/", body)
        assert socket.read_message().payload == (
            b'{"type":"grade_received","z":1,"a":2,"m":{"y":1,"b":2}}'
        )


def test_a_large_event_arrives_whole(server: Server, user_id: str) -> None:
    with student_stream(server, user_id) as socket:
        event = {"type": "x", "text": "y" * 900_000}
        server.accepted(group_of(user_id), event)
        assert socket.read_json() == event


@pytest.mark.parametrize("size", [125, 126, 127, 65_535, 65_536])
def test_each_form_of_the_frame_length(server: Server, user_id: str, size: int) -> None:
    with student_stream(server, user_id) as socket:
        shell = len(b'{"type":"x","t":""}')
        server.accepted(group_of(user_id), {"type": "x", "t": "y" * (size - shell)})
        assert len(socket.read_message().payload) == size


# ---- compression ----


@pytest.mark.parametrize(("size", "compressed"), [(255, False), (256, True), (5000, True)])
def test_compression_begins_at_256_bytes(
    server: Server, user_id: str, size: int, compressed: bool
) -> None:
    socket = server.connect(
        f"/ws/student/{user_id}/",
        tokens.student(user_id),
        [("Sec-WebSocket-Extensions", "permessage-deflate")],
    )
    plain = student_stream(server, user_id)
    with socket, plain:
        assert socket.read_json() == {"type": "connection_established"}
        event = {"type": "x", "t": "y" * (size - len(b'{"type":"x","t":""}'))}
        for _ in range(2):  # no context is taken over from one message to the next
            server.accepted(group_of(user_id), event)
            frame = socket.read_frame()
            assert (frame.rsv == 4) == compressed
            assert json.loads(ws.inflate(frame)) == event
            assert plain.read_frame().rsv == 0


# ---- the inbox ----


def test_a_stored_notification_gains_what_it_lacks(server: Server, user_id: str) -> None:
    target = f"/api/realtime/users/{user_id}/"
    with server.joined("/ws/notifications/", tokens.student(user_id)) as socket:
        for n in range(1, 4):
            server.accepted(target, {"notification": {"title": f"t{n}"}})
        events = [socket.read_json() for _ in range(3)]
    assert [e["unread_count"] for e in events] == [1, 2, 3]
    ids = [e["notification"]["id"] for e in events]
    assert len(set(ids)) == 3
    for event in events:
        assert list(event) == ["type", "notification", "unread_count"]
        created = datetime.datetime.fromisoformat(event["notification"]["created_at"])
        assert created.tzinfo is not None
        assert abs((datetime.datetime.now(datetime.UTC) - created).total_seconds()) < 3600


def test_what_the_publisher_gave_is_kept(server: Server, user_id: str) -> None:
    given = {"created_at": "yesterday", "title": "t", "id": 41}
    with server.joined("/ws/notifications/", tokens.student(user_id)) as socket:
        server.accepted(f"/api/realtime/users/{user_id}/", {"notification": given})
        assert socket.read_json()["notification"] == given


@pytest.mark.parametrize("route", ["groups", "batch"])
def test_a_notification_is_stored_by_whichever_route(
    server: Server, user_id: str, route: str
) -> None:
    group = f"notifications_{user_id}"
    event = {"type": "notification", "notification": {"id": "n", "created_at": "now"}}
    with server.joined("/ws/notifications/", tokens.student(user_id)) as socket:
        if route == "groups":
            server.accepted(f"/api/realtime/groups/{group}/", event)
        else:
            server.accepted("/api/realtime/batch/", [{"group": group, "event": event}])
        assert socket.read_json() == {**event, "unread_count": 1}


def test_other_events_to_a_user_are_not_stored(server: Server, user_id: str) -> None:
    event = {"type": "hint", "text": "from elsewhere"}
    with server.joined("/ws/notifications/", tokens.student(user_id)) as socket:
        server.accepted(f"/api/realtime/groups/notifications_{user_id}/", event)
        assert socket.read_json() == event
    with server.connect("/ws/notifications/", tokens.student(user_id)) as socket:
        assert socket.read_json()["unread_count"] == 0


def test_the_inbox_forgets_the_oldest(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_LIMITS_INBOX_NOTIFICATIONS_MAX": "5"})
    for n in range(12):
        server.accepted("/api/realtime/users/7/", {"notification": {"id": n}})
    with server.connect("/ws/notifications/", tokens.student("7")) as socket:
        assert socket.read_json()["unread_count"] == 5
        socket.send_json({"type": "mark_read", "notification_id": 0})
        assert socket.read_json()["code"] == "not_found"
        socket.send_json({"type": "mark_read", "notification_id": 11})
        assert socket.read_json() == {"type": "unread_count", "unread_count": 4}


def test_the_inbox_forgets_the_least_used_users(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_LIMITS_INBOX_USERS_MAX": "3"})
    for user in range(10):
        server.accepted(f"/api/realtime/users/{user}/", {"notification": {}})
    counts = []
    for user in range(10):
        with server.connect("/ws/notifications/", tokens.student(str(user))) as socket:
            counts.append(socket.read_json()["unread_count"])
    assert sum(counts) <= 3
    assert counts[9] == 1


def test_bytes_of_a_token_do_not_matter_to_an_event(server: Server, user_id: str) -> None:
    """An event may hold what looks like base64 or a token; it passes as the text it is."""
    event = {"type": "x", "t": base64.b64encode(bytes(range(256))).decode()}
    with student_stream(server, user_id) as socket:
        server.accepted(group_of(user_id), event)
        assert socket.read_json() == event
