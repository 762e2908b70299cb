"""Runs the real server for a test, on a port of its own."""

import http.client
import os
import re
import secrets
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from ._binary import find_binary
from ._exceptions import CarillonError, ConfigurationError
from ._tokens import HASHES, access_token
from ._websocket import WebSocket

START_TIMEOUT_S = 20.0
READY_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 20.0
OUTPUT_CHARACTERS_MAX = 200_000
# What a token must have, by the argument of access_token().
_CLAIMS = {
    "user_id_claim": "CARILLON_AUTH_USER_ID_CLAIM",
    "iss": "CARILLON_AUTH_ISSUER",
    "aud": "CARILLON_AUTH_AUDIENCE",
}
_ADDRESS = re.compile(r"listening address=(?:http://)?127\.0\.0\.1:(\d+)")


class CarillonServer:
    """One `carillon serve`, ready when it is made, gone when it is stopped.

        with CarillonServer() as server:
            with server.connect("/ws/dashboard/", user_id=1, role="admin") as socket:
                Client(server.url, server.api_key).notify_dashboard("dashboard_update", {})
                assert socket.read_json()["type"] == "dashboard_update"

    `environment` holds settings by the names of their environment variables; nothing else of this
    process's environment counts. `output` is what the program has written so far.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        binary: str = "",
        arguments: Sequence[str] = (),
    ) -> None:
        self.output = ""
        self._changed = threading.Condition()
        program = str(find_binary(binary))
        self._directory = tempfile.TemporaryDirectory(prefix="carillon-")
        given = dict(environment or {})
        self.secret_key = given.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
        keys = given.setdefault("CARILLON_API_KEYS", secrets.token_urlsafe(32))
        self.api_key = keys.split(",")[0]
        self._algorithms = given.get("CARILLON_AUTH_ALGORITHMS") or "HS256"
        self._claims = {name: given[key] for name, key in _CLAIMS.items() if given.get(key)}
        self.process = subprocess.Popen(
            [program, "serve", "--bind", "127.0.0.1:0", *arguments],
            cwd=self._directory.name,
            env={"PATH": os.environ.get("PATH", ""), "HOME": self._directory.name, **given},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._reader = threading.Thread(target=self._read_output, daemon=True)
        self._reader.start()
        try:
            self.port = self._wait_for_port()
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, user_id: int | str, **claims: Any) -> str:
        """An access token that this server accepts: `server.token(7, role="student")`.

        ConfigurationError if it accepts none that is signed with its SECRET_KEY."""
        ours = [name for name in self._algorithms.split(",") if name in HASHES]
        if not ours:
            raise ConfigurationError(
                f"the server accepts {self._algorithms}: sign tokens with your own private key"
            )
        given: dict[str, Any] = {"algorithm": ours[0], **self._claims, **claims}
        return access_token(self.secret_key, user_id, **given)

    def connect(
        self, path: str, user_id: int | str = 1, *, greet: bool = True, **claims: Any
    ) -> WebSocket:
        """A WebSocket of that user. Its first frame is read, so that no later event is missed,
        unless `greet` is False."""
        token = self.token(user_id, **claims)
        socket = WebSocket(f"ws://127.0.0.1:{self.port}{path}", token)
        if greet:
            first = socket.read_json()
            if first.get("type") != "connection_established":
                socket.close()
                raise CarillonError(f"the first frame was {first!r}")
        return socket

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of a GET with the API key."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_TIMEOUT_S)
        try:
            connection.request("GET", path, headers={"Authorization": f"Api-Key {self.api_key}"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def stop(self) -> int:
        """Ends it and returns its exit status. May be called twice."""
        if self.process.poll() is None:
            # The second signal ends the drain at once.
            self.process.send_signal(signal.SIGTERM)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        status = self.process.wait()
        self._reader.join(STOP_TIMEOUT_S)
        self._directory.cleanup()
        return status

    def __enter__(self) -> "CarillonServer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _read_output(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as pipe:
            for line in iter(pipe.readline, b""):
                with self._changed:
                    self.output += line.decode(errors="replace")
                    self.output = self.output[-OUTPUT_CHARACTERS_MAX:]
                    self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _wait_for_port(self) -> int:
        until = time.monotonic() + START_TIMEOUT_S
        with self._changed:
            while (found := _ADDRESS.search(self.output)) is None:
                remaining_s = until - time.monotonic()
                if not self._reader.is_alive() or remaining_s <= 0:
                    raise CarillonError(f"carillon serve did not start:\n{self.output}")
                self._changed.wait(min(remaining_s, 0.5))
        return int(found[1])

    def _wait_until_ready(self) -> None:
        """A page that connects before the layer is reached may miss the first events."""
        until = time.monotonic() + READY_TIMEOUT_S
        while True:
            status, body = self.get("/readyz")
            if status == 200:
                return
            if time.monotonic() >= until:
                raise CarillonError(f"carillon serve does not get ready: {body.decode()}")
            threading.Event().wait(0.02)
