"""Starts the real binary on a port of its own and stops it again."""

import json
import os
import re
import resource
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.support import tokens, ws
from tests.support.http import Connection, Headers, Response
from tests.support.metrics import Metrics
from tests.support.waiting import DEADLINE_S, TooLong, wait_until

ROOT = Path(__file__).resolve().parents[2]
API_KEY = "integration-api-key-0123456789abcdef"
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:")
ADDRESS = re.compile(r"listening address=(?:http://)?(127\.0\.0\.1|\[::1\]):(\d+)")


def binary() -> Path:
    path = Path(os.environ.get("CARILLON_BIN", ROOT / "build/release/carillon")).resolve()
    assert path.is_file(), f"{path} is not there: build it, or name it in CARILLON_BIN"
    return path


class Server:
    """One `carillon serve`. Its output is read as it comes and kept in `output`."""

    def __init__(
        self,
        directory: Path,
        settings: dict[str, str] | None = None,
        arguments: Sequence[str] = (),
        toml: str | None = None,
        descriptors: int | None = None,
    ) -> None:
        self.directory = directory
        self.output = ""
        self._changed = threading.Condition()
        if toml is not None:
            (directory / "carillon.toml").write_text(toml)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "SECRET_KEY": tokens.SECRET_KEY,
            "CARILLON_API_KEYS": API_KEY,
            **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
            **(settings or {}),
        }
        self.process = subprocess.Popen(
            [str(binary()), "serve", "--bind", "127.0.0.1:0", *arguments],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=limit_descriptors(descriptors) if descriptors else None,
        )
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self.host, self.port = self._address()
            wait_until(self.is_healthy, "/healthz")
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def _read(self) -> None:
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        while data := os.read(descriptor, 65536):
            with self._changed:
                self.output += data.decode(errors="replace")
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def wait_for_output(self, pattern: re.Pattern[str]) -> re.Match[str]:
        until = time.monotonic() + DEADLINE_S
        with self._changed:
            while not (found := pattern.search(self.output)):
                ended = self.process.poll() is not None
                if ended or not self._changed.wait(max(0.0, until - time.monotonic())):
                    raise TooLong(f"no {pattern.pattern!r} in its output:\n{self.output}")
        return found

    def _address(self) -> tuple[str, int]:
        found = self.wait_for_output(ADDRESS)
        return found[1].strip("[]"), int(found[2])

    def is_healthy(self) -> bool:
        try:
            return self.request("GET", "/healthz").status == 200
        except OSError:
            return False

    # ---- talking to it ----

    def open(self, **how: Any) -> Connection:
        return Connection(self.host, self.port, **how)

    def request(
        self, method: str, target: str, headers: Headers = (), body: bytes | None = None
    ) -> Response:
        with self.open() as connection:
            return connection.request(method, target, [*headers, ("Connection", "close")], body)

    def connect(
        self, path: str, token: str | None = None, headers: Headers = (), **how: Any
    ) -> ws.WebSocket:
        return ws.connect(self.open(**how), path, token, headers)

    def joined(self, path: str, token: str | None = None, **how: Any) -> ws.WebSocket:
        """Connected, and the first frame read: from here on it gets every event."""
        socket = self.connect(path, token, **how)
        assert socket.read_json()["type"] == "connection_established"
        return socket

    def refusal(self, path: str, token: str | None = None, headers: Headers = ()) -> Response:
        """The answer to an upgrade that is not granted."""
        try:
            socket = self.connect(path, token, headers)
        except ws.Refused as refused:
            return refused.response
        socket.drop()
        raise AssertionError(f"{path} was upgraded")

    def publish(
        self,
        target: str,
        body: Any,
        method: str = "POST",
        headers: Headers = (),
        authorization: str | None = f"Api-Key {API_KEY}",
    ) -> Response:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        more = [("Content-Type", "application/json"), *headers]
        if authorization is not None:
            more.append(("Authorization", authorization))
        return self.request(method, target, more, data)

    def accepted(self, target: str, body: Any, method: str = "POST", **how: Any) -> Any:
        response = self.publish(target, body, method, **how)
        assert response.status == 202, (response.status, response.body)
        return response.json()

    def members(self, group: str) -> int:
        """How many connections are in a group. One that is being closed is not."""
        authorised = [("Authorization", f"Api-Key {API_KEY}")]
        response = self.request("GET", f"/api/realtime/groups/{group}/", authorised)
        return int(response.json()["members"])

    def metrics(self) -> Metrics:
        response = self.request("GET", "/metrics")
        assert response.status == 200, response.body
        return Metrics(response.body.decode())

    # ---- looking at it ----

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def private_bytes(self) -> int:
        """What this process alone holds in memory."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return 1024 * sum(int(kb) for kb in re.findall(r"Private_\w+:\s+(\d+)", text))

    def descriptor_count(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    # ---- stopping it ----

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        return self.process.wait(DEADLINE_S)

    def stop(self) -> None:
        """Ends it at once (two signals) and demands that it ended well."""
        if self.process.poll() is None:
            self.terminate()
            if not _ends_within(self.process, 0.2):
                self.process.send_signal(signal.SIGTERM)
        try:
            status = self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"it did not stop:\n{self.output[-4000:]}") from None
        assert not SANITIZER.search(self.output), self.output[-8000:]
        assert status == 0, f"exit status {status}:\n{self.output[-4000:]}"


def _ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    descriptor = os.pidfd_open(process.pid)
    try:
        select.select([descriptor], [], [], seconds)
    finally:
        os.close(descriptor)
    return process.poll() is not None


def limit_descriptors(count: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))
