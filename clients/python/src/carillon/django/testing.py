"""Tests of what is sent, without a network and without committing.

class GradeTests(RealtimeTestCase):
    def test_tells_the_student(self):
        with self.assertNotified("student_7", "grade_received", {"grade": {"score": 92}}):
            self.client.post("/api/submissions/1/grade/", {"grade": 92})
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS
from django.test import TestCase, TransactionTestCase

from .._events import Event
from .._transports.memory import MockTransport
from ._transport import use_transport

__all__ = ["RealtimeTestCase", "RealtimeTestMixin", "RealtimeTransactionTestCase", "capture_events"]


@contextmanager
def capture_events() -> Iterator[list[Event]]:
    """The events that leave within the block, on any thread; nothing goes out."""
    transport = MockTransport()
    with use_transport(transport):
        yield transport.events


if TYPE_CHECKING:
    _Base = TransactionTestCase
else:
    _Base = object


class RealtimeTestMixin(_Base):
    """For a test case of Django's. No test of it sends anything; what left is in `self.events`."""

    events: list[Event]

    def setUp(self) -> None:
        super().setUp()
        capturing = capture_events()
        self.events = capturing.__enter__()
        self.addCleanup(capturing.__exit__, None, None, None)

    @contextmanager
    def captureEvents(self, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[list[Event]]:
        """The events of the block, with those that wait for a commit: in a TestCase, whose
        transaction never commits, they leave when the block ends."""
        first = len(self.events)
        captured: list[Event] = []
        with ExitStack() as stack:
            capture = getattr(self, "captureOnCommitCallbacks", None)
            if capture is not None:
                stack.enter_context(capture(using=using, execute=True))
            yield captured
        captured += self.events[first:]

    @contextmanager
    def assertNotified(
        self,
        group: str,
        event_type: str | None = None,
        fields: Mapping[str, Any] | None = None,
        *,
        count: int | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> Iterator[list[Event]]:
        """The block sends an event to `group`, of this type and with (at least) these fields.

        `count` demands that many of them; otherwise one or more will do. Gives the list of all
        events of the block, filled when it ends."""
        with self.captureEvents(using=using) as events:
            yield events
        matching = [e for e in events if _matches(e, group, event_type, fields)]
        if count is None and matching or count == len(matching):
            return
        wanted = "an event" if count is None else f"{count} events"
        kind = f" {event_type!r}" if event_type is not None else ""
        having = f" with {dict(fields)!r}" if fields is not None else ""
        raise self.failureException(
            f"{wanted}{kind} to {group}{having} expected, {len(matching)} sent. "
            f"Sent were:{_listing(events)}"
        )

    @contextmanager
    def assertNothingSent(self, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
        with self.captureEvents(using=using) as events:
            yield
        if events:
            raise self.failureException(f"nothing was to be sent. Sent were:{_listing(events)}")


class RealtimeTestCase(RealtimeTestMixin, TestCase):
    """TestCase with `assertNotified`."""


class RealtimeTransactionTestCase(RealtimeTestMixin, TransactionTestCase):
    """TransactionTestCase with `assertNotified`: transactions commit, and events leave then."""


def _matches(
    event: Event, group: str, event_type: str | None, fields: Mapping[str, Any] | None
) -> bool:
    if event.group != group or event_type not in (None, event.type):
        return False
    return all(
        name in event.fields and event.fields[name] == wanted
        for name, wanted in (fields or {}).items()
    )


def _listing(events: list[Event]) -> str:
    if not events:
        return " none."
    return "".join(f"\n  {event.group}: {event.message!r}" for event in events)
