"""The management commands, with the real server and a real Redis."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from carillon.testing import CarillonServer
from tests.project import settings as project
from tests.support.receiver import Receiver
from tests.support.redis import RedisServer
from tests.support.scripted import Answer, ScriptedServer

ROOT = Path(__file__).resolve().parents[1]
CORE = "channels_redis.core.RedisChannelLayer"
GIVE_UP_S = 30


@pytest.fixture(scope="module")
def own_server() -> Iterator[CarillonServer]:
    """One that has Django's secret key."""
    with CarillonServer({"SECRET_KEY": project.SECRET_KEY}) as running:
        yield running


def steps(capsys: pytest.CaptureFixture[str], *, passes: bool) -> dict[str, Any]:
    capsys.readouterr()
    if passes:
        call_command("test_websocket", json=True, timeout=5.0)
    else:
        with pytest.raises(CommandError) as raised:
            call_command("test_websocket", json=True, timeout=5.0)
        assert raised.value.returncode == 1
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is passes
    return {step["step"]: step for step in found["steps"]}


def http(server: CarillonServer, **changes: Any) -> dict[str, Any]:
    return {"URL": server.url, "API_KEY": server.api_key, **changes}


def test_test_websocket_passes_when_all_is_well(
    own_server: CarillonServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with override_settings(CARILLON=http(own_server)):
        call_command("test_websocket")
        shown = capsys.readouterr().out
        found = steps(capsys, passes=True)
    assert list(found) == ["settings", "server ready", "token accepted", "event received"]
    assert all(step["passed"] for step in found.values())
    assert re.search(r"✓ event received: published and received in \d+\.\d ms", shown)
    assert own_server.api_key not in shown


def test_test_websocket_says_that_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with override_settings(CARILLON={"URL": url, "API_KEY": "key"}):
        found = steps(capsys, passes=False)
        with pytest.raises(CommandError):
            call_command("test_websocket")
    assert "runrealtime" in found["server ready"]["remedy"]
    assert found["token accepted"]["passed"] is None
    shown = capsys.readouterr().out
    assert f"✗ server ready: {url}" in shown
    assert "  → start it" in shown
    assert "– event received: not tried" in shown


def test_test_websocket_says_that_the_secret_keys_differ(
    server: CarillonServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with override_settings(CARILLON=http(server)):
        found = steps(capsys, passes=False)
    assert "401" in found["token accepted"]["detail"]
    assert "SECRET_KEY" in found["token accepted"]["remedy"]


def test_test_websocket_says_that_the_api_key_is_wrong(
    own_server: CarillonServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with override_settings(CARILLON=http(own_server, API_KEY="wr0ng")):
        found = steps(capsys, passes=False)
    assert found["token accepted"]["passed"]
    assert "not accepted: 401" in found["event received"]["detail"]
    assert "CARILLON_API_KEYS" in found["event received"]["remedy"]
    assert "wr0ng" not in json.dumps(found)


def test_test_websocket_says_that_something_else_listens(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for answer, text in (
        (Answer(404, "not here"), "something else than Carillon"),
        (Answer(503, {"status": "unready", "layer": "unreachable"}), "Redis"),
    ):
        with (
            ScriptedServer(answer) as peer,
            override_settings(CARILLON={"URL": peer.url, "API_KEY": "key"}),
        ):
            found = steps(capsys, passes=False)
        assert text in found["server ready"]["remedy"]
    assert "layer: unreachable" in found["server ready"]["detail"]


def test_test_websocket_checks_the_settings_first(capsys: pytest.CaptureFixture[str]) -> None:
    with override_settings(CARILLON={"API_KEYS": "x"}):
        found = steps(capsys, passes=False)
    assert list(found) == ["settings"]
    assert "carillon.E001" in found["settings"]["detail"]


def test_test_websocket_looks_at_the_layer(
    redis_server: RedisServer, own_server: CarillonServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """This server has a memory of its own: the event does not get there, and that is told."""
    config = {"hosts": [redis_server.url], "channel_capacity": {"gw.*": 10000}}
    layers = {"default": {"BACKEND": CORE, "CONFIG": config}}
    with override_settings(CARILLON=http(own_server), CHANNEL_LAYERS=layers):
        capsys.readouterr()
        with pytest.raises(CommandError):
            call_command("test_websocket", timeout=0.5)
        shown = capsys.readouterr().out
    assert re.search(r"✓ channel layer: a message came back in \d+\.\d ms", shown)
    assert "✗ event received: accepted, but it did not arrive" in shown


@pytest.mark.parametrize("hosts", [["redis://127.0.0.1:1"], ["unix:///nowhere/redis.sock"]])
def test_test_websocket_says_that_redis_is_not_there(
    hosts: list[str], own_server: CarillonServer, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = {"default": {"BACKEND": CORE, "CONFIG": {"hosts": hosts}}}
    with override_settings(CARILLON=http(own_server), CHANNEL_LAYERS=layers):
        found = steps(capsys, passes=False)
    assert "redis-cli ping" in found["channel layer"]["remedy"]


def test_test_websocket_says_that_memory_does_not_reach(
    own_server: CarillonServer, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    with (
        override_settings(CARILLON=http(own_server), CHANNEL_LAYERS=layers),
        pytest.raises(CommandError),
    ):
        call_command("test_websocket", timeout=0.5)
    assert "✗ channel layer: it is in memory" in capsys.readouterr().out


def test_send_test_notification_arrives(
    own_server: CarillonServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        override_settings(CARILLON=http(own_server)),
        own_server.connect("/ws/notifications/", 81) as page,
    ):
        call_command("send_test_notification", user_id="81")
        call_command("send_test_notification", "--user-id", "81", "--title", "T", "--type", "x")
        first, second = page.read_json(), page.read_json()
    assert first["notification"]["title"] == "Test notification"
    assert (second["notification"]["title"], second["notification"]["type"]) == ("T", "x")
    assert "sent to user 81 over HTTP" in capsys.readouterr().out


def test_send_test_notification_goes_through_the_layer(redis_server: RedisServer) -> None:
    layers = {"default": {"BACKEND": CORE, "CONFIG": {"hosts": [redis_server.url]}}}
    with (
        override_settings(CHANNEL_LAYERS=layers),
        Receiver(redis_server.url, "notifications_82") as receiver,
    ):
        call_command("send_test_notification", user_id="82", message="M")
        assert receiver.read()["notification"]["message"] == "M"


def test_send_test_notification_says_why_it_could_not(own_server: CarillonServer) -> None:
    with override_settings(CARILLON=http(own_server, API_KEY="wrong")):
        with pytest.raises(CommandError, match="not sent: 401"):
            call_command("send_test_notification", user_id="1")
        with pytest.raises(CommandError, match="not sent: .* cannot be a user's id"):
            call_command("send_test_notification", user_id="a b")


def manage(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "django", *arguments],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.project.settings", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def listening(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        found = re.search(r"listening address=(?:http://)?127\.0\.0\.1:(\d+)", line)
        if found:
            return int(found[1])
    raise AssertionError(f"it does not listen: {seen}")


@pytest.mark.parametrize(("signals", "status"), [(["SIGTERM"], 0), (["SIGINT"], 0)])
def test_runrealtime_is_the_server_with_djangos_settings(signals: list[str], status: int) -> None:
    process = manage(
        "runrealtime", "--bind", "127.0.0.1:0", "--", "--workers", "1", CARILLON_API_KEY="the-key"
    )
    try:
        url = f"http://127.0.0.1:{listening(process)}"
        with urlopen(f"{url}/healthz") as response:
            assert response.status == 200
        with override_settings(CARILLON={"URL": url, "API_KEY": "the-key"}):
            call_command("test_websocket")
        for name in signals:
            process.send_signal(getattr(signal, name))
        process.communicate(timeout=GIVE_UP_S)
    finally:
        process.kill()
    assert process.wait() == status


def test_runrealtimes_exit_status_is_the_servers() -> None:
    process = manage("runrealtime", "--", "--no-such-flag")
    output = process.communicate(timeout=GIVE_UP_S)[0]
    assert process.returncode == 2, output


def test_runrealtime_print_shows_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    with override_settings(CARILLON={"URL": "http://localhost:9001", "API_KEY": "s3cret"}):
        call_command("runrealtime", "--print", "--", "--workers", "2")
    shown = capsys.readouterr().out
    assert "serve --bind 127.0.0.1:9001 --workers 2" in shown
    assert "CARILLON_API_KEYS" in shown
    assert "SECRET_KEY" in shown
    assert "s3cret" not in shown
    assert project.SECRET_KEY not in shown


def test_runrealtime_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(text: str, **carillon: str) -> None:
        with (
            override_settings(CARILLON=carillon),
            pytest.raises(CommandError, match=text),
        ):
            call_command("runrealtime")

    refused("/nowhere/carillon is no program", BINARY="/nowhere/carillon")
    refused("unknown key", API_KEYS="x")
    monkeypatch.delenv("CARILLON_BIN")
    monkeypatch.setenv("PATH", "/nowhere")
    refused("not in PATH")
