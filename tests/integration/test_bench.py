"""`carillon bench` with a publisher of its own, as the comparison with Channels has it."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support import tokens
from tests.support.commands import Commands
from tests.support.server import API_KEY, Server

SETTINGS = {"SECRET_KEY": tokens.SECRET_KEY, "CARILLON_API_KEYS": API_KEY}
MESSAGES, WARM_UP = 4, 2


class Publisher(ThreadingHTTPServer):
    """Takes events where somebody else than the server does, and hands them on to it."""

    def __init__(self, server: Server) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.carillon = server
        self.targets: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Publisher
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.targets.append(self.path)
        response = self.server.carillon.publish(self.path, body)
        self.send_response(response.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def publisher(server: Server) -> Iterator[Publisher]:
    with Publisher(server) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


def fan_out(server: Server, *more: str) -> list[str]:
    return ["bench", "fan-out", "--json", "--url", f"http://{server.host}:{server.port}",
            "--connections", "3", "--messages", str(MESSAGES), "--warm-up", str(WARM_UP), *more]


def test_bench_hands_its_events_to_another_publisher(
    commands: Commands, server: Server, publisher: Publisher
) -> None:
    outcome = commands.run(*fan_out(server, "--publish-url", publisher.url), settings=SETTINGS)
    assert outcome.code == 0, outcome.error
    assert outcome.json["ok"] and outcome.json["lost"] == 0
    target = "/api/realtime/groups/leaderboard_updates/"
    assert publisher.targets == [target] * (MESSAGES + WARM_UP)


def test_bench_says_that_nobody_publishes(commands: Commands, server: Server) -> None:
    outcome = commands.run(
        *fan_out(server, "--publish-url", "http://127.0.0.1:1"), settings=SETTINGS
    )
    assert outcome.code == 4
    assert "127.0.0.1:1" in outcome.error


def test_bench_measures_the_channel_layers_process(commands: Commands, server: Server) -> None:
    without = commands.run(*fan_out(server), settings=SETTINGS)
    assert "layer_cpu_us_per_event" not in without.json
    outcome = commands.run(*fan_out(server, "--layer-pid", str(os.getpid())), settings=SETTINGS)
    assert outcome.code == 0, outcome.error
    assert outcome.json["layer_cpu_us_per_event"] >= 0
