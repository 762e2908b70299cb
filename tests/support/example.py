"""Starts one of the examples on a port of its own."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import wait_until


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running_example(program: Path, log: Path) -> Iterator[int]:
    """The port of `program --port N` once it listens; fails if it died in the meantime."""
    port = free_port()
    with log.open("w") as output:
        process = subprocess.Popen(
            [program, "--port", str(port)], stdout=output, stderr=subprocess.STDOUT
        )

        def listens() -> bool:
            assert process.poll() is None, f"{program} ended:\n{log.read_text()}"
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        try:
            wait_until(listens, f"{program} to listen")
            yield port
            assert process.poll() is None, f"{program} died:\n{log.read_text()}"
        finally:
            process.terminate()
            process.wait(timeout=20)
