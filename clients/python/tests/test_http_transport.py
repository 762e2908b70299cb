"""Publishing over HTTP: to the real server, and to one that gives the rarer answers."""

import asyncio
import json
import os
import pickle
import select
import socket
import threading

import pytest

import carillon
from carillon import Client, ConfigurationError, HTTPTransport, Refused, TransportError, Unavailable
from carillon._transports.http import ATTEMPTS_MAX
from carillon.testing import CarillonServer
from tests.support.scripted import Answer, ScriptedServer

EVENT = carillon.student_event(7, "grade_received", {"grade": {"score": 92}})
BUSY = Answer(503, {"detail": "No room.", "code": "no_room"}, {"Retry-After": "1"})
IN_PROGRESS = Answer(409, {"detail": "Later.", "code": "key_in_progress"}, {"Retry-After": "1"})


@pytest.fixture
def client(server: CarillonServer) -> "Client":
    return Client(server.url, server.api_key)


def test_every_helper_reaches_its_page(server: CarillonServer, client: Client) -> None:
    with (
        client,
        server.connect("/ws/dashboard/", "h1", role="admin") as dashboard,
        server.connect("/ws/notifications/", "h2") as notifications,
        server.connect("/ws/leaderboard/", "h3") as leaderboard,
        server.connect("/ws/mentor/h4/", "h4", role="mentor") as mentor,
        server.connect("/ws/student/h5/", "h5", role="student") as student,
    ):
        assert client.notify_dashboard("dashboard_update", {"data": {"active": 41}}).id
        assert client.notify_user("h2", {"title": "T"}).id
        assert client.update_leaderboard([{"rank": 1, "name": "Ada"}]).id
        assert client.notify_mentor("h4", "review_request", {"request": {"id": 1}}).id
        assert client.notify_student("h5", "grade_received", {"grade": {"score": 92}}).id
        assert client.group_send("student_h5", {"type": "lesson.published", "raw": b"\x00"}).id
        assert dashboard.read_json() == {"type": "dashboard_update", "data": {"active": 41}}
        frame = notifications.read_json()
        assert frame["notification"]["title"] == "T"
        assert frame["unread_count"] == 1  # it was stored in the inbox
        assert leaderboard.read_json()["leaderboard"] == [{"rank": 1, "name": "Ada"}]
        assert mentor.read_json() == {"type": "review_request", "request": {"id": 1}}
        assert student.read_json() == {"type": "grade_received", "grade": {"score": 92}}
        assert student.read_json() == {"type": "lesson_published", "raw": "AA=="}


def test_the_async_client_works_on_any_loop(server: CarillonServer) -> None:
    async def publish() -> carillon.Receipt:
        async with carillon.AsyncClient(server.url, server.api_key) as client:
            await client.notify_dashboard("x", {})
            await client.notify_user("a1", {"title": "T"})
            await client.notify_mentor("a1", "x")
            await client.update_leaderboard([])
            await client.group_send("g", {"type": "x"})
            return await client.notify_student("a1", "grade_received", {"grade": {}})

    with server.connect("/ws/student/a1/", "a1") as student:
        assert asyncio.run(publish()).id
        assert student.read_json()["type"] == "grade_received"


def test_one_connection_serves_many_events() -> None:
    with ScriptedServer() as peer, Client(peer.url, "key") as client:
        for _ in range(20):
            client.send(EVENT)
        assert len({seen.port for seen in peer.seen}) == 1
        assert len({seen.headers["Idempotency-Key"] for seen in peer.seen}) == 20


def test_a_request_is_what_the_api_asks_for() -> None:
    with ScriptedServer() as peer, Client(peer.url + "/prefix/", "the-key") as client:
        assert client.notify_student(7, "x", {"a": 1}) == carillon.Receipt("x-1", 0)
        client.update_leaderboard([1])
        first, second = peer.seen
        assert (first.method, first.path) == ("POST", "/prefix/api/realtime/students/7/")
        assert json.loads(first.body) == {"event_type": "x", "data": {"a": 1}}
        assert first.headers["Authorization"] == "Api-Key the-key"
        assert (second.method, second.path) == ("PUT", "/prefix/api/realtime/leaderboard/")


