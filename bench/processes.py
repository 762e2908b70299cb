"""Starting the two servers that are compared, and the generator that loads them."""

import dataclasses
import json
import os
import pathlib
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import tempfile

SECRET = "bench-only-secret-of-no-value-0123456789abcdef"
API_KEY = "bench-only-key-of-no-value"
# What the caller's shell may say about some other server.
OUTER_SETTINGS = ("ALLOWED_HOSTS", "CORS_ALLOWED_ORIGINS", "DATABASE_URL", "DEBUG", "PORT",
                  "REDIS_URL")
START_TIMEOUT_S = 20
TRACED_START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 30


class BenchError(Exception):
    """A run that could not be done; the text says what to do."""


@dataclasses.dataclass(frozen=True)
class Programs:
    floor: pathlib.Path
    carillon: pathlib.Path
    generator: pathlib.Path  # a copy of carillon: its pages must not be shared with the server's
    libraries: pathlib.Path  # the servers' own copies of shared libraries, for the same reason

    def check(self) -> None:
        for path in (self.floor, self.carillon):
            if not os.access(path, os.X_OK):
                raise BenchError(f"{path} is missing: cmake --build --preset release")

    def copy_private_parts(self) -> None:
        """A page that two processes share counts half for each: so nothing may be shared."""
        self.libraries.mkdir()
        shutil.copy(self.carillon, self.generator)
        for program in (self.floor, self.carillon):
            listed = subprocess.run(["ldd", str(program)], capture_output=True, text=True,
                                    check=True).stdout
            for path in re.findall(r"=> (/\S+)", listed):
                shutil.copy(path, self.libraries)

    def own_libraries(self) -> dict[str, str]:
        return {"LD_LIBRARY_PATH": str(self.libraries)}


@dataclasses.dataclass(frozen=True)
class Placement:
    """Which CPUs each side may use. One each where there are two, so that neither disturbs."""

    server: frozenset[int]
    generator: frozenset[int]

    @staticmethod
    def of_machine() -> "Placement":
        cpus = sorted(os.sched_getaffinity(0))
        return Placement(frozenset(cpus[:1]), frozenset(cpus[1:2] or cpus[:1]))


def _prepare(cpus: frozenset[int]):
    """For the child, before exec: its CPUs, first call on them where that is allowed, and all the
    descriptors that it may have."""

    def prepare() -> None:
        os.sched_setaffinity(0, cpus)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        try:
            os.setpriority(os.PRIO_PROCESS, 0, -15)
        except PermissionError:
            pass  # an ordinary user measures with ordinary priority

    return prepare


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith("CARILLON_") and k not in OUTER_SETTINGS}
    return kept | {"SECRET_KEY": SECRET, "CARILLON_API_KEYS": API_KEY, "CARILLON_LOG_LEVEL": "warn"}


class Server:
    """A running server. A context manager: leaves nothing behind."""

    def __init__(self, argv: list[str], port: int, cpus: frozenset[int],
                 environment: dict[str, str] | None = None):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.is_floor = False
        self._directory = tempfile.TemporaryDirectory(prefix="carillon-bench-")
        self._log = open(os.path.join(self._directory.name, "log"), "w+b")
        # In an empty directory, so that no .env or carillon.toml of the caller has a say.
        self._process = subprocess.Popen(
            argv, cwd=self._directory.name, env=_environment() | (environment or {}),
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, preexec_fn=_prepare(cpus))
        self.pid = self._process.pid
        try:
            self._wait_until_it_listens(TRACED_START_TIMEOUT_S if argv[0] == "valgrind"
                                        else START_TIMEOUT_S)
        except BaseException:
            self.stop()
            raise

    def _wait_until_it_listens(self, timeout_s: float) -> None:
        waited_s = 0.0
        while waited_s < timeout_s:
            if self._process.poll() is not None:
                raise BenchError(f"the server ended at once:\n{self.log()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                select.select([], [], [], 0.05)
                waited_s += 0.05
        raise BenchError(f"the server does not listen on port {self.port}:\n{self.log()}")

    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:]

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()
        self._directory.cleanup()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_) -> None:
        self.stop()


def start_floor(programs: Programs, cpus: frozenset[int], *, merge: bool = False) -> Server:
    port = free_port()
    argv = [str(programs.floor), "--port", str(port)] + (["--merge"] if merge else [])
    server = Server(argv, port, cpus, programs.own_libraries())
    server.is_floor = True
    return server


def start_carillon(programs: Programs, cpus: frozenset[int], *, workers: int = 1,
                   prefix: tuple[str, ...] = (),
                   settings: dict[str, str] | None = None) -> Server:
    port = free_port()
    argv = [*prefix, str(programs.carillon), "serve", "--bind", f"127.0.0.1:{port}",
            "--workers", str(workers)]
    libraries = {} if prefix else programs.own_libraries()  # valgrind brings its own ideas
    return Server(argv, port, cpus, libraries | (settings or {}))


def run_generator(programs: Programs, cpus: frozenset[int], server: Server, scenario: str,
                  **options) -> dict:
    """One run of `carillon bench`; its report. Options are spelled with underscores; True is a
    flag."""
    argv = [str(programs.generator), "bench", scenario, "--json", "--url", server.url,
            "--pid", str(server.pid)]
    argv += ["--plain-upgrade"] if server.is_floor else []
    for name, value in options.items():
        argv += [f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)])
    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as directory:
        done = subprocess.run(argv, cwd=directory, env=_environment(), capture_output=True,
                              text=True, preexec_fn=_prepare(cpus), check=False)
    if not done.stdout.startswith("{"):
        raise BenchError(f"{' '.join(argv)}\nended with {done.returncode}: {done.stderr.strip()}\n"
                         f"the server said:\n{server.log()}")
    return json.loads(done.stdout)
