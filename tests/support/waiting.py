"""Waiting for conditions: never a fixed pause, always a generous deadline."""

import os
import select
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Sanitizer builds are slow; whoever runs one may stretch every deadline.
DEADLINE_S = 20.0 * float(os.environ.get("CARILLON_TEST_PATIENCE", "1"))


class TooLong(AssertionError):
    """A condition did not come true before its deadline."""


def wait_until(
    condition: Callable[[], T | None],
    what: str,
    deadline_s: float = DEADLINE_S,
    pause_s: float = 0.01,
) -> T:
    """The first true value of `condition`, asked again and again."""
    until = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= until:
            raise TooLong(f"waited {deadline_s:.0f} s for {what}; last seen: {value!r}")
        select.select([], [], [], pause_s)
