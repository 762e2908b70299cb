"""Real Django with channels and channels_redis: its commands, its servers, and a process to ask."""

import itertools
import json
import os
import queue
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import tokens, ws
from tests.support.http import Connection, Headers, Response
from tests.support.layer_settings import LayerSettings
from tests.support.redis import free_port
from tests.support.server import ROOT
from tests.support.waiting import DEADLINE_S, wait_until

PROJECT = ROOT / "tests/interop/django_project"
PEER = ROOT / "tests/interop/django_peer.py"
ENVIRONMENTS = {
    "4.3": ("build/venv-channels", "tests/requirements-channels.txt"),
    "4.0": ("build/venv-channels-4.0", "tests/requirements-channels-4.0.txt"),
}
# Which of them the tests are run with; ./test --all asks for both.
VERSIONS = os.environ.get("CHANNELS_VERSIONS", "4.3").split(",")


class DjangoError(Exception):
    """What Django raised: the name of the exception, and its text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name


class Answer:
    """What will be answered to a request."""

    def __init__(self) -> None:
        self._reply: queue.Queue[dict[str, Any]] = queue.Queue(1)

    def put(self, reply: dict[str, Any]) -> None:
        self._reply.put(reply)

    def get(self, within_s: float = DEADLINE_S) -> Any:
        reply = self._reply.get(timeout=within_s)
        if "error" in reply:
            raise DjangoError(reply["error"], reply.get("text", ""))
        return reply["result"]


class Peer:
    """tests/interop/django_peer.py in a process of its own."""

    def __init__(self, python: Path, environment: Mapping[str, str]) -> None:
        self._ids = itertools.count()
        self._waiting: dict[int, Answer] = {}
        self._process = subprocess.Popen(
            [python, PEER], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            reply = json.loads(line, object_hook=_from_json)
            self._waiting.pop(reply["id"]).put(reply)
        for answer in list(self._waiting.values()):
            answer.put({"error": "EOFError", "text": "the peer ended"})

    def start(self, do: str, **request: Any) -> Answer:
        """Asks, and returns at once."""
        assert self._process.stdin is not None
        number, answer = next(self._ids), Answer()
        self._waiting[number] = answer
        line = json.dumps({"id": number, "do": do, **request}, default=_to_json)
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return answer

    def ask(self, do: str, **request: Any) -> Any:
        return self.start(do, **request).get()

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(DEADLINE_S)
        finally:
            self._process.kill()
        self._reader.join()
        self._process.stdout.close()

    def layer(self, settings: LayerSettings, name: str = "") -> "PeerLayer":
        """A layer of its own, or the one of this name, such as "default"."""
        return PeerLayer(self, name or f"layer-{next(self._ids)}", settings)


class PeerLayer:
    """Django's channel layer with these settings: `get_channel_layer()` in another process."""

    def __init__(self, peer: Peer, name: str, settings: LayerSettings) -> None:
        self.peer = peer
        self.name = name
        self._listeners = itertools.count()
        peer.ask("configure", layer=name, configuration=settings.for_django())

    def start(self, do: str, **request: Any) -> Answer:
        return self.peer.start(do, layer=self.name, **request)

    def ask(self, do: str, **request: Any) -> Any:
        return self.start(do, **request).get()

    def forget(self) -> None:
        """Ends its listeners and connections; there may be no Redis any more."""
        with suppress(DjangoError):
            self.ask("forget")

    def group_send(self, group: str, *events: Mapping[str, Any], sync: bool = False) -> None:
        """Each awaited before the next; every one must go out."""
        answer = self.ask("group_send", group=group, events=events, sync=sync)
        assert answer["refused"] == [], answer

    def stream(
        self, group: str, event: Mapping[str, Any], count: int, per_s: float = 0
    ) -> Answer:
        """Sends `event` with n = 0, 1, 2, … in the background."""
        return self.start("stream", group=group, event=event, count=count, per_s=per_s)

    def send(self, channel: str, event: Mapping[str, Any]) -> None:
        self.ask("send", channel=channel, event=event)

    def listen(self, *groups: str) -> "Listener":
        """A Django consumer's channel in these groups."""
        listener = Listener(self, f"{self.name}-{next(self._listeners)}")
        listener.channel = self.ask("listen", listener=listener.name, groups=groups)
        return listener

    def hear(self, channel: str) -> "Listener":
        """What is sent to a channel, as a worker reads it."""
        listener = Listener(self, f"{self.name}-{next(self._listeners)}", channel)
        self.ask("hear", listener=listener.name, channel=channel)
        return listener


