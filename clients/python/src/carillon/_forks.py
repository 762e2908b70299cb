"""What a forked child must not share with its parent: locks, threads and sockets.

Celery's prefork pool, gunicorn --preload and uWSGI all fork after the application is loaded.
"""

import os
import weakref
from typing import Protocol


class Forked(Protocol):
    def reset_in_child(self) -> None:
        """Called in the child, before any other of its code, on its only thread."""


_registered: "weakref.WeakSet[Forked]" = weakref.WeakSet()


def reset_after_fork(forked: Forked) -> None:
    """Has `forked.reset_in_child()` called in each child, for as long as the object lives."""
    _registered.add(forked)


def _in_child() -> None:
    for forked in list(_registered):
        forked.reset_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
