"""A client of Redis in a few lines: sends one command, returns its answer."""

import socket
from pathlib import Path
from typing import Any

from tests.support.waiting import DEADLINE_S

Argument = str | bytes | int | float


class RedisError(Exception):
    """An error that Redis answered."""


class Resp:
    """One connection; `client("INFO", "commandstats")` answers bytes, integers, lists or None."""

    def __init__(self, address: tuple[str, int] | Path) -> None:
        if isinstance(address, Path):
            self._sock = socket.socket(socket.AF_UNIX)
            self._sock.connect(str(address))
        else:
            self._sock = socket.create_connection(address)
        self._sock.settimeout(DEADLINE_S)
        self._file = self._sock.makefile("rb")

    def __enter__(self) -> "Resp":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()
        self._sock.close()

    def __call__(self, *arguments: Argument) -> Any:
        self.send(*arguments)
        return self.read()

    def send(self, *arguments: Argument) -> None:
        parts = [a if isinstance(a, bytes) else str(a).encode() for a in arguments]
        self._sock.sendall(
            b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(p), p) for p in parts)
        )

    def read(self) -> Any:
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError("Redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        size = int(rest)
        if size < 0:
            return None
        if kind == b"*":
            return [self.read() for _ in range(size)]
        assert kind == b"$", line
        return self._file.read(size + 2)[:-2]
