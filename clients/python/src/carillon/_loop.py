"""One event loop on a thread of its own, for synchronous code that must await.

A coroutine that runs there is in nobody's way: not in that of an event loop on the calling
thread (asgiref's async_to_sync refuses there), and its connections stay open from call to call
(async_to_sync opens new ones for each).
"""

import asyncio
import atexit
import concurrent.futures
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ._forks import reset_after_fork

T = TypeVar("T")

JOIN_TIMEOUT_S = 5.0


class BackgroundLoop:
    """Started by the first call, stopped when the process ends; a forked child starts its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: threading.Event | None = None
        self._parents_loops: list[asyncio.AbstractEventLoop | None] = []
        reset_after_fork(self)
        atexit.register(self.stop)

    def run(self, make: Callable[[], Coroutine[Any, Any, T]], timeout_s: float) -> T:
        """The result of the coroutine, or TimeoutError; the calling thread waits.

        Under gevent only the calling greenlet waits."""
        future = self._submit(make, timeout_s)
        # The loop keeps the time; the margin is for a thread that is itself in trouble.
        return wait_for(future, timeout_s + JOIN_TIMEOUT_S)

    async def arun(self, make: Callable[[], Coroutine[Any, Any, T]], timeout_s: float) -> T:
        return await asyncio.wrap_future(self._submit(make, timeout_s))

    def stop(self) -> None:
        """Closes the loop, which closes what its users keep open on it."""
        with self._lock:
            loop, ended, self._loop = self._loop, self._ended, None
        if loop is not None and ended is not None:
            loop.call_soon_threadsafe(loop.stop)
            ended.wait(JOIN_TIMEOUT_S)

    def reset_in_child(self) -> None:
        # Kept, never used and never closed: the sockets behind it are the parent's, too.
        self._parents_loops.append(self._loop)
        self._lock, self._loop, self._ended = threading.Lock(), None, None

    def _submit(
        self, make: Callable[[], Coroutine[Any, Any, T]], timeout_s: float
    ) -> "concurrent.futures.Future[T]":
        async def bounded() -> T:
            return await asyncio.wait_for(make(), timeout_s)

        return asyncio.run_coroutine_threadsafe(bounded(), self._running())

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop, self._ended = asyncio.new_event_loop(), threading.Event()
                start_thread(_serve, (self._loop, self._ended))
            return self._loop


def _serve(loop: asyncio.AbstractEventLoop, ended: threading.Event) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        _cancel_all(loop)
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
        ended.set()


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


def is_gevent() -> bool:
    """Whether gevent has replaced the threads of this process by greenlets."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


def start_thread(function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """A thread of the operating system, also under gevent: in a greenlet, the running loop would
    be seen by every other greenlet, and Django would refuse all of them the database."""
    if is_gevent():
        start = sys.modules["gevent.monkey"].get_original("_thread", "start_new_thread")
        start(function, arguments)
        return
    threading.Thread(target=function, args=arguments, name="carillon", daemon=True).start()


def wait_for(future: "concurrent.futures.Future[T]", timeout_s: float) -> T:
    if is_gevent():
        _wait_in_greenlet(future, timeout_s)
        timeout_s = 0
    try:
        return future.result(timeout_s)
    except TimeoutError:
        future.cancel()
        raise


def _wait_in_greenlet(future: "concurrent.futures.Future[Any]", timeout_s: float) -> None:
    """Lets other greenlets run until the future is done, on whichever thread that happens."""
    import gevent
    from gevent.hub import Waiter

    hub = gevent.get_hub()
    waiter: Any = Waiter()
    watcher = hub.loop.async_()
    watcher.start(waiter.switch, None)
    try:
        future.add_done_callback(lambda _: watcher.send())
        with gevent.Timeout(timeout_s, False):
            waiter.get()
    finally:
        watcher.stop()
        watcher.close()
