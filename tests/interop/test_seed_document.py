"""The guide "Django ASGI + WebSocket Conversion", followed step by step on its own application.

Each step runs twice: as the guide has it, with Daphne, and with Carillon in Daphne's place. There
Django goes on serving its views by itself, with the settings of config/settings_carillon.py.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.interop.conftest import Node, ready
from tests.support import ws
from tests.support.channels import PROJECT, Channels, ChannelsServer
from tests.support.commands import Commands
from tests.support.redis import Redis
from tests.support.server import API_KEY, Server
from tests.support.tokens import SECRET_KEY

USERS = """
from django.contrib.auth.models import Group, User
User.objects.create_superuser("ada", password="lovelace-1843")
ines = User.objects.create_user("ines", password="mentor-of-dana")
ines.groups.add(Group.objects.create(name="mentors"))
User.objects.create_user("dana", password="student-of-ines")
"""
PASSWORDS = {"ada": "lovelace-1843", "ines": "mentor-of-dana", "dana": "student-of-ines"}
ADA, INES, DANA = 1, 2, 3


@dataclass
class Site:
    """The application, running."""

    channels: Channels
    redis: Redis
    settings: dict[str, str]  # of every Django process
    views: ChannelsServer
    sockets: Node
    tokens: dict[str, str] = field(default_factory=dict)

    def manage(self, *arguments: str) -> str:
        ended = self.channels.manage(*arguments, **self.settings)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def command(self, name: str, *arguments: str) -> str:
        """The guide's command: manage.py's, and Carillon's of the same name."""
        if not isinstance(self.sockets, Server):
            return self.manage(name, *arguments)
        where = f"http://127.0.0.1:{self.sockets.port}"
        ended = Commands(self.sockets.directory).run(name, *arguments, "--url", where)
        assert ended.code == 0, ended.out + ended.error
        return ended.out

    def post(self, target: str, body: dict[str, Any], user: str | None = None) -> Any:
        headers = [("Content-Type", "application/json")]
        if user is not None:
            headers.append(("Authorization", f"Bearer {self.token(user)}"))
        response = self.views.request("POST", target, headers, json.dumps(body).encode())
        assert response.status in (200, 201), (response.status, response.body)
        return response.json()

    def token(self, user: str) -> str:
        """What logging in gives."""
        if user not in self.tokens:
            credentials = {"username": user, "password": PASSWORDS[user]}
            self.tokens[user] = self.post("/api/token/", credentials)["access"]
        return self.tokens[user]

    def joined(self, path: str, user: str) -> ws.WebSocket:
        return self.sockets.joined(path, self.token(user))


