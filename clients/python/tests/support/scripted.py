"""A peer that gives the answers that a healthy server gives only seldom."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Answer:
    """`hangs_up`: no answer at all, the connection ends. `status` 0: none, and it stays open."""

    status: int = 202
    body: Any = field(default_factory=lambda: {"accepted": True, "id": "x-1"})
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs_up: bool = False


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    port: int


class ScriptedServer:
    """Answers the requests with `answers` in turn, the last one for ever. Keeps what it saw."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers) or [Answer()]
        self.seen: list[Seen] = []
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _next(self, seen: Seen) -> Answer:
        self.seen.append(seen)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                seen = Seen(
                    self.command, self.path, dict(self.headers), body, self.client_address[1]
                )
                answer = peer._next(seen)
                if answer.hangs_up:
                    self.close_connection = True
                    return
                if not answer.status:
                    peer._released.wait()
                    self.close_connection = True
                    return
                is_text = isinstance(answer.body, str)
                content = (answer.body if is_text else json.dumps(answer.body)).encode()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    def __enter__(self) -> "ScriptedServer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
