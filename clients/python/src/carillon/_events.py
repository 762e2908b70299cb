"""Events: what is sent, to which group.

The helpers' events are those of the real-time protocol; every rule that a publisher must keep is
checked here, before anything leaves, whichever transport carries it.
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ._values import plain

DASHBOARD_GROUP = "dashboard_updates"
LEADERBOARD_GROUP = "leaderboard_updates"

GROUP_LENGTH_MAX = 99
USER_ID_LENGTH_MAX = 64

# The frames that the server sends of its own accord: a publisher may not forge them.
RESERVED_TYPES = frozenset(
    {
        "auth_ok",
        "connection_established",
        "disconnect",
        "draining",
        "error",
        "ping",
        "pong",
        "subscribed",
        "token_expiring",
        "unread_count",
        "unsubscribed",
    }
)
RESERVED_PREFIXES = ("carillon.", "websocket.")

_GROUP = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)

UserId = int | str | uuid.UUID


@dataclass(frozen=True, slots=True)
class Event:
    """One event for one group, checked and copied when it was made.

    `message` is what the channel layer carries: `{"type": …}` and the fields beside it. `method`,
    `path` and `body` are the request that says the same to Carillon's HTTP API.
    """

    group: str
    message: dict[str, Any]
    method: str
    path: str
    body: dict[str, Any]

    @property
    def type(self) -> str:
        return str(self.message["type"])

    @property
    def fields(self) -> dict[str, Any]:
        """The message without its type."""
        return {name: value for name, value in self.message.items() if name != "type"}


def student_group(student_id: UserId) -> str:
    return f"student_{_user_id(student_id, 'student_id')}"


def mentor_group(mentor_id: UserId) -> str:
    return f"mentor_{_user_id(mentor_id, 'mentor_id')}"


def user_group(user_id: UserId) -> str:
    return f"notifications_{_user_id(user_id, 'user_id')}"


def dashboard_event(event_type: str, data: Mapping[str, Any] | None = None) -> Event:
    return _typed(DASHBOARD_GROUP, "dashboard/", event_type, data)


def student_event(
    student_id: UserId, event_type: str, data: Mapping[str, Any] | None = None
) -> Event:
    student = _user_id(student_id, "student_id")
    return _typed(f"student_{student}", f"students/{_segment(student)}/", event_type, data)


def mentor_event(
    mentor_id: UserId, event_type: str, data: Mapping[str, Any] | None = None
) -> Event:
    mentor = _user_id(mentor_id, "mentor_id")
    return _typed(f"mentor_{mentor}", f"mentors/{_segment(mentor)}/", event_type, data)


def user_event(user_id: UserId, notification: Mapping[str, Any]) -> Event:
    user = _user_id(user_id, "user_id")
    if not isinstance(notification, Mapping):
        raise TypeError(f"notification must be a dictionary, not {_kind(notification)}")
    body = {"notification": plain(notification, "notification", 2)}
    stored_id = body["notification"].get("id")
    if stored_id is not None and (
        isinstance(stored_id, bool) or not isinstance(stored_id, (int, str))
    ):
        raise TypeError("the id of a notification is an integer or a string")
    message = {"type": "notification", **body}
    return Event(f"notifications_{user}", message, "POST", f"users/{_segment(user)}/", body)


def leaderboard_event(leaderboard: Iterable[Any]) -> Event:
    if isinstance(leaderboard, (str, bytes, Mapping)) or not isinstance(leaderboard, Iterable):
        raise TypeError(f"leaderboard must be a list of rows, not {_kind(leaderboard)}")
    body = {"leaderboard": plain(list(leaderboard), "leaderboard", 2)}
    message = {"type": "leaderboard_update", **body}
    return Event(LEADERBOARD_GROUP, message, "PUT", "leaderboard/", body)


def group_event(group: str, message: Mapping[str, Any]) -> Event:
    """Any event for any group: `message` is `{"type": …}` and fields, as for `group_send`."""
    if not isinstance(message, Mapping):
        raise TypeError(f"an event must be a dictionary, not {_kind(message)}")
    if "type" not in message:
        raise ValueError('an event needs a "type"')
    name = check_group(group)
    body = plain(message, "event")
    check_type(body["type"])
    user = name.removeprefix("notifications_")
    is_notification = set(body) == {"type", "notification"} and body["type"] == "notification"
    if is_notification and user != name and isinstance(body["notification"], dict):
        return user_event(user, body["notification"])
    return Event(name, body, "POST", f"groups/{_segment(name)}/", body)


def check_group(group: str) -> str:
    if not isinstance(group, str):
        raise TypeError(f"a group's name must be a string, not {_kind(group)}")
    if len(group) > GROUP_LENGTH_MAX or not _GROUP.fullmatch(group):
        raise ValueError(
            f"{group[:120]!r} cannot be a group: 1 to {GROUP_LENGTH_MAX} letters, digits, "
            "'-', '_' and '.'"
        )
    if group.startswith("carillon."):
        raise ValueError("groups that begin with 'carillon.' are the server's own")
    return str.__str__(group)


def check_type(event_type: str) -> str:
    if not isinstance(event_type, str):
        raise TypeError(f"event_type must be a string, not {_kind(event_type)}")
    if not event_type:
        raise ValueError("event_type is empty")
    name = event_type.replace(".", "_")
    if name.startswith("_"):
        raise ValueError(f"event_type {event_type!r} begins with an underscore or a dot")
    if name in RESERVED_TYPES or event_type.startswith(RESERVED_PREFIXES):
        raise ValueError(f"event_type {event_type!r} is reserved for the server itself")
    return str.__str__(event_type)


def _typed(group: str, path: str, event_type: str, data: Mapping[str, Any] | None) -> Event:
    checked = check_type(plain(event_type) if isinstance(event_type, str) else event_type)
    if data is not None and not isinstance(data, Mapping):
        raise TypeError(f"data must be a dictionary, not {_kind(data)}")
    fields = plain(data or {})
    if "type" in fields:
        raise ValueError('data holds a "type": the type of an event is its event_type')
    message = {"type": checked, **fields}
    return Event(group, message, "POST", path, {"event_type": checked, "data": fields})


def _user_id(user_id: UserId, name: str) -> str:
    if isinstance(user_id, bool) or not isinstance(user_id, (int, str, uuid.UUID)):
        hint = " (an object that has not been saved yet?)" if user_id is None else ""
        raise TypeError(f"{name} must be a user's id, not {_kind(user_id)}{hint}")
    text = str(user_id)
    if len(text) > USER_ID_LENGTH_MAX or not _GROUP.fullmatch(text):
        raise ValueError(
            f"{text[:80]!r} cannot be a user's id: 1 to {USER_ID_LENGTH_MAX} letters, digits, "
            "'-', '_' and '.'"
        )
    return text


def _segment(name: str) -> str:
    """A name in a path: "." and ".." would be taken for steps of it."""
    return name.replace(".", "%2E") if not name.strip(".") else name


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__qualname__}"
