"""A PostgreSQL of the test's own, on a unix socket in its directory."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support.waiting import DEADLINE_S, wait_until

# It refuses to run as root; the package brings a user for it.
OWNER: dict[str, Any] = (
    {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
)
PORT = "5432"  # part of the socket's name; no port is opened


def programs() -> Path:
    """Where Debian keeps the newest version's programs, which are not on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    assert found, "PostgreSQL is not installed: see tools/apt-packages.txt"
    return found[-1].parent


def program(name: str, *arguments: str) -> list[str]:
    return [str(programs() / name), *arguments]


class Postgres:
    """Made and started with one database, `django`, whose owner is `carillon`."""

    PASSWORD = "s3cr3t-of-the-database"

    def __init__(self, directory: Path) -> None:
        # Short: the path of a socket is at most 107 characters.
        self.directory = directory
        self.data = directory / "data"
        self.process: subprocess.Popen[bytes] | None = None
        if OWNER:
            shutil.chown(directory, "postgres", "postgres")
        self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "--no-sync")
        (self.data / "pg_hba.conf").write_text(
            "local all postgres trust\nlocal all all scram-sha-256\n"
        )
        self.start()
        self.sql(f"CREATE ROLE carillon LOGIN PASSWORD '{self.PASSWORD}'", "postgres")
        self.sql("CREATE DATABASE django OWNER carillon", "postgres")

    def _run(self, *command: str, text: str | None = None) -> str:
        done = subprocess.run(
            program(*command), input=text, capture_output=True, text=True, cwd="/", **OWNER
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        self.process = subprocess.Popen(
            program(
                "postgres", "-D", str(self.data), "-k", str(self.directory), "-c",
                "listen_addresses=", "-c", f"port={PORT}", "-c", "fsync=off",
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **OWNER,
        )  # fmt: skip
        wait_until(self._answers, "PostgreSQL")

    def _answers(self) -> bool:
        ready = program("pg_isready", "-q", "-h", str(self.directory), "-p", PORT)
        return subprocess.run(ready, cwd="/", **OWNER).returncode == 0

    def sql(self, text: str, database: str = "django", user: str = "postgres") -> str:
        return self._run(
            "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.directory),
            "-p", PORT, "-U", user, "-d", database, text=text,
        )  # fmt: skip

    def url(self, password: str = PASSWORD, scheme: str = "postgresql") -> str:
        """As DATABASE_URL names it."""
        place = quote(str(self.directory), safe="")
        return f"{scheme}://carillon:{password}@/django?host={place}&port={PORT}"

    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def stop(self) -> None:
        """At once: whoever is connected loses his connection."""
        if self.process is None:
            return
        os.kill(self.pid(), signal.SIGINT)
        self.process.wait(DEADLINE_S)
        self.process = None

    def freeze(self) -> None:
        """Its processes exist and do nothing."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        parent = self.pid()
        os.kill(parent, number)  # first: one that stands still has no more children
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for process in map(int, children):
            os.kill(process, number)
