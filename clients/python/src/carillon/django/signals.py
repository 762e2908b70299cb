"""Events that follow from saving a model, without a line in its views.

    from carillon import student_group
    from carillon.django.signals import broadcast_on_save

    @broadcast_on_save(Feedback, to=lambda f: student_group(f.student_id),
                       event_type="feedback_received", when="created")
    def feedback_event(feedback):
        return {"feedback": {"id": feedback.pk, "text": feedback.text}}

Register in an AppConfig's ready(). The event leaves when the transaction of the save has
committed; fixtures (`loaddata`) send nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeVar, overload

from django.db.models import Model
from django.db.models.signals import post_save, pre_save

from .. import _events as events
from .._events import DASHBOARD_GROUP, mentor_group, student_group
from .notify import publish

M = TypeVar("M", bound=Model)
Serialize = Callable[[M], Mapping[str, Any] | None]
Groups = str | Iterable[str] | None
When = Literal["created", "updated", "saved"]

_PREVIOUS = "_carillon_previous_"


@overload
def broadcast_on_save(
    model: type[M],
    *,
    to: str | Callable[[M], Groups],
    event_type: str,
    serialize: Serialize[M],
    when: When | Callable[[M, bool], bool] = ...,
    dispatch_uid: str | None = ...,
) -> Serialize[M]: ...


@overload
def broadcast_on_save(
    model: type[M],
    *,
    to: str | Callable[[M], Groups],
    event_type: str,
    serialize: None = None,
    when: When | Callable[[M, bool], bool] = ...,
    dispatch_uid: str | None = ...,
) -> Callable[[Serialize[M]], Serialize[M]]: ...


def broadcast_on_save(
    model: type[M],
    *,
    to: str | Callable[[M], Groups],
    event_type: str,
    serialize: Serialize[M] | None = None,
    when: When | Callable[[M, bool], bool] = "saved",
    dispatch_uid: str | None = None,
) -> Serialize[M] | Callable[[Serialize[M]], Serialize[M]]:
    """Sends `{"type": event_type, **serialize(instance)}` whenever a `model` is saved.

    `to` is a group (`carillon.DASHBOARD_GROUP`), or a callable that names one, several or None for
    an instance. `serialize` may return None to send nothing; without it this is a decorator of it.
    `when` is "created", "updated", "saved" (both), or a callable(instance, created).
    `dispatch_uid` is that of Django's signals: what is registered twice under one counts once.
    """
    events.check_type(event_type)
    if isinstance(to, str):
        events.check_group(to)

    def register(serialize: Serialize[M]) -> Serialize[M]:
        def saved(sender: type[M], instance: M, created: bool, **kwargs: Any) -> None:
            if kwargs.get("raw") or not _applies(when, instance, created):
                return
            groups = _groups(to(instance) if callable(to) else to)
            fields = serialize(instance) if groups else None
            if fields is not None:
                _send(groups, event_type, fields, kwargs.get("using"))

        post_save.connect(saved, sender=model, weak=False, dispatch_uid=dispatch_uid)
        return serialize

    return register if serialize is None else register(serialize)


def connect_submissions(
    model: type[M],
    *,
    mentor: str | Callable[[M], Any] | None = "mentor_id",
    serialize: Serialize[M] | None = None,
) -> None:
    """A new submission: `submission_created` at the dashboard, `student_submission` to its mentor.

    `mentor` is the attribute that holds the mentor's user id, or a callable; None: no mentor is
    told. `serialize` makes what stands under "submission": its id unless given."""
    describe = serialize or (lambda instance: {"id": instance.pk})

    def dashboard_fields(instance: M) -> Mapping[str, Any]:
        return {"submission_id": instance.pk, "submission": describe(instance)}

    def mentor_fields(instance: M) -> Mapping[str, Any]:
        return {"submission": describe(instance)}

    broadcast_on_save(
        model,
        to=DASHBOARD_GROUP,
        event_type="submission_created",
        serialize=dashboard_fields,
        when="created",
    )
    if mentor is not None:
        broadcast_on_save(
            model,
            to=lambda instance: _group_of(mentor_group, _read(instance, mentor)),
            event_type="student_submission",
            serialize=mentor_fields,
            when="created",
        )


def connect_grades(
    model: type[M],
    *,
    grade: str = "grade",
    student: str | Callable[[M], Any] = "student_id",
    serialize: Serialize[M] | None = None,
) -> None:
    """A grade that is given or changed: `grade_received` to the student, `grade_updated` at the
    dashboard.

    `grade` is the field, None while there is no grade; `student` is the attribute that holds the
    student's user id, or a callable. `serialize` makes what stands under "grade": `score` and
    `submission_id` unless given. To know a change, one query for the old grade is made before a
    save that may have changed it."""
    describe = serialize or (
        lambda instance: {"score": getattr(instance, grade), "submission_id": instance.pk}
    )

    def remember(sender: type[M], instance: M, **kwargs: Any) -> None:
        setattr(instance, _PREVIOUS + grade, _stored(sender, instance, grade, kwargs))

    def is_new(instance: M, created: bool) -> bool:
        now = getattr(instance, grade)
        return now is not None and (created or getattr(instance, _PREVIOUS + grade, now) != now)

    def fields(instance: M) -> Mapping[str, Any]:
        return {"grade": describe(instance)}

    pre_save.connect(remember, sender=model, weak=False)
    broadcast_on_save(
        model,
        to=lambda instance: _group_of(student_group, _read(instance, student)),
        event_type="grade_received",
        serialize=fields,
        when=is_new,
    )
    broadcast_on_save(
        model, to=DASHBOARD_GROUP, event_type="grade_updated", serialize=fields, when=is_new
    )


def _applies(when: When | Callable[[M, bool], bool], instance: M, created: bool) -> bool:
    if callable(when):
        return when(instance, created)
    return when == "saved" or created == (when == "created")


def _groups(groups: Groups) -> list[str]:
    if groups is None:
        return []
    return [groups] if isinstance(groups, str) else list(groups)


def _send(groups: list[str], event_type: str, fields: Mapping[str, Any], using: str | None) -> None:
    if "type" in fields:
        raise ValueError('serialize returned a "type": the type of an event is its event_type')
    for group in groups:
        event = events.group_event(group, {"type": event_type, **fields})
        publish(event, True, using, None)


def _read(instance: M, source: str | Callable[[M], Any]) -> Any:
    return source(instance) if callable(source) else getattr(instance, source)


def _group_of(make_group: Callable[[Any], str], user_id: Any) -> str | None:
    return None if user_id is None else make_group(user_id)


def _stored(sender: type[M], instance: M, field: str, saving: Mapping[str, Any]) -> Any:
    """The value before the save; the present one where the save cannot change it."""
    now = getattr(instance, field)
    only = saving.get("update_fields")
    if saving.get("raw") or now is None or (only is not None and field not in only):
        return now
    rows = sender._base_manager.using(saving.get("using")).filter(pk=instance.pk)
    return rows.values_list(field, flat=True).first()
