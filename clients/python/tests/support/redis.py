"""A real redis-server for a test, on a Unix socket of its own."""

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from select import select
from types import TracebackType
from typing import Any

import redis

DEADLINE_S = 20.0


class RedisServer:
    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="carillon-redis-")
        self.socket = Path(self._directory.name) / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--save", "",
             "--appendonly", "no", "--dir", self._directory.name],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + DEADLINE_S
        while not self._answers():
            assert self.process.poll() is None, "redis-server has ended"
            assert time.monotonic() < until, "redis-server does not answer"
            select([], [], [], 0.01)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        """Stops it in its tracks: connections stay open, and nothing answers."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def info(self, section: str) -> dict[str, Any]:
        with self._client() as client:
            found: dict[str, Any] = client.info(section)
            return found

    def close(self) -> None:
        if self.process.poll() is None:
            self.resume()
            self.process.terminate()
            self.process.wait()
        self._directory.cleanup()

    def __enter__(self) -> "RedisServer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _client(self) -> Any:
        return redis.Redis(unix_socket_path=str(self.socket))

    def _answers(self) -> bool:
        try:
            with self._client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