def test_named_channels_that_were_full_are_in_the_receipt() -> None:
    answer = Answer(202, {"accepted": True, "id": "x-1", "over_capacity": 2})
    with ScriptedServer(answer) as peer, Client(peer.url, "key") as client:
        assert client.send(EVENT).over_capacity == 2


@pytest.mark.parametrize(
    "passing",
    [BUSY, IN_PROGRESS, Answer(429, {}), Answer(502, ""), Answer(504, ""), Answer(hangs_up=True)],
)
def test_a_passing_failure_is_tried_again_under_the_same_key(passing: Answer) -> None:
    pauses: list[float] = []
    with ScriptedServer(passing, passing, Answer()) as peer:
        transport = HTTPTransport(peer.url, "key", wait=pauses.append)
        assert transport.send(EVENT).id == "x-1"
        transport.close()
        assert len(peer.seen) == 3
        assert len({seen.headers["Idempotency-Key"] for seen in peer.seen}) == 1
    has_time = "Retry-After" in passing.headers
    assert pauses == [1.0, 1.0] if has_time else 0 < pauses[0] < pauses[1] < 1


@pytest.mark.parametrize(("status", "code"), [(409, "conflict"), (409, ""), (422, "key_reused")])
def test_a_key_that_was_used_otherwise_is_not_tried_again(status: int, code: str) -> None:
    answer = Answer(status, {"detail": "No.", "code": code}, {"Retry-After": "1"})
    with ScriptedServer(answer) as peer, Client(peer.url, "key") as client:
        with pytest.raises(Refused) as raised:
            client.send(EVENT)
        assert len(peer.seen) == 1
    assert (raised.value.status, raised.value.code) == (status, code)


def test_a_proxy_of_the_environment_does_not_see_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with ScriptedServer() as proxy, ScriptedServer() as peer, Client(peer.url, "key") as client:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        client.send(EVENT)
        assert (len(proxy.seen), len(peer.seen)) == (0, 1)


def test_what_arrived_twice_is_delivered_once(server: CarillonServer) -> None:
    """The answer to the first request is lost on the way; the retry bears the same key."""
    with (
        AnswerLosingProxy(server.port) as proxy,
        server.connect("/ws/student/once/", "once") as student,
        Client(f"http://127.0.0.1:{proxy.port}", server.api_key) as client,
    ):
        client.notify_student("once", "grade_received", {"grade": {"score": 1}})
        client.notify_student("once", "grade_received", {"grade": {"score": 2}})
        assert proxy.lost == 1
        assert [student.read_json()["grade"]["score"] for _ in range(2)] == [1, 2]


def test_retries_end() -> None:
    with ScriptedServer(BUSY) as peer:
        transport = HTTPTransport(peer.url, "key", wait=lambda pause_s: None)
        with pytest.raises(Unavailable, match="503: No room") as raised:
            transport.send(EVENT)
        transport.close()
        assert len(peer.seen) == ATTEMPTS_MAX
    assert raised.value.retry_after_s == 1.0


def test_no_pause_goes_beyond_the_timeout() -> None:
    pauses: list[float] = []
    later = Answer(503, {"detail": "No.", "code": "x"}, {"Retry-After": "60"})
    with ScriptedServer(later) as peer:
        transport = HTTPTransport(peer.url, "key", timeout_s=5, wait=pauses.append)
        with pytest.raises(Unavailable) as raised:
            transport.send(EVENT)
        transport.close()
        assert len(peer.seen) == 1
    assert pauses == []
    assert raised.value.retry_after_s == 60.0


def test_silence_ends_with_the_timeout() -> None:
    with (
        ScriptedServer(Answer(0)) as peer,
        Client(peer.url, "key", timeout_s=0.3) as client,
        pytest.raises(Unavailable, match="did not answer in time"),
    ):
        client.send(EVENT)


def test_nobody_there_is_unavailable_and_names_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with Client(url, "key") as client, pytest.raises(Unavailable, match=url):
        client.send(EVENT)


def test_a_refusal_is_not_tried_again_and_says_why(server: CarillonServer) -> None:
    with Client(server.url, "wrong-key") as client, pytest.raises(Refused) as raised:
        client.send(EVENT)
    assert raised.value.status == 401
    assert raised.value.detail
    assert "wrong-key" not in str(raised.value)


