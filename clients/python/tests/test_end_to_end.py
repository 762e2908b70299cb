"""Django, a real Redis and the real server: what is sent here arrives there."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, override_settings

from carillon import CarillonError, _server
from carillon.django import notify_student, notify_user, update_leaderboard
from carillon.django.checks import CORE, PUBSUB
from carillon.django.running import running_server
from carillon.testing import CarillonServer, HandshakeRefused, WebSocket
from tests.support.redis import RedisServer

KEYS = ["the first key encrypts", "an older one"]


def layers(url: str, backend: str, **config: Any) -> dict[str, Any]:
    if backend == CORE:
        config["channel_capacity"] = {"gw.*": 10000}
    return {"default": {"BACKEND": backend, "CONFIG": {"hosts": [url], **config}}}


@pytest.mark.parametrize(
    ("backend", "config"),
    [
        (CORE, {}),
        (PUBSUB, {}),
        (CORE, {"prefix": "school", "symmetric_encryption_keys": KEYS, "expiry": 30}),
        (PUBSUB, {"prefix": "school", "symmetric_encryption_keys": KEYS[:1]}),
        (CORE, {"serializer_format": "json", "random_prefix_length": 4}),
    ],
)
def test_the_layer_and_the_servers_settings_agree(
    redis_server: RedisServer, backend: str, config: dict[str, Any]
) -> None:
    with (
        override_settings(CHANNEL_LAYERS=layers(redis_server.url, backend, **config)),
        running_server() as server,
        server.connect("/ws/student/91/", 91) as student,
        server.connect("/ws/notifications/", 91) as notifications,
        server.connect("/ws/leaderboard/", 92) as leaderboard,
    ):
        notify_student(91, "grade_received", {"grade": {"score": 9.5}})
        notify_user(91, {"title": "Graded"})
        update_leaderboard([{"rank": 1, "name": "Ada"}])
        assert student.read_json() == {"type": "grade_received", "grade": {"score": 9.5}}
        assert notifications.read_json()["notification"]["title"] == "Graded"
        assert leaderboard.read_json()["leaderboard"] == [{"rank": 1, "name": "Ada"}]
        with server.connect("/ws/leaderboard/", 93) as late:
            assert late.read_json()["leaderboard"] == [{"rank": 1, "name": "Ada"}]
        assert "unknown" not in server.output


@pytest.mark.parametrize("backend", [CORE, PUBSUB])
def test_test_websocket_passes_with_the_layer(
    redis_server: RedisServer, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        override_settings(CHANNEL_LAYERS=layers(redis_server.url, backend)),
        running_server() as server,
        override_settings(CARILLON={"URL": server.url}),
    ):
        call_command("test_websocket")
    shown = capsys.readouterr().out
    assert [line[0] for line in shown.splitlines()] == ["✓"] * 5


def test_a_server_that_does_not_reach_its_layer_is_not_taken_for_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_server, "READY_TIMEOUT_S", 0.0)
    with pytest.raises(CarillonError, match=r"does not get ready: .*unready"):
        CarillonServer({"CARILLON_LAYER": "unix:///nowhere/redis.sock"})


@pytest.mark.django_db(transaction=True)
def test_a_page_with_a_django_session_needs_no_token(live_server: Any) -> None:
    user = User.objects.create_user("ines")
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    carillon = {"API_KEY": "the-key", "SESSION_URL": f"{live_server.url}/realtime/session/"}
    with override_settings(CARILLON=carillon), running_server() as server:

        def page(cookie: str) -> WebSocket:
            headers = {"Cookie": f"sessionid={cookie}; other=x", "Origin": server.url}
            return WebSocket(f"{server.url}/ws/student/{user.pk}/", headers=headers)

        with page(cookie) as connected:
            assert connected.read_json()["type"] == "connection_established"
            notify_student(user.pk, "grade_received", {"grade": {"score": 92}})
            assert connected.read_json()["grade"] == {"score": 92}
        with pytest.raises(HandshakeRefused) as raised:
            page("of-nobody")
        assert raised.value.status == 401
