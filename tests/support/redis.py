"""Starts real Redis servers, and Sentinels beside them, on ports of their own; ends each by pid."""

import os
import random
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.resp import Argument, RedisError, Resp
from tests.support.waiting import wait_until

MASTER_NAME = "carillon-tests"
SENTINEL_COUNT = 3


def free_port() -> int:
    """Below the range of outgoing connections, so that it is still free after a restart."""
    while True:
        port = random.SystemRandom().randrange(12_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Process:
    """A redis-server, or the same program as a Sentinel, on one port for all its lives."""

    def __init__(self, directory: Path, options: Sequence[tuple[str, str]], mode: str = "") -> None:
        self.directory = directory
        self.port = free_port()
        self.output = directory / "output"
        self._mode = mode
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir(parents=True, exist_ok=True)
        self._configuration = directory / "redis.conf"
        common = [("port", str(self.port)), ("bind", "127.0.0.1"), ("dir", str(directory))]
        lines = [f"{name} {value}\n" for name, value in [*common, *options]]
        self._configuration.write_text("".join(lines))

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        command = ["redis-server", str(self._configuration), *([self._mode] if self._mode else [])]
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            wait_until(self._answers, f"a Redis on port {self.port}")
        except BaseException:
            self.kill()
            raise

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.output.read_text()
        try:
            with Resp(("127.0.0.1", self.port)) as client:
                client("PING")
        except RedisError:
            pass  # it answers, and wants a password
        except (OSError, EOFError):
            return False
        return True

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """As kill -9 does; good for a paused one, too."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


class Redis(Process):
    """A Redis without files: what it held is gone when it ends, as after FLUSHALL."""

    def __init__(
        self,
        directory: Path,
        password: str = "",
        users: Sequence[str] = (),
        options: Mapping[str, str] | None = None,
    ) -> None:
        # The path of a Unix socket is short: at most 107 bytes.
        self.socket = directory / "r.sock"
        self.password = password
        settings = {
            "save": '""',
            "appendonly": "no",
            "unixsocket": str(self.socket),
            "repl-diskless-sync": "yes",
            "repl-diskless-sync-delay": "0",
            **(options or {}),
        }
        if password:
            settings |= {"requirepass": password, "masterauth": password}
        super().__init__(directory, [*settings.items(), *(("user", user) for user in users)])
        self.start()

    @property
    def url(self) -> str:
        return self.url_for("", self.password) if self.password else self.url_for()

    def url_for(self, user: str = "", password: str = "", database: int = 0) -> str:
        credentials = f"{user}:{password}@" if user or password else ""
        return f"redis://{credentials}127.0.0.1:{self.port}/{database}"

    @property
    def unix_url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def restart(self) -> None:
        self.kill()
        self.start()

    # ---- looking at it ----

    def client(self) -> Resp:
        client = Resp(("127.0.0.1", self.port))
        if self.password:
            client("AUTH", self.password)
        return client

    def __call__(self, *arguments: Argument) -> Any:
        with self.client() as client:
            return client(*arguments)

    def info(self, section: str) -> dict[str, str]:
        lines = self("INFO", section).decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def key_names(self, pattern: str = "*") -> list[str]:
        return sorted(key.decode(errors="replace") for key in self("KEYS", pattern))

    def commandstats(self) -> Counter[str]:
        """How often each command was called, in scripts too, without our own INFO and CONFIG."""
        calls: Counter[str] = Counter()
        for name, fields in self.info("commandstats").items():
            command = name.removeprefix("cmdstat_").split("|")[0]
            calls[command] += int(dict(f.split("=") for f in fields.split(","))["calls"])
        del calls["info"], calls["config"]
        return calls

    def reset_commandstats(self) -> None:
        self("CONFIG", "RESETSTAT")

    def client_count(self, name: str = "") -> int:
        """Connections other than this one; with `name` only those that called themselves so."""
        clients = self("CLIENT", "LIST").decode().splitlines()
        return sum(f"name={name}" in line for line in clients) - (0 if name else 1)

    def flush(self) -> None:
        self("FLUSHALL")


class Sentinels:
    """A master with a replica, watched by three Sentinels that fail over within a second or two."""

    def __init__(self, directory: Path) -> None:
        self.redises = [Redis(directory / "redis-0")]
        master = ("replicaof", f"127.0.0.1 {self.redises[0].port}")
        self.redises.append(Redis(directory / "redis-1", options=dict([master])))
        wait_until(self._is_in_step, "the replica")
        options = [
            ("sentinel", f"monitor {MASTER_NAME} 127.0.0.1 {self.redises[0].port} 2"),
            ("sentinel", f"down-after-milliseconds {MASTER_NAME} 500"),
            ("sentinel", f"failover-timeout {MASTER_NAME} 2000"),
        ]
        self.sentinels = [
            Process(directory / f"sentinel-{n}", options, "--sentinel")
            for n in range(SENTINEL_COUNT)
        ]
        for sentinel in self.sentinels:
            sentinel.start()
        wait_until(self._know_each_other, "the Sentinels")

    @property
    def addresses(self) -> list[tuple[str, int]]:
        return [("127.0.0.1", sentinel.port) for sentinel in self.sentinels]

    def _is_in_step(self) -> bool:
        return self.redises[1].info("replication").get("master_link_status") == "up"

    def _know_each_other(self) -> bool:
        return all(
            fields[b"num-other-sentinels"] == b"2" and fields[b"num-slaves"] == b"1"
            for fields in (self._master_fields(address) for address in self.addresses)
        )

    def _master_fields(self, address: tuple[str, int]) -> dict[bytes, bytes]:
        with Resp(address) as client:
            flat = client("SENTINEL", "MASTER", MASTER_NAME)
        return dict(zip(flat[::2], flat[1::2]))

    def master(self) -> Redis:
        """Whom the first Sentinel calls the master."""
        with Resp(self.addresses[0]) as client:
            _, port = client("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER_NAME)
        return next(redis for redis in self.redises if redis.port == int(port))

    def fail_over(self) -> None:
        """Kills the master; returns once another has its place."""
        old = self.master()
        old.kill()
        wait_until(lambda: self.master() is not old, "a new master")
        wait_until(lambda: self.master().info("replication")["role"] == "master", "its promotion")

    def end(self) -> None:
        for process in [*self.sentinels, *self.redises]:
            process.kill()