def test_an_event_that_is_too_large_is_refused(server: CarillonServer, client: Client) -> None:
    with client:
        assert client.notify_student("big", "x", {"text": "a" * 1_000_000}).id
        with pytest.raises(Refused) as raised:
            client.notify_student("big", "x", {"text": "a" * 1_100_000})
    assert raised.value.status == 413


def test_errors_per_field_are_told() -> None:
    answer = Answer(400, {"id": ["Wrong."], "data": ["Worse.", "Bad."]})
    with ScriptedServer(answer) as peer, Client(peer.url, "key") as client:
        with pytest.raises(Refused, match="400: id: Wrong.; data: Worse. Bad.") as raised:
            client.send(EVENT)
        assert len(peer.seen) == 1
    assert raised.value.code == "invalid"
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (Answer(200, "<html>"), TransportError, "not as Carillon does"),
        (Answer(202, {"ok": True}), TransportError, "not as Carillon does"),
        (Answer(404, "<html>"), Refused, "404: Not Found"),
        (Answer(301, "", {"Location": "https://x/"}), Refused, "redirected to https://x/"),
        (Answer(500, ""), Refused, "500"),
    ],
)
def test_another_server_is_not_taken_for_carillon(
    answer: Answer, kind: type[Exception], text: str
) -> None:
    with (
        ScriptedServer(answer) as peer,
        Client(peer.url, "key") as client,
        pytest.raises(kind, match=text),
    ):
        client.send(EVENT)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("127.0.0.1:8000", "key"),
        ("ws://127.0.0.1:8000", "key"),
        ("http://", "key"),
        ("http://127.0.0.1:8000?x=1", "key"),
        ("http://me:secret@127.0.0.1", "key"),
        ("http://127.0.0.1:8000", ""),
        ("http://127.0.0.1:8000", "two\nlines"),
        ("http://127.0.0.1:8000", "schlüssel"),
    ],
)
def test_what_cannot_be_an_address_or_a_key_is_a_configuration_error(url: str, key: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        HTTPTransport(url, key)
    assert "secret" not in str(raised.value)
    assert not key or key not in str(raised.value)


def test_the_environment_says_where(
    server: CarillonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CARILLON_URL", raising=False)
    with pytest.raises(ConfigurationError, match="CARILLON_URL"):
        Client()
    monkeypatch.setenv("CARILLON_URL", server.url)
    monkeypatch.setenv("CARILLON_API_KEY", server.api_key)
    with Client() as client:
        assert client.send(EVENT).id
    with pytest.raises(ConfigurationError, match="not both"):
        Client(server.url, transport=carillon.MockTransport())


def test_a_closed_client_opens_again(server: CarillonServer, client: Client) -> None:
    assert client.send(EVENT).id
    client.close()
    client.close()
    assert client.send(EVENT).id
    client.close()


def test_threads_share_one_client(server: CarillonServer, client: Client) -> None:
    receipts: list[carillon.Receipt] = []

    def publish() -> None:
        receipts.extend(client.send(EVENT) for _ in range(10))

    threads = [threading.Thread(target=publish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    assert len({receipt.id for receipt in receipts}) == 80


def test_a_forked_child_has_connections_of_its_own() -> None:
    with ScriptedServer() as peer, Client(peer.url, "key") as client:
        client.send(EVENT)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                client.send(EVENT)
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        client.send(EVENT)
        parents, childs, parents_again = (seen.port for seen in peer.seen)
        assert childs != parents == parents_again


class AnswerLosingProxy:
    """Passes bytes on, but hangs up instead of bringing the first answer back."""

    def __init__(self, port: int) -> None:
        self.lost = 0
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        is_last = False
        while not is_last:
            near, _ = self._listener.accept()
            is_last = self.lost > 0
            with near, socket.create_connection(("127.0.0.1", self._target)) as far:
                while self._passed_on(near, far):
                    pass

    def _passed_on(self, near: socket.socket, far: socket.socket) -> bool:
        ready, _, _ = select.select([near, far], [], [])
        data = ready[0].recv(65536)
        if ready[0] is far and not self.lost:
            self.lost += 1
            return False
        (far if ready[0] is near else near).sendall(data)
        return bool(data)

    def __enter__(self) -> "AnswerLosingProxy":
        return self

    def __exit__(self, *ended: object) -> None:
        self._thread.join()
        self._listener.close()
