"""The seam between what is said and how it travels."""

import abc
import asyncio
from dataclasses import dataclass

from .._events import Event


@dataclass(frozen=True, slots=True)
class Receipt:
    """Says that an event was accepted.

    `id` is the server's, None through a channel layer, which gives none. `over_capacity` counts
    the named channels that were full and missed the event.
    """

    id: str | None = None
    over_capacity: int = 0


class Transport(abc.ABC):
    """Carries events. One object serves every thread and every event loop of a process, and goes
    on working in a child that was forked from it."""

    @abc.abstractmethod
    def send(self, event: Event) -> Receipt:
        """Returns when the event is accepted, within a bound; raises TransportError if it is not.

        May be called on any thread, also on one that runs an event loop, which then waits."""

    async def asend(self, event: Event) -> Receipt:
        """The same without holding up the event loop it is awaited on."""
        return await asyncio.to_thread(self.send, event)

    def close(self) -> None:  # noqa: B027 - a transport may have nothing to give back
        """Gives back what it holds. May be called twice; a later `send` opens it anew."""
