"""Somebody who publishes over HTTP at an even rate, and keeps what each publish was told."""

import json
import threading
import time
from typing import Any

from tests.support.http import Connection
from tests.support.server import API_KEY, Server
from tests.support.waiting import DEADLINE_S, wait_until

HEADERS = [("Authorization", f"Api-Key {API_KEY}"), ("Content-Type", "application/json")]


class Publisher:
    """Sends {"type": "step", "n": 0}, 1, 2, … to a group, from a thread, until it is stopped."""

    def __init__(self, server: Server, group: str, per_s: float, **fields: Any) -> None:
        self._server = server
        self._target = f"/api/realtime/groups/{group}/"
        self._pause_s = 1 / per_s
        self._fields = fields
        self._stopping = threading.Event()
        self.statuses: list[int] = []  # by n
        self.told_at: list[float] = []  # on the monotonic clock, by n
        self.trouble: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Publisher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        if self.trouble is not None:
            raise self.trouble

    def _run(self) -> None:
        try:
            with self._server.open() as connection:
                begun = time.monotonic()
                while not self._stopping.is_set():
                    self._publish(connection)
                    due = begun + len(self.statuses) * self._pause_s
                    self._stopping.wait(max(0.0, due - time.monotonic()))
        except BaseException as error:  # handed to whoever stops it
            self.trouble = error

    def _publish(self, connection: Connection) -> None:
        event = {"type": "step", "n": len(self.statuses), **self._fields}
        answer = connection.request("POST", self._target, HEADERS, json.dumps(event).encode())
        self.told_at.append(time.monotonic())
        self.statuses.append(answer.status)

    # ---- what it was told ----

    def numbers(self, status: int) -> list[int]:
        return [n for n, told in enumerate(self.statuses) if told == status]

    def count(self, status: int) -> int:
        return self.statuses.count(status)

    def wait_for(self, status: int, more: int = 1) -> None:
        """Until that many more were answered so."""
        wanted = self.count(status) + more
        deadline_s = DEADLINE_S + 4 * more * self._pause_s
        wait_until(lambda: self.count(status) >= wanted or self.trouble, f"{status}s", deadline_s)
        if self.trouble is not None:
            raise self.trouble
