"""Starting what Carillon stands beside: Daphne and uvicorn with Channels, and the Redis and the
Django process that publishes, which all of them share."""

import dataclasses
import json
import pathlib
import shutil
import subprocess
from collections.abc import Callable

from processes import BenchError, Placement, Programs, Server, free_port, start_carillon

BENCH = pathlib.Path(__file__).resolve().parent
BACKENDS = {
    "core": "channels_redis.core.RedisChannelLayer",
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
}
PACKAGES = ("channels", "channels_redis", "redis", "daphne", "uvicorn", "uvloop", "Django")


@dataclasses.dataclass(frozen=True)
class PeerPrograms:
    """Carillon's programs, and the Python environment with Channels."""

    ours: Programs
    python: pathlib.Path
    backend: str  # core or pubsub, for everybody

    def check(self) -> None:
        if not self.python.exists():
            raise BenchError(f"{self.python} is missing: tools/venv.sh build/venv-peers "
                             "bench/channels_app/requirements.txt")
        if shutil.which("redis-server") is None:
            raise BenchError("redis-server is missing: apt-get install redis-server")

    def versions(self) -> dict[str, str]:
        script = ("import importlib.metadata, json, sys; print(json.dumps({name: "
                  "importlib.metadata.version(name) for name in sys.argv[1:]}))")
        listed = subprocess.run([str(self.python), "-c", script, *PACKAGES], capture_output=True,
                                text=True, check=True).stdout
        redis = subprocess.run(["redis-server", "--version"], capture_output=True, text=True,
                               check=True).stdout
        python = subprocess.run([str(self.python), "--version"], capture_output=True, text=True,
                                check=True).stdout
        named = json.loads(listed)
        named["redis-py"] = named.pop("redis")
        return named | {"Redis": redis.split("v=")[1].split()[0], "Python": python.split()[1]}

    def environment(self, redis: Server) -> dict[str, str]:
        """For each process that speaks to this Redis, whatever it is written in."""
        return {"PYTHONPATH": str(BENCH), "PYTHONDONTWRITEBYTECODE": "1",
                "CHANNELS_BACKEND": BACKENDS[self.backend], "REDIS_URL": url_of(redis),
                "CARILLON_LAYER_BACKEND": self.backend}


def url_of(redis: Server) -> str:
    return f"redis://127.0.0.1:{redis.port}/0"


def start_redis(placement: Placement) -> Server:
    """Without persistence, and beside the generator, so that the server has its CPU to itself."""
    port = free_port()
    argv = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "",
            "--appendonly", "no", "--maxclients", "12000"]
    return Server(argv, port, placement.generator)


def _start_uvicorn(programs: PeerPrograms, redis: Server, cpus: frozenset[int],
                   *application: str) -> Server:
    port = free_port()
    argv = [str(programs.python), "-m", "uvicorn", "--host", "127.0.0.1", "--port", str(port),
            "--no-access-log", "--log-level", "warning", *application]
    return Server(argv, port, cpus, programs.environment(redis))


def start_publisher(programs: PeerPrograms, redis: Server, placement: Placement) -> Server:
    # The generator keeps one connection to it, silent while thousands of others are made.
    return _start_uvicorn(programs, redis, placement.generator,
                          "channels_app.publisher:application", "--timeout-keep-alive", "3600")


def start_uvicorn(programs: PeerPrograms, redis: Server, placement: Placement) -> Server:
    return _start_uvicorn(programs, redis, placement.server, "channels_app.asgi:application")


def start_daphne(programs: PeerPrograms, redis: Server, placement: Placement) -> Server:
    port = free_port()
    # With its 5 s for a handshake it has reset one of 5,000, and ended a measurement.
    argv = [str(programs.python), "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0",
            "--websocket_connect_timeout", "60", "channels_app.asgi:application"]
    return Server(argv, port, placement.server, programs.environment(redis))


def start_ours(programs: PeerPrograms, redis: Server, placement: Placement) -> Server:
    return start_carillon(programs.ours, placement.server, settings=programs.environment(redis))


START: dict[str, Callable[[PeerPrograms, Server, Placement], Server]] = {
    "Daphne": start_daphne,
    "uvicorn": start_uvicorn,
    "Carillon": start_ours,
}
