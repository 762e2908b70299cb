"""Events between Django's channel layers and the sockets of two nodes, both ways."""

import base64
import json
import math

import pytest

from tests.interop.conftest import MakeCarillon, MakeLayer, MakeNode
from tests.support import tokens
from tests.support.channels import Peer
from tests.support.commands import Commands
from tests.support.layer_settings import LayerSettings
from tests.support.redis import Redis
from tests.support.server import API_KEY, Server

GROUP, PATH = "dashboard_updates", "/ws/dashboard/"
COUNT = 200
# What a receiver may be behind: over HTTP we are faster than a Django consumer reads.
BELOW_CAPACITY = 90


@pytest.fixture(params=["core", "pubsub"])
def layer(request: pytest.FixtureRequest, redis: Redis) -> LayerSettings:
    return LayerSettings(hosts=(redis.url,), backend=request.param)


def test_events_of_django_reach_the_sockets_of_two_nodes_in_order(
    layer: LayerSettings, django: MakeLayer, make_node: MakeNode
) -> None:
    nodes = [make_node(layer), make_node(layer)]
    sockets = [node.joined(PATH, tokens.mentor()) for node in nodes for _ in range(2)]
    sender = django(layer)
    consumer = sender.listen(GROUP)
    sender.group_send(GROUP, *({"type": "dashboard.update", "n": n} for n in range(COUNT)))
    for socket in sockets:
        for n in range(COUNT):
            assert socket.read_json() == {"type": "dashboard_update", "n": n}
    assert consumer.events(COUNT) == [{"type": "dashboard.update", "n": n} for n in range(COUNT)]


def test_the_helpers_ring_from_a_view(
    layer: LayerSettings, peer: Peer, django: MakeLayer, make_node: MakeNode
) -> None:
    django(layer, "default")
    node = make_node(layer)
    row = {"rank": 1, "id": 7, "name": "Dana", "points": 310}
    cases = [
        ("notify_dashboard", ["submission_created", {"submission_id": 12}], PATH,
         {"type": "submission_created", "submission_id": 12}),
        ("notify_user", [7, {"title": "Hello"}], "/ws/notifications/",
         {"type": "notification", "notification": {"title": "Hello"}}),
        ("notify_mentor", [3, "review_request", {"request": {"id": 1}}], "/ws/mentor/3/",
         {"type": "review_request", "request": {"id": 1}}),
        ("notify_student", [7, "grade_received", {"grade": {"score": 92}}], "/ws/student/7/",
         {"type": "grade_received", "grade": {"score": 92}}),
        ("update_leaderboard", [[row]], "/ws/leaderboard/",
         {"type": "leaderboard_update", "leaderboard": [row]}),
    ]
    sockets = [node.joined(path, tokens.access(7, is_staff=True)) for _, _, path, _ in cases]
    for helper, arguments, _, _ in cases:
        peer.ask("notify", helper=helper, arguments=arguments)
    for socket, (_, _, _, event) in zip(sockets, cases):
        assert socket.read_json() == event


FIELDS = {
    "most": 2**63 - 1,
    "least": -(2**63),
    "unsigned": 2**64 - 1,
    "small": [0, -1, 127, 128, -32, -33, 255, 256, 65535, 65536, 2**32],
    "tenth": 0.1,
    "huge": 1e300,
    "text": 'Zoë 🎓 \u2028 "quoted" \\ \x00 \x1f',
    "none": None,
    "yes": True,
    "no": False,
    "nested": {"list": [[], {}, [1, [2, [3]]]], "empty": "", "ключ": {"a.b": 1}},
}
BLOB = bytes(range(256))