@dataclass
class Listener:
    layer: PeerLayer
    name: str
    channel: str = ""

    def events(self, count: int, within_s: float = DEADLINE_S) -> list[Any]:
        """All so far, once there are that many."""
        how = {"listener": self.name, "count": count, "within_s": within_s}
        heard = self.layer.start("heard", **how).get(within_s + DEADLINE_S)
        assert isinstance(heard, list)
        return heard


class PlainConnection(Connection):
    """For answers of Daphne that end with the stream instead of saying how long they are."""

    def read_body(self, response: Response) -> bytes:
        if response.header("Content-Length") is not None:
            return super().read_body(response)
        assert self.ended()
        return self.take(len(self.rest))


class ChannelsServer:
    """The project of tests/interop/django_project served by Daphne or uvicorn."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.host, self.port = "127.0.0.1", port
        self.process = process
        self._log = log

    def is_listening(self) -> bool:
        assert self.process.poll() is None, self._log.read_text()
        try:
            self.open().sock.close()
        except OSError:
            return False
        return True

    def open(self) -> Connection:
        return PlainConnection(self.host, self.port)

    def request(
        self, method: str, target: str, headers: Headers = (), body: bytes | None = None
    ) -> Response:
        with self.open() as connection:
            return connection.request(method, target, [*headers, ("Connection", "close")], body)

    def connect(self, path: str, token: str | None = None) -> ws.WebSocket:
        return ws.connect(self.open(), path, token)

    def joined(self, path: str, token: str | None = None) -> ws.WebSocket:
        socket = self.connect(path, token)
        assert socket.read_json()["type"] == "connection_established"
        return socket


class Channels:
    """One version of channels_redis, in an environment of its own."""

    def __init__(self, version: str) -> None:
        directory, requirements = ENVIRONMENTS[version]
        command = [ROOT / "tools/venv.sh", directory, requirements]
        subprocess.run(command, cwd=ROOT, check=True)
        self.version = version
        self.bin = ROOT / directory / "bin"

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        return {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "SECRET_KEY": tokens.SECRET_KEY,
            "PYTHONPATH": str(PROJECT),
            "PYTHONPYCACHEPREFIX": str(ROOT / "build/cache/python"),
            "PYTHONWARNINGS": "ignore",
            **settings,
        }

    @contextmanager
    def peer(self, **settings: str) -> Iterator[Peer]:
        peer = Peer(self.bin / "python", self.environment(settings))
        try:
            yield peer
        finally:
            peer.close()

    def manage(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """`python manage.py …` in the project."""
        return subprocess.run(
            [self.bin / "python", "manage.py", *arguments],
            cwd=PROJECT, env=self.environment(settings), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=3 * DEADLINE_S, check=False,
        )

    @contextmanager
    def running(
        self, log: Path, command: Iterable[str | Path], settings: Mapping[str, str]
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A program of this environment in the project's directory, ended with SIGTERM."""
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command], cwd=PROJECT, env=self.environment(settings), stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT,
            )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @contextmanager
    def served(
        self, directory: Path, settings: Mapping[str, str], by: str = "uvicorn"
    ) -> Iterator[ChannelsServer]:
        """By uvicorn, Daphne, or (HTTP alone) Django's runserver."""
        port = free_port()
        address = f"127.0.0.1:{port}"
        application = "config.asgi:application"
        command = {
            "daphne": ["daphne", "-b", "127.0.0.1", "-p", str(port), application],
            "uvicorn": ["uvicorn", "--host", "127.0.0.1", "--port", str(port), application],
            "runserver": ["python", "manage.py", "runserver", "--noreload", address],
        }[by]
        log = directory / f"{by}-{port}.log"
        with self.running(log, [self.bin / command[0], *command[1:]], settings) as process:
            server = ChannelsServer(process, port, log)
            wait_until(server.is_listening, f"{by} to listen", 2 * DEADLINE_S)
            yield server


def _from_json(value: dict[str, Any]) -> Any:
    return bytes.fromhex(value["$bytes"]) if set(value) == {"$bytes"} else value


def _to_json(value: bytes) -> dict[str, str]:
    return {"$bytes": value.hex()}
