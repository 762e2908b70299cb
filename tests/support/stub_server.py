"""A server that answers each connection with bytes that a test wrote down."""

import base64
import hashlib
import re
import socket
import threading
from collections.abc import Callable

# Given the request's head and body; returns the bytes to send. The connection is closed after them
# unless they begin with 101.
Answer = Callable[[str, bytes], bytes]

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def response(status: int, body: bytes = b"", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status} Any\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def switching(head: str, frames: bytes = b"") -> bytes:
    """101 for the request in `head`, and `frames` right behind it."""
    key = re.search(r"(?i)^sec-websocket-key: (\S+)", head, re.MULTILINE)
    assert key is not None
    accept = base64.b64encode(hashlib.sha1(key[1].encode() + MAGIC).digest()).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
    ).encode() + frames


def text_frame(text: str) -> bytes:
    payload = text.encode()
    assert len(payload) < 126
    return bytes([0x81, len(payload)]) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    payload = code.to_bytes(2, "big") + reason.encode()
    return bytes([0x88, len(payload)]) + payload


class StubServer:
    """Listens on a port of its own; one thread, one connection after the other."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[tuple[str, bytes]] = []
        self._answer = answer
        self._upgraded: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> "StubServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for connection in self._upgraded:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._serve_one(connection)

    def _serve_one(self, connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            data = connection.recv(65536)
            if not data:
                connection.close()
                return
            received += data
        head, body = received.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?i)^content-length: (\d+)", head, re.MULTILINE)
        while length is not None and len(body) < int(length[1]):
            body += connection.recv(65536)
        self.requests.append((head.decode(), body))
        reply = self._answer(head.decode(), body)
        connection.sendall(reply)
        if reply.startswith(b"HTTP/1.1 101"):
            self._upgraded.append(connection)
        else:
            connection.close()