@pytest.fixture(scope="module", params=["daphne", "carillon"])
def site(
    request: pytest.FixtureRequest, channels: Channels, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("site")
    with ExitStack() as running:
        # Step 2: Install & Start Redis
        redis = Redis(directory / "redis")
        running.callback(redis.kill)
        # Step 3: Configure Environment
        (directory / ".env").write_text(
            f"REDIS_URL={redis.url}\nSECRET_KEY={SECRET_KEY}\nCARILLON_API_KEYS={API_KEY}\n"
        )
        settings = {"REDIS_URL": redis.url, "SQLITE_PATH": str(directory / "db.sqlite3")}
        # Step 5: Run with ASGI
        if request.param == "daphne":
            start_users(channels, settings)
            served = running.enter_context(channels.served(directory, settings, "daphne"))
            yield Site(channels, redis, settings, served, served)
        else:
            settings["DJANGO_SETTINGS_MODULE"] = "config.settings_carillon"
            start_users(channels, settings)
            views = running.enter_context(channels.served(directory, settings, "runserver"))
            sockets = Server(directory)
            running.callback(sockets.stop)
            yield Site(channels, redis, settings, views, ready(sockets))


def start_users(channels: Channels, settings: dict[str, str]) -> None:
    for arguments in (["migrate", "--verbosity", "0"], ["shell", "-c", USERS]):
        ended = channels.manage(*arguments, **settings)
        assert ended.returncode == 0, ended.stderr


# ---- Quick Start Guide ----


def test_step_1_the_requirements_are_installed(channels: Channels) -> None:
    names = (PROJECT / "requirements.txt").read_text().split()
    code = "import importlib.metadata, sys\nfor n in sys.argv[1:]: importlib.metadata.version(n)"
    subprocess.run([channels.bin / "python", "-c", code, *names], check=True, timeout=60)


def redis_cli(site: Site, *arguments: str) -> str:
    command = ["redis-cli", "-u", site.redis.url, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_step_2_redis_answers(site: Site) -> None:
    assert redis_cli(site, "ping") == "PONG\n"


def test_step_4_the_set_up_is_tested(site: Site) -> None:
    assert "OK" in site.manage("test_websocket")
    assert "✗" not in site.command("test_websocket")


def test_step_4_without_redis_the_test_says_so(channels: Channels, site: Site) -> None:
    nowhere = site.settings | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    ended = channels.manage("test_websocket", **nowhere)
    assert ended.returncode == 1
    assert "Redis cannot be reached" in ended.stderr


def test_step_6_a_page_connects_with_its_token(site: Site) -> None:
    socket = site.sockets.connect("/ws/dashboard/", site.token("ada"))
    assert socket.read_json() == {
        "type": "connection_established", "message": "Connected to dashboard updates",
    }


# ---- WebSocket Endpoints ----

ENDPOINTS = {
    "/ws/dashboard/": {"ada", "ines"},
    "/ws/notifications/": {"ada", "ines", "dana"},
    "/ws/leaderboard/": {"ada", "ines", "dana"},
    f"/ws/mentor/{INES}/": {"ada", "ines"},
    f"/ws/student/{DANA}/": {"ada", "dana"},
}


@pytest.mark.parametrize("path", ENDPOINTS)
def test_each_endpoint_lets_in_whom_the_table_names(site: Site, path: str) -> None:
    for user in PASSWORDS:
        if user in ENDPOINTS[path]:
            site.joined(path, user)
        else:
            with pytest.raises(ws.Refused) as refused:
                site.sockets.connect(path, site.token(user))
            assert refused.value.response.status == 403
    with pytest.raises(ws.Refused) as refused:
        site.sockets.connect(path)
    assert refused.value.response.status in (401, 403)  # Channels knows only the latter


# ---- Integration with Existing Code ----


def test_from_a_rest_view_the_student_hears_of_the_grade(site: Site) -> None:
    submission = site.post("/api/submissions/", {"content": "An essay"}, "dana")
    socket = site.joined(f"/ws/student/{DANA}/", "dana")
    target = f"/api/submissions/{submission['id']}/grade/"
    assert site.post(target, {"grade": 92}, "ines") == {"status": "graded"}
    assert socket.read_json() == {"type": "grade_received", "grade": {"score": 92}}


def test_from_a_signal_the_dashboard_hears_of_the_submission(site: Site) -> None:
    socket = site.joined("/ws/dashboard/", "ines")
    submission = site.post("/api/submissions/", {"content": "A poem"}, "dana")
    event = {"type": "submission_created", "submission_id": submission["id"]}
    assert socket.read_json() == event


def test_from_a_background_task_everyone_sees_the_leaderboard(site: Site) -> None:
    socket = site.sockets.connect("/ws/leaderboard/", site.token("dana"))
    assert socket.read_json() == {"type": "connection_established"}
    submission = site.post("/api/submissions/", {"content": "A proof"}, "dana")
    site.post(f"/api/submissions/{submission['id']}/grade/", {"grade": 88}, "ines")
    task = "from apps.submissions.tasks import calculate_leaderboard_task as task; task()"
    site.manage("shell", "-c", task)
    event = socket.read_until("leaderboard_update")
    (row,) = event["leaderboard"]
    assert (row["rank"], row["id"], row["name"]) == (1, DANA, "dana") and row["points"] >= 88
    later = site.joined("/ws/leaderboard/", "ines")
    assert later.read_json() == event


# ---- Testing Commands ----


def test_a_test_notification_rings_the_bell_of_user_1(site: Site) -> None:
    bell, other = (site.joined("/ws/notifications/", user) for user in ("ada", "dana"))
    for send in (site.manage, site.command):
        send("send_test_notification", "--user-id", str(ADA), "--message", "Ding")
        event = bell.read_json()
        assert event["type"] == "notification"
        assert event["notification"]["message"] == "Ding"
    assert other.ping() == {"type": "pong", "timestamp": None}


def test_wscat_gets_an_answer(site: Site) -> None:
    """wscat -c "ws://…/ws/dashboard/?token=…": connected, and what is typed is answered."""
    target = f"/ws/dashboard/?token={site.token('ada')}"
    socket = ws.connect(site.sockets.open(), target)
    assert socket.read_json()["type"] == "connection_established"
    socket.send_text('{"type": "ping", "timestamp": 1}')
    assert socket.read_json() == {"type": "pong", "timestamp": 1}


# ---- Monitoring ----


def test_the_channel_layer_is_checked_from_a_shell(site: Site) -> None:
    site.manage("shell", "-c", (
        "from channels.layers import get_channel_layer\n"
        "from asgiref.sync import async_to_sync\n"
        "channel_layer = get_channel_layer()\n"
        "async_to_sync(channel_layer.send)('test', {'type': 'test'})\n"
    ))
    assert "asgitest" in redis_cli(site, "keys", "*").split()
    redis_cli(site, "del", "asgitest")


def test_redis_cli_shows_an_event_on_its_way(site: Site) -> None:
    socket = site.joined(f"/ws/student/{DANA}/", "dana")
    group = f"asgi:group:student_{DANA}"
    assert group in redis_cli(site, "keys", "*").split()
    with site.redis.client() as monitor:
        monitor("MONITOR")
        submission = site.post("/api/submissions/", {"content": "A letter"}, "dana")
        site.post(f"/api/submissions/{submission['id']}/grade/", {"grade": 71}, "ines")
        while f'"ZRANGE" "{group}"' not in monitor.read().decode():
            pass
    assert socket.read_json() == {"type": "grade_received", "grade": {"score": 71}}
