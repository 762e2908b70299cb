"""The helpers: one call, and every browser concerned knows.

Each checks its arguments at once (TypeError, ValueError) and sends when the transaction that it
is called in has committed; outside of one, right away. What is rolled back sends nothing. The
keyword arguments are the same for all:

`on_commit=False` sends at once, whatever becomes of the transaction.
`using` names the database whose transaction is meant; the default one unless given.
`fail_silently`: a failure to send is logged and counted, not raised. True for what is sent on
commit (unless CARILLON["FAIL_SILENTLY"] says otherwise), False with `on_commit=False`.

The twins that begin with `a` are to be awaited. The others work on an event loop as well, but it
waits for them.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction

from .. import _events as events
from .._events import Event, UserId
from . import _transport, conf
from ._deliveries import deliveries

Data = Mapping[str, Any] | None


def notify_dashboard(
    event_type: str,
    data: Data = None,
    *,
    on_commit: bool = True,
    using: str | None = None,
    fail_silently: bool | None = None,
) -> None:
    """To everyone at the dashboard, `/ws/dashboard/`."""
    publish(events.dashboard_event(event_type, data), on_commit, using, fail_silently)


def notify_user(
    user_id: UserId,
    notification: Mapping[str, Any],
    *,
    on_commit: bool = True,
    using: str | None = None,
    fail_silently: bool | None = None,
) -> None:
    """A notification for one user, `/ws/notifications/`: `{"title": …, "message": …}`.

    Over HTTP it is stored in the user's inbox first; through the layer it is not."""
    publish(events.user_event(user_id, notification), on_commit, using, fail_silently)


def notify_mentor(
    mentor_id: UserId,
    event_type: str,
    data: Data = None,
    *,
    on_commit: bool = True,
    using: str | None = None,
    fail_silently: bool | None = None,
) -> None:
    """To one mentor, `/ws/mentor/{mentor_id}/`."""
    publish(events.mentor_event(mentor_id, event_type, data), on_commit, using, fail_silently)


def notify_student(
    student_id: UserId,
    event_type: str,
    data: Data = None,
    *,
    on_commit: bool = True,
    using: str | None = None,
    fail_silently: bool | None = None,
) -> None:
    """To one student, `/ws/student/{student_id}/`."""
    publish(events.student_event(student_id, event_type, data), on_commit, using, fail_silently)


def update_leaderboard(
    leaderboard: Iterable[Any],
    *,
    on_commit: bool = True,
    using: str | None = None,
    fail_silently: bool | None = None,
) -> None:
    """The new rows to everyone at `/ws/leaderboard/`, and to whoever connects later."""
    publish(events.leaderboard_event(leaderboard), on_commit, using, fail_silently)


def group_send(
    group: str,
    message: Mapping[str, Any],
    *,
    on_commit: bool = True,
    using: str | None = None,
    fail_silently: bool | None = None,
) -> None:
    """Any event to any group, for endpoints of your own: `message` is `{"type": …}` and fields."""
    publish(events.group_event(group, message), on_commit, using, fail_silently)


async def anotify_dashboard(
    event_type: str,
    data: Data = None,
    *,
    on_commit: bool = True,
    using: str | None = None,
    fail_silently: bool | None = None,
) -> None:
    await apublish(events.dashboard_event(event_type, data), on_commit, using, fail_silently)


async def anotify_user(
    user_id: UserId,
    notification: Mapping[str, Any],
    *,
    on_commit: bool = True,
    using: str | None = None,
    fail_silently: bool | None = None,
) -> None:
    await apublish(events.user_event(user_id, notification), on_commit, using, fail_silently)


async def anotify_mentor(
    mentor_id: UserId,
    event_type: str,
    data: Data = None,
    *,
    on_commit: bool = True,
    using: str | None = None,
    fail_silently: bool | None = None,
) -> None:
    event = events.mentor_event(mentor_id, event_type, data)
    await apublish(event, on_commit, using, fail_silently)


async def anotify_student(
    student_id: UserId,
    event_type: str,
    data: Data = None,
    *,
    on_commit: bool = True,
    using: str | None = None,
    fail_silently: bool | None = None,
) -> None:
    event = events.student_event(student_id, event_type, data)
    await apublish(event, on_commit, using, fail_silently)


async def aupdate_leaderboard(
    leaderboard: Iterable[Any],
    *,
    on_commit: bool = True,
    using: str | None = None,
    fail_silently: bool | None = None,
) -> None:
    await apublish(events.leaderboard_event(leaderboard), on_commit, using, fail_silently)


async def agroup_send(
    group: str,
    message: Mapping[str, Any],
    *,
    on_commit: bool = True,
    using: str | None = None,
    fail_silently: bool | None = None,
) -> None:
    await apublish(events.group_event(group, message), on_commit, using, fail_silently)


def publish(event: Event, on_commit: bool, using: str | None, fail_silently: bool | None) -> None:
    deliver = partial(_deliver, event, on_commit, fail_silently)
    if not (on_commit and defer(deliver, using)):
        deliver()


async def apublish(
    event: Event, on_commit: bool, using: str | None, fail_silently: bool | None
) -> None:
    # The transaction, if there is one, is on the thread that this context's queries run on.
    deliver = partial(_deliver, event, on_commit, fail_silently)
    if on_commit and await sync_to_async(defer, thread_sensitive=True)(deliver, using):
        return
    try:
        await _transport.current().asend(event)
    except Exception as error:
        deliveries.failed(event, error)
        if not _is_silent(on_commit, fail_silently):
            raise
    else:
        deliveries.accepted()


def defer(deliver: Callable[[], None], using: str | None) -> bool:
    """Leaves `deliver` to the commit of this thread's transaction; False when there is none.

    Never opens a connection: who has none cannot have written anything."""
    connection = transaction.get_connection(using)
    has_transaction = connection.in_atomic_block or (
        connection.connection is not None and not connection.autocommit
    )
    if has_transaction:
        # In manual transactions Django itself refuses, and says why.
        connection.on_commit(deliver)
    return has_transaction


def _deliver(event: Event, on_commit: bool, fail_silently: bool | None) -> None:
    try:
        _transport.current().send(event)
    except Exception as error:
        deliveries.failed(event, error)
        if not _is_silent(on_commit, fail_silently):
            raise
    else:
        deliveries.accepted()


def _is_silent(on_commit: bool, fail_silently: bool | None) -> bool:
    if fail_silently is not None:
        return fail_silently
    if not on_commit:
        return False
    # Settings that cannot be read are a failure like any other: the request has committed.
    return conf.problems() != [] or conf.load().fail_silently