def test_fields_arrive_as_they_were_sent(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    event = {"type": "dashboard.update", **FIELDS, "long": "x" * 70_000}
    sender = django(layer)
    consumer = sender.listen(GROUP)
    socket = make_carillon(layer).joined(PATH, tokens.mentor())
    sender.group_send(GROUP, {**event, "blob": BLOB})
    assert consumer.events(1) == [{**event, "blob": BLOB}]
    frame = socket.read_message().payload.decode()
    wanted = {**event, "type": "dashboard_update", "blob": base64.b64encode(BLOB).decode()}
    # Compared as text: neither the order of the fields nor a digit may be lost.
    assert json.dumps(json.loads(frame)) == json.dumps(wanted)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_become_null(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon, value: float
) -> None:
    socket = make_carillon(layer).joined(PATH, tokens.mentor())
    django(layer).group_send(GROUP, {"type": "dashboard.update", "value": [value, 1.5]})
    assert socket.read_json() == {"type": "dashboard_update", "value": [None, 1.5]}


def test_events_published_over_http_reach_the_other_node_and_django_in_order(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    here, there = make_carillon(layer), make_carillon(layer)
    consumer = django(layer).listen(GROUP)
    sockets = [server.joined(PATH, tokens.mentor()) for server in (here, there)]
    key = [("Authorization", f"Api-Key {API_KEY}")]
    with here.open() as publisher:
        for n in range(BELOW_CAPACITY):
            body = json.dumps({"type": "dashboard.update", "n": n, **FIELDS}).encode()
            target = f"/api/realtime/groups/{GROUP}/"
            assert publisher.request("POST", target, key, body).status == 202
    for socket in sockets:
        for n in range(BELOW_CAPACITY):
            assert socket.read_json() == {"type": "dashboard_update", "n": n, **FIELDS}
    assert consumer.events(BELOW_CAPACITY) == [
        {"type": "dashboard.update", "n": n, **FIELDS} for n in range(BELOW_CAPACITY)
    ]


def test_a_batch_over_http_arrives_whole_and_in_order(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    here, there = make_carillon(layer), make_carillon(layer)
    consumer = django(layer).listen(GROUP, "student_7")
    dashboard = there.joined(PATH, tokens.mentor())
    student = there.joined("/ws/student/7/", tokens.student(7))
    groups = [GROUP, "student_7"]
    batch = [
        {"group": groups[n % 2], "event": {"type": "step", "n": n}} for n in range(BELOW_CAPACITY)
    ]
    assert len(here.accepted("/api/realtime/batch/", batch)["ids"]) == BELOW_CAPACITY
    for parity, socket in enumerate((dashboard, student)):
        numbers = list(range(parity, BELOW_CAPACITY, 2))
        assert [socket.read_json()["n"] for _ in numbers] == numbers
        heard = [event["n"] for event in consumer.events(BELOW_CAPACITY)]
        assert [n for n in heard if n % 2 == parity] == numbers


def commands_of(server: Server) -> Commands:
    (server.directory / ".env").write_text(f"CARILLON_API_KEYS={API_KEY}\n")
    return Commands(server.directory)


def test_the_command_line_reaches_every_node_and_django(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    here, there = make_carillon(layer), make_carillon(layer)
    consumer = django(layer).listen("student_7")
    sockets = [server.joined("/ws/student/7/", tokens.student(7)) for server in (here, there)]
    said = '{"feedback":{"text":"Well done"}}'
    how = ["student", "7", "feedback_received", said, "--url", f"http://127.0.0.1:{here.port}"]
    outcome = commands_of(here).run("notify", *how)
    assert outcome.code == 0, outcome.error
    event = {"type": "feedback_received", "feedback": {"text": "Well done"}}
    assert [socket.read_json() for socket in sockets] == [event, event]
    assert consumer.events(1) == [event]


def test_the_command_line_publishes_without_a_server(
    layer: LayerSettings, redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    server = make_carillon(layer)
    consumer = django(layer).listen("student_7")
    socket = server.joined("/ws/student/7/", tokens.student(7))
    said = '{"feedback":{"text":"Well done"}}'
    how = ["student", "7", "feedback_received", said, "--via", redis.url]
    settings = {"CARILLON_LAYER_BACKEND": layer.backend}
    outcome = Commands(server.directory).run("notify", *how, settings=settings)
    assert outcome.code == 0, outcome.error
    event = {"type": "feedback_received", "feedback": {"text": "Well done"}}
    assert socket.read_json() == event
    assert consumer.events(1) == [event]


def test_a_group_without_sockets_here_costs_nothing_and_reaches_django(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    server = make_carillon(layer)
    consumer = django(layer).listen("course_12")
    server.accepted("/api/realtime/groups/course_12/", {"type": "lesson.started", "lesson": 4})
    assert consumer.events(1) == [{"type": "lesson.started", "lesson": 4}]


def test_the_newest_leaderboard_of_django_greets_who_comes_later(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    server = make_carillon(layer)
    first = server.joined("/ws/leaderboard/", tokens.student(7))
    rows = [{"rank": 1, "id": 7, "points": 310}]
    django(layer).group_send("leaderboard_updates",
                             {"type": "leaderboard_update", "leaderboard": rows})
    event = {"type": "leaderboard_update", "leaderboard": rows}
    assert first.read_json() == event
    assert server.joined("/ws/leaderboard/", tokens.student(8)).read_json() == event
