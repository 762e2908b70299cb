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
Make = Callable[[], Coroutine[Any, Any, T]]

# For a thread that is itself in trouble; the loop keeps the time of what it runs.
MARGIN_S = 5.0


class BackgroundLoop:
    """Started by the first call, stopped when the process ends; a forked child starts its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: _Thread | _GeventThread | None = None
        self._parents_workers: list[_Thread | _GeventThread | None] = []
        reset_after_fork(self)

    def run(self, make: Make[T], timeout_s: float) -> T:
        """The result of the coroutine, or TimeoutError; the calling thread waits.

        Under gevent only the calling greenlet waits."""
        return self._running().run(make, timeout_s)

    async def arun(self, make: Make[T], timeout_s: float) -> T:
        return await self._running().arun(make, timeout_s)

    def stop(self) -> None:
        """Closes the loop, which closes what its users keep open on it."""
        with self._lock:
            worker, self._worker = self._worker, None
        if worker is not None:
            atexit.unregister(self.stop)
            worker.stop()

    def reset_in_child(self) -> None:
        # Kept, never used and never closed: the sockets behind it are the parent's, too.
        self._parents_workers.append(self._worker)
        self._lock, self._worker = threading.Lock(), None

    def _running(self) -> "_Thread | _GeventThread":
        with self._lock:
            if self._worker is None:
                self._worker = _GeventThread() if is_gevent() else _Thread()
                atexit.register(self.stop)
            return self._worker


class _Thread:
    """The loop runs for ever; any thread and any loop may hand it a coroutine."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="carillon", daemon=True)
        self._thread.start()

    def run(self, make: Make[T], timeout_s: float) -> T:
        future = self._submit(make, timeout_s)
        try:
            return future.result(timeout_s + MARGIN_S)
        except (concurrent.futures.TimeoutError, asyncio.TimeoutError):
            future.cancel()
            raise TimeoutError from None

    async def arun(self, make: Make[T], timeout_s: float) -> T:
        try:
            return await asyncio.wrap_future(self._submit(make, timeout_s))
        except asyncio.TimeoutError:
            raise TimeoutError from None

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(MARGIN_S)

    def _submit(self, make: Make[T], timeout_s: float) -> "concurrent.futures.Future[T]":
        return asyncio.run_coroutine_threadsafe(_bounded(make, timeout_s), self._loop)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        finally:
            self._loop.close()


class _GeventThread:
    """gevent's own kind of native thread, which runs one coroutine after the other.

    On a greenlet's thread a running loop would be seen by every other greenlet, and Django would
    refuse all of them the database."""

    def __init__(self) -> None:
        from gevent.threadpool import ThreadPool

        self._pool: Any = ThreadPool(1)
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, make: Make[T], timeout_s: float) -> T:
        result: T = self._pool.apply(self._run, (make, timeout_s))
        return result

    async def arun(self, make: Make[T], timeout_s: float) -> T:
        return self.run(make, timeout_s)

    def stop(self) -> None:
        self._pool.apply(self._close)
        self._pool.kill()

    def _run(self, make: Make[T], timeout_s: float) -> T:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        try:
            return self._loop.run_until_complete(_bounded(make, timeout_s))
        except asyncio.TimeoutError:
            raise TimeoutError from None

    def _close(self) -> None:
        if self._loop is not None:
            self._loop.close()


async def _bounded(make: Make[T], timeout_s: float) -> T:
    return await asyncio.wait_for(make(), timeout_s)


def is_gevent() -> bool:
    """Whether gevent has replaced the threads of this process by greenlets."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))
