"""A raw HTTP/1.1 client: sends exactly the bytes it is given and shows exactly what came back."""

import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.support.waiting import DEADLINE_S

Headers = Iterable[tuple[str, str]]


@dataclass
class Response:
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Connection:
    """One TCP connection. Bytes that arrive beyond an answer stay in `rest`."""

    host: str
    port: int
    source: str | None = None
    receive_buffer: int | None = None
    sock: socket.socket = field(init=False)
    rest: bytes = b""

    def __post_init__(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.settimeout(DEADLINE_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.receive_buffer is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        if self.source is not None:
            self.sock.bind((self.source, 0))
        self.sock.connect((self.host, self.port))

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}"

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def more(self) -> bool:
        """Reads once into `rest`; false at the end of the stream."""
        data = self.sock.recv(65536)
        self.rest += data
        return bool(data)

    def take(self, count: int) -> bytes:
        while len(self.rest) < count:
            if not self.more():
                raise EOFError(f"the stream ended {count - len(self.rest)} bytes early")
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def take_until(self, mark: bytes) -> bytes:
        while mark not in self.rest:
            if not self.more():
                raise EOFError(f"the stream ended before {mark!r}; it held {self.rest[:200]!r}")
        taken, self.rest = self.rest.split(mark, 1)
        return taken

    def read_response(self, method: str = "GET") -> Response:
        """The next answer; interim ones (100) are answers too."""
        lines = self.take_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status, reason = (lines[0] + " ").split(" ", 2)
        assert version == "HTTP/1.1", lines[0]
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        response = Response(int(status), reason.strip(), headers)  # type: ignore[arg-type]
        if method != "HEAD" and response.status >= 200 and response.status not in (204, 304):
            response.body = self.read_body(response)
        return response

    def read_body(self, response: Response) -> bytes:
        length = response.header("Content-Length")
        assert response.header("Transfer-Encoding") is None
        assert length is not None, response.headers
        return self.take(int(length))

    def request(
        self, method: str, target: str, headers: Headers = (), body: bytes | None = None
    ) -> Response:
        self.send(request_bytes(method, target, self.authority, headers, body))
        return self.read_response(method)

    def ended(self) -> bool:
        """Reads to the end of the stream; true for a proper end, false for a reset."""
        try:
            while self.more():
                pass
        except ConnectionResetError:
            return False
        return True


def request_bytes(
    method: str, target: str, host: str, headers: Headers = (), body: bytes | None = None
) -> bytes:
    """A request with Host and, for a body, Content-Length, unless `headers` brings its own."""
    lines = [(name, value) for name, value in headers]
    names = {name.lower() for name, _ in lines}
    if "host" not in names:
        lines.insert(0, ("Host", host))
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        lines.append(("Content-Length", str(len(body))))
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in lines)
    return head.encode("latin-1") + b"\r\n" + (body or b"")
