"""What became of the events: counted, and logged once a change of state."""

import logging
import threading
from dataclasses import dataclass

from .._events import Event
from .._exceptions import Refused, TransportError, Unavailable
from .._forks import reset_after_fork

logger = logging.getLogger("carillon.django")


@dataclass(frozen=True)
class Counts:
    """Events of this process since it began."""

    sent: int = 0
    failed: int = 0


class Deliveries:
    """One state for all events: accepted, or failing for one reason."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent = 0
        self._failed = 0
        self._state = ""  # "" while events are accepted, else the kind of failure
        self._failed_in_state = 0
        reset_after_fork(self)

    def counts(self) -> Counts:
        with self._lock:
            return Counts(self._sent, self._failed)

    def accepted(self) -> None:
        with self._lock:
            self._sent += 1
            was, lost = self._state, self._failed_in_state
            self._state, self._failed_in_state = "", 0
        if was:
            logger.warning("events are accepted again; %d were lost meanwhile", lost)

    def failed(self, event: Event, error: Exception) -> None:
        state = kind_of(error)
        with self._lock:
            self._failed += 1
            self._failed_in_state += 1
            changed = state != self._state
            self._state = state
        if changed:
            # Not the event's fields: they are the application's, and may be secret.
            logger.error(
                "an event %r for %s was not accepted, nor may later ones be: %s",
                event.type,
                event.group,
                error,
                exc_info=not isinstance(error, TransportError),
            )

    def reset_in_child(self) -> None:
        self._lock = threading.Lock()
        self._sent = self._failed = self._failed_in_state = 0
        self._state = ""


def kind_of(error: Exception) -> str:
    if isinstance(error, Refused):
        return f"refused {error.status}"
    return "unavailable" if isinstance(error, Unavailable) else type(error).__qualname__


deliveries = Deliveries()


def counts() -> Counts:
    """How many events this process sent, and how many were not accepted."""
    return deliveries.counts()
