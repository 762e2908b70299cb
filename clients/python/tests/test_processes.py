"""The processes that Django's code runs in besides a server's threads, with a real Redis."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.receiver import Receiver
from tests.support.redis import RedisServer

GIVE_UP_S = 60
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def environment(redis_server: RedisServer) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.project.settings",
        "TEST_REDIS_URL": redis_server.url,
        "TEST_BROKER_URL": f"redis+socket://{redis_server.socket}?virtual_host=1",
    }


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=GIVE_UP_S,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_the_shell_sends(redis_server: RedisServer, environment: dict[str, str]) -> None:
    with Receiver(redis_server.url, "student_7") as receiver:
        run(
            environment,
            "-m",
            "django",
            "shell",
            "-c",
            "from carillon.django import *; notify_student(7, 'numbered', {'number': 1})",
        )
        assert receiver.read() == {"type": "numbered", "number": 1}


def test_the_shell_sends_beside_a_running_loop(
    redis_server: RedisServer, environment: dict[str, str]
) -> None:
    """As a notebook's cells do."""
    script = """
import asyncio, django
django.setup()
from carillon.django import anotify_student, notify_student
async def cell():
    notify_student(7, "numbered", {"number": 1})
    await anotify_student(7, "numbered", {"number": 2})
asyncio.run(cell())
"""
    with Receiver(redis_server.url, "student_7") as receiver:
        run(environment, "-W", "error", "-c", script)
        assert [receiver.read()["number"] for _ in range(2)] == [1, 2]


def test_greenlets_send_and_let_others_run(
    redis_server: RedisServer, environment: dict[str, str]
) -> None:
    with Receiver(redis_server.url, "student_7") as receiver:
        assert "done" in run(environment, "-m", "tests.scripts.in_gevent")
        messages = [receiver.read() for _ in range(40)]
    for greenlet in range(4):
        of_one = [m["number"] for m in messages if m["greenlet"] == greenlet]
        assert of_one == list(range(10))


def test_celerys_prefork_pool_sends_from_each_child(
    redis_server: RedisServer, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TEST_REDIS_URL", "TEST_BROKER_URL"):
        monkeypatch.setenv(name, environment[name])
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "tests.scripts.celery_app", "worker", "--pool",
         "prefork", "--concurrency", "2", "--without-gossip", "--without-mingle"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        with Receiver(redis_server.url, "student_7") as receiver:
            send = "from tests.scripts.celery_app import publish\n" + (
                "[publish.delay(number) for number in range(8)]"
            )
            run(environment, "-c", send)
            messages = [receiver.read() for _ in range(9)]
    finally:
        worker.terminate()
        output = worker.communicate(timeout=GIVE_UP_S)[0].decode()
    assert messages[0]["type"] == "worker_started", output
    assert messages[0]["pid"] == worker.pid
    assert sorted(message["number"] for message in messages[1:]) == list(range(8))
    assert worker.pid not in {message["pid"] for message in messages[1:]}
