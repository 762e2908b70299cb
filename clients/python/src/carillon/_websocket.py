"""A small WebSocket client (RFC 6455) for checks and tests: blocking, text frames, no extensions.

Pages have their browser's, and programs the `websockets` package; this one needs no package.
"""

import base64
import hashlib
import json
import os
import socket
import ssl
import struct
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
HEAD_BYTES_MAX = 32 * 1024
MESSAGE_BYTES_MAX = 16 * 1024 * 1024
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


class HandshakeRefused(Exception):
    """The server answered the upgrade with another status than 101."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status}: {body[:300].decode(errors='replace')}")
        self.status = status
        self.body = body


class ConnectionClosed(Exception):
    """The connection has ended; `code` is the close frame's, 1006 without one."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"closed with {code} {reason}".rstrip())
        self.code = code
        self.reason = reason


class WebSocket:
    """Connected once it is made. Every wait ends with TimeoutError after `timeout_s`."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("ws", "wss", "http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no URL of a WebSocket")
        self._timeout_s = timeout_s
        self._buffer = b""
        self._is_closing = False
        self._socket = _connected(parts.hostname, parts.port, parts.scheme, timeout_s)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            fields = {"Host": parts.netloc.rpartition("@")[2], **(headers or {})}
            if token is not None:
                fields["Authorization"] = f"Bearer {token}"
            self._shake_hands(target, fields)
        except BaseException:
            self._socket.close()
            raise

    def send_json(self, value: Any) -> None:
        self._send(TEXT, json.dumps(value).encode())

    def read_json(self, timeout_s: float | None = None) -> Any:
        """The next text message; ping frames are answered on the way."""
        return json.loads(self.read_text(timeout_s))

    def read_text(self, timeout_s: float | None = None) -> str:
        until = time.monotonic() + (self._timeout_s if timeout_s is None else timeout_s)
        message = b""
        while True:
            is_last, opcode, payload = self._read_frame(until)
            if opcode == CLOSE:
                raise self._closed_by_peer(payload)
            if opcode == PING:
                self._send(PONG, payload)
            elif opcode in (TEXT, CONTINUATION):
                message += payload
                if len(message) > MESSAGE_BYTES_MAX:
                    raise ValueError(f"a message of more than {MESSAGE_BYTES_MAX} bytes")
                if is_last:
                    return message.decode()

    def close(self) -> None:
        """Says goodbye and hangs up. May be called twice."""
        try:
            if not self._is_closing:
                self._is_closing = True
                self._send(CLOSE, struct.pack("!H", 1000))
        except OSError:
            pass  # it is gone already
        finally:
            self._socket.close()

    def __enter__(self) -> "WebSocket":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _shake_hands(self, target: str, fields: Mapping[str, str]) -> None:
        key = base64.b64encode(os.urandom(16))
        lines = [
            f"GET {target} HTTP/1.1",
            *(f"{name}: {value}" for name, value in fields.items()),
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key.decode()}",
            "Sec-WebSocket-Version: 13",
        ]
        until = time.monotonic() + self._timeout_s
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self._buffer:
            if len(self._buffer) > HEAD_BYTES_MAX:
                raise ValueError(f"an answer of more than {HEAD_BYTES_MAX} bytes")
            self._fill(until)
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        self._check_answer(head, key, until)

    def _check_answer(self, head: bytes, key: bytes, until: float) -> None:
        status_line, *lines = head.split(b"\r\n")
        fields = {n.strip().lower(): v.strip() for n, _, v in (x.partition(b":") for x in lines)}
        words = status_line.split(b" ")
        status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
        if status != 101:
            length = fields.get(b"content-length", b"")
            wanted = min(int(length), HEAD_BYTES_MAX) if length.isdigit() else 0
            raise HandshakeRefused(status, self._read(wanted, until))
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        if fields.get(b"sec-websocket-accept") != accept:
            raise ValueError("the answer to the upgrade is not that of a WebSocket server")

    def _read_frame(self, until: float) -> tuple[bool, int, bytes]:
        first, second = self._read(2, until)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._read(2, until))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._read(8, until))
        if first & 0x70 or second & 0x80 or length > MESSAGE_BYTES_MAX:
            raise ValueError("a frame that a server may not send")
        return bool(first & 0x80), first & 0x0F, self._read(length, until)

    def _send(self, opcode: int, payload: bytes) -> None:
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | length)
        elif length < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, length)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, length)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index & 3] for index, byte in enumerate(payload))
        self._socket.settimeout(self._timeout_s)
        self._socket.sendall(head + mask + masked)

    def _read(self, count: int, until: float) -> bytes:
        while len(self._buffer) < count:
            self._fill(until)
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def _fill(self, until: float) -> None:
        remaining_s = until - time.monotonic()
        if remaining_s <= 0:
            raise TimeoutError("nothing came in time")
        self._socket.settimeout(remaining_s)
        try:
            data = self._socket.recv(65536)
        except ConnectionError as error:
            raise ConnectionClosed(1006) from error
        if not data:
            raise ConnectionClosed(1006)
        self._buffer += data

    def _closed_by_peer(self, payload: bytes) -> ConnectionClosed:
        if not self._is_closing:
            self._is_closing = True
            try:
                self._send(CLOSE, payload[:2])
            except OSError:
                pass  # it did not wait for the answer
        code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
        return ConnectionClosed(code, payload[2:].decode(errors="replace"))


def _connected(host: str, port: int | None, scheme: str, timeout_s: float) -> socket.socket:
    is_secure = scheme in ("wss", "https")
    address = (host, port or (443 if is_secure else 80))
    connection = socket.create_connection(address, timeout=timeout_s)
    if not is_secure:
        return connection
    try:
        return ssl.create_default_context().wrap_socket(connection, server_hostname=host)
    except BaseException:
        connection.close()
        raise
