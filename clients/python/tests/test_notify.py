"""The helpers in Django: when they send, and what a failure does."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connections, transaction
from django.test import AsyncClient, Client, TestCase, TransactionTestCase, override_settings
from django.utils.translation import gettext_lazy

import carillon.django
from carillon import (
    ConfigurationError,
    Event,
    MockTransport,
    Receipt,
    Refused,
    TransportError,
    Unavailable,
)
from carillon.django import (
    _deliveries,
    agroup_send,
    anotify_dashboard,
    anotify_mentor,
    anotify_student,
    anotify_user,
    aupdate_leaderboard,
    counts,
    group_send,
    notify_dashboard,
    notify_mentor,
    notify_student,
    notify_user,
    update_leaderboard,
)
from carillon.django._transport import current, use_transport
from carillon.django.checks import CORE
from carillon.testing import CarillonServer
from tests.project.school.models import Submission
from tests.support.receiver import Receiver
from tests.support.redis import RedisServer

GRADE = {"grade": {"score": 92}}


@pytest.fixture
def mock() -> Iterator[MockTransport]:
    transport = MockTransport()
    with use_transport(transport):
        yield transport


@pytest.fixture(autouse=True)
def fresh_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_deliveries.deliveries, "_state", "")


def fail(error: Exception) -> Callable[[Event], Receipt]:
    def answer(event: Event) -> Receipt:
        raise error

    return answer


def test_the_helpers_have_the_names_and_the_order_of_arguments_of_old(
    mock: MockTransport,
) -> None:
    notify_dashboard("submission_created", {"submission_id": 1})
    notify_user(1, {"title": "T"})
    notify_mentor(3, "review_request", {"request": {}})
    notify_student(7, "grade_received", GRADE)
    update_leaderboard([{"rank": 1}])
    group_send("course_9", {"type": "lesson"})
    assert [(event.group, event.type) for event in mock.events] == [
        ("dashboard_updates", "submission_created"),
        ("notifications_1", "notification"),
        ("mentor_3", "review_request"),
        ("student_7", "grade_received"),
        ("leaderboard_updates", "leaderboard_update"),
        ("course_9", "lesson"),
    ]


def test_each_twin_sends_the_same(mock: MockTransport) -> None:
    async def view() -> None:
        await anotify_dashboard("x", {"a": 1})
        await anotify_user(1, {"title": "T"})
        await anotify_mentor(3, "x", {})
        await anotify_student(7, "x", {})
        await aupdate_leaderboard([])
        await agroup_send("course_9", {"type": "lesson"})

    asyncio.run(view())
    groups = ["dashboard_updates", "notifications_1", "mentor_3", "student_7"]
    groups += ["leaderboard_updates", "course_9"]
    assert [event.group for event in mock.events] == groups


def test_every_helper_has_a_twin_with_the_same_signature() -> None:
    import inspect

    names = [n for n in carillon.django.__all__ if n[0] != "a" and n[0].islower()]
    for name in set(names) - {"counts"}:
        helper = inspect.signature(getattr(carillon.django, name))
        twin = inspect.signature(getattr(carillon.django, f"a{name}"))
        assert helper == twin, name


def test_djangos_own_lazy_values_are_read(mock: MockTransport) -> None:
    notify_student(7, "x", {"text": gettext_lazy("Graded")})
    assert mock.events[0].fields == {"text": "Graded"}


class InTransactions(TransactionTestCase):
    """Transactions that really commit."""

    databases = {"default", "archive"}

    def setUp(self) -> None:
        self.transport = MockTransport()
        using = use_transport(self.transport)
        using.__enter__()
        self.addCleanup(using.__exit__, None, None, None)

    @property
    def sent(self) -> int:
        return len(self.transport.events)

    def test_an_event_leaves_when_the_transaction_has_committed(self) -> None:
        with transaction.atomic():
            with transaction.atomic():
                notify_student(7, "grade_received", GRADE)
            assert self.sent == 0
        assert self.sent == 1

    def test_what_is_rolled_back_sends_nothing(self) -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            notify_student(7, "grade_received", GRADE)
            raise RuntimeError
        with transaction.atomic():
            with pytest.raises(RuntimeError), transaction.atomic():
                notify_student(7, "grade_received", GRADE)
                raise RuntimeError
            notify_dashboard("kept", {})
        assert [event.type for event in self.transport.events] == ["kept"]

    def test_outside_of_a_transaction_it_leaves_at_once(self) -> None:
        Submission.objects.create(student_id=7)
        notify_student(7, "grade_received", GRADE)
        assert self.sent == 1

    def test_on_commit_false_does_not_wait(self) -> None:
        with transaction.atomic():
            notify_student(7, "grade_received", GRADE, on_commit=False)
            assert self.sent == 1

    def test_using_names_the_database_whose_transaction_is_meant(self) -> None:
        with transaction.atomic(using="archive"):
            notify_student(7, "x", {}, using="archive")
            assert self.sent == 0
            notify_student(7, "x", {})
            assert self.sent == 1
        assert self.sent == 2

    def test_the_event_is_that_of_the_call_whatever_changes_before_the_commit(self) -> None:
        grade = {"score": 92}
        with transaction.atomic():
            notify_student(7, "grade_received", {"grade": grade})
            grade["score"] = 0
        assert self.transport.events[0].fields == {"grade": {"score": 92}}

    def test_a_wrong_argument_is_told_at_the_call(self) -> None:
        with transaction.atomic():
            with pytest.raises(ValueError, match="reserved"):
                notify_student(7, "pong", {})
            with pytest.raises(TypeError):
                notify_student(None, "x", {})  # type: ignore[arg-type]

    def test_a_failure_does_not_break_the_request_that_has_committed(self) -> None:
        failed = counts().failed
        for error in (Unavailable("down"), ConfigurationError("no key"), RuntimeError("a bug")):
            with (
                use_transport(MockTransport(fail(error))),
                self.assertLogs("carillon.django", "ERROR"),
                transaction.atomic(),
            ):
                Submission.objects.create(student_id=7)
                notify_student(7, "grade_received", GRADE)
                notify_dashboard("x", {})
        assert counts().failed == failed + 6
        assert Submission.objects.count() == 3

    def test_later_callbacks_of_the_commit_run_all_the_same(self) -> None:
        ran = []
        with (
            use_transport(MockTransport(fail(Unavailable("down")))),
            self.assertLogs("carillon.django", "ERROR"),
            transaction.atomic(),
        ):
            notify_student(7, "x", {})
            transaction.on_commit(lambda: ran.append(True))
        assert ran == [True]

    def test_in_a_manual_transaction_django_says_what_is_wrong(self) -> None:
        connection = connections["archive"]
        connection.ensure_connection()
        transaction.set_autocommit(False, using="archive")
        try:
            with self.assertRaisesMessage(
                transaction.TransactionManagementError, "on_commit() cannot be used"
            ):
                notify_student(7, "x", {}, using="archive")
            notify_student(7, "x", {}, using="archive", on_commit=False)
        finally:
            transaction.rollback(using="archive")
            transaction.set_autocommit(True, using="archive")
        assert self.sent == 1

    def test_a_twin_waits_for_the_transaction_of_the_code_that_called_it(self) -> None:
        async def inner() -> None:
            await anotify_student(7, "x", {})
            await anotify_student(7, "now", {}, on_commit=False)

        with transaction.atomic():
            async_to_sync(inner)()
            assert [event.type for event in self.transport.events] == ["now"]
        assert [event.type for event in self.transport.events] == ["now", "x"]


class InTestCase(TestCase):
    def test_events_wait_for_a_commit_that_never_comes(self) -> None:
        transport = MockTransport()
        with use_transport(transport):
            with self.captureOnCommitCallbacks() as callbacks:
                notify_student(7, "x", {})
            assert (len(callbacks), transport.events) == (1, [])


def test_without_a_transaction_no_database_is_touched(mock: MockTransport) -> None:
    """pytest-django refuses a test without the `db` fixture any connection."""
    notify_student(7, "x", {})
    assert len(mock.events) == 1


def test_on_commit_false_raises_what_went_wrong(caplog: pytest.LogCaptureFixture) -> None:
    with use_transport(MockTransport(fail(Unavailable("down")))):
        with pytest.raises(Unavailable, match="down"):
            notify_student(7, "x", {}, on_commit=False)
        notify_student(7, "x", {}, on_commit=False, fail_silently=True)
        with pytest.raises(Unavailable, match="down"):
            asyncio.run(anotify_student(7, "x", {}, on_commit=False))
        asyncio.run(anotify_student(7, "x", {}))


def test_the_setting_makes_a_commit_loud() -> None:
    with use_transport(MockTransport(fail(Unavailable("down")))):
        with override_settings(CARILLON={"FAIL_SILENTLY": False}):
            with pytest.raises(Unavailable):
                notify_student(7, "x", {})
            notify_student(7, "x", {}, fail_silently=True)
        with pytest.raises(Unavailable):
            notify_student(7, "x", {}, fail_silently=False)


def test_a_failure_is_logged_once_a_change_of_state(caplog: pytest.LogCaptureFixture) -> None:
    errors: list[Exception | None] = [
        None,
        Unavailable("down"),
        Unavailable("still down"),
        Refused(401, "Wrong key."),
        Refused(401, "Wrong key."),
        Refused(413, "Too large."),
        None,
        None,
    ]

    def answer(event: Event) -> Receipt:
        error = errors.pop(0)
        if error:
            raise error
        return Receipt()

    before = counts()
    with caplog.at_level(logging.INFO, "carillon.django"), use_transport(MockTransport(answer)):
        for _ in range(8):
            notify_student(7, "grade_received", {"secret": "s3cret"})
    records = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert [level for level, _ in records] == ["ERROR", "ERROR", "ERROR", "WARNING"]
    assert "'grade_received' for student_7 was not accepted" in records[0][1]
    assert "down" in records[0][1]
    assert "5 were lost" in records[3][1]
    assert "s3cret" not in str(records)
    assert (counts().sent, counts().failed) == (before.sent + 3, before.failed + 5)


def settings_for(server: CarillonServer) -> dict[str, Any]:
    return {"URL": server.url, "API_KEY": server.api_key}


@pytest.mark.django_db(transaction=True)
def test_a_view_reaches_the_students_page(server: CarillonServer) -> None:
    submission = Submission.objects.create(student_id=71)
    with (
        override_settings(CARILLON=settings_for(server)),
        server.connect("/ws/student/71/", 71) as page,
    ):
        response = Client().post(f"/submissions/{submission.pk}/grade/", {"grade": "92"})
        assert response.status_code == 200
        assert page.read_json() == {"type": "grade_received", "grade": {"score": 92}}


@pytest.mark.django_db(transaction=True)
def test_async_views_reach_the_page_with_either_helper(
    server: CarillonServer, redis_server: RedisServer
) -> None:
    submission = Submission.objects.create(student_id=72)

    async def requests() -> list[int]:
        client = AsyncClient()
        grade = f"/async/submissions/{submission.pk}/grade/"
        first = await client.post(grade, {"grade": "92"})
        second = await client.post("/async/submissions/72/sync/")
        return [first.status_code, second.status_code]

    with (
        override_settings(CARILLON=settings_for(server)),
        server.connect("/ws/student/72/", 72) as page,
    ):
        assert async_to_sync(requests)() == [200, 200]
        assert [page.read_json()["grade"]["score"] for _ in range(2)] == [92, 1]
    layers = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer",
                          "CONFIG": {"hosts": [redis_server.url]}}}  # fmt: skip
    with (
        override_settings(CHANNEL_LAYERS=layers),
        Receiver(redis_server.url, "student_72") as receiver,
    ):
        assert async_to_sync(requests)() == [200, 200]
        assert [receiver.read()["grade"]["score"] for _ in range(2)] == [92, 1]


def test_the_transport_is_the_layer_where_there_is_one_else_http(
    server: CarillonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CARILLON_URL", raising=False)
    memory = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    with override_settings(CHANNEL_LAYERS=memory):
        assert type(current()).__name__ == "LayerTransport"
        with override_settings(CARILLON=settings_for(server)):
            assert type(current()).__name__ == "LayerTransport"
        with override_settings(CARILLON={**settings_for(server), "TRANSPORT": "http"}):
            assert type(current()).__name__ == "HTTPTransport"
    with override_settings(CARILLON=settings_for(server)):
        assert type(current()).__name__ == "HTTPTransport"
        assert current() is current()
    monkeypatch.setenv("CARILLON_URL", server.url)
    monkeypatch.setenv("CARILLON_API_KEY", server.api_key)
    with override_settings(CARILLON={}):
        current().send(carillon.student_event(7, "x"))


class SlowToOpen(MockTransport):
    """Its first one waits to be released."""

    begun = threading.Event()
    released = threading.Event()

    def __init__(self) -> None:
        super().__init__()
        if not self.begun.is_set():
            self.begun.set()
            self.released.wait()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_that_is_forked_while_a_thread_opens_the_transport_opens_its_own() -> None:
    with override_settings(CARILLON={"TRANSPORT": f"{__name__}.SlowToOpen"}):
        opening = threading.Thread(target=current)
        opening.start()
        SlowToOpen.begun.wait()
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            try:
                os._exit(0 if isinstance(current(), SlowToOpen) else 1)
            finally:
                os._exit(1)
        status = os.waitpid(child, 0)[1]
        SlowToOpen.released.set()
        opening.join()
    assert status == 0


class TheirTransport(MockTransport):
    """One that a project brings."""


def test_a_project_may_bring_its_own_transport() -> None:
    here = f"{__name__}.TheirTransport"
    with override_settings(CARILLON={"TRANSPORT": here}):
        assert isinstance(current(), TheirTransport)
    for wrong in ("nowhere.Transport", f"{__name__}.GRADE"):
        with (
            override_settings(CARILLON={"TRANSPORT": wrong}),
            pytest.raises(ConfigurationError, match="TRANSPORT"),
        ):
            current()


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"CARILLON": {"TRANSPORT": "http"}}, "API key"),
        ({"CARILLON": {"TRANSPORT": "layer"}}, "CHANNEL_LAYERS has no 'default'"),
        ({"CARILLON": {"API_KEYS": "x"}}, "Did you mean 'API_KEY'"),
        ({"CHANNEL_LAYERS": {"default": {"BACKEND": "nowhere.Layer"}}}, "CHANNEL_LAYERS: "),
        (
            {"CHANNEL_LAYERS": {"default": {"BACKEND": CORE, "CONFIG": {"hosts": "redis://h"}}}},
            "CHANNEL_LAYERS: ValueError: You must pass a list",
        ),
    ],
)
def test_settings_that_cannot_work_are_logged_and_do_not_break_a_commit(
    settings: dict[str, Any], text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with override_settings(**{"CHANNEL_LAYERS": {}, **settings}):
        notify_student(7, "x", {})
        assert text in caplog.text
        with pytest.raises((ConfigurationError, TransportError), match="."):
            notify_student(7, "x", {}, on_commit=False)
