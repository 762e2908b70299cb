"""A transport that reaches nobody, for the tests of those who publish."""

from collections.abc import Callable

from .._events import Event
from .base import Receipt, Transport

Answer = Callable[[Event], Receipt]


class MockTransport(Transport):
    """Keeps what is sent in `events`, in order.

    `answer` is called with each event before it is kept: it may return a receipt of its own, or
    raise a TransportError to see how the caller takes it.
    """

    def __init__(self, answer: Answer | None = None) -> None:
        self.events: list[Event] = []
        self._answer = answer

    def send(self, event: Event) -> Receipt:
        receipt = self._answer(event) if self._answer else Receipt(f"mock-{len(self.events) + 1}")
        self.events.append(event)
        return receipt

    async def asend(self, event: Event) -> Receipt:
        return self.send(event)

    def to(self, group: str) -> list[Event]:
        """Those that were sent to one group."""
        return [event for event in self.events if event.group == group]
