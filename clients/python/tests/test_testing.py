"""What users test with: the test cases, the fixtures, the server, the token, the client."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

import carillon
from carillon import MockTransport, Receipt, Unavailable
from carillon.django import notify_dashboard, notify_student
from carillon.django.running import running_server
from carillon.django.testing import RealtimeTestCase, RealtimeTransactionTestCase
from carillon.testing import (
    CarillonServer,
    ConnectionClosed,
    HandshakeRefused,
    WebSocket,
    access_token,
)
from tests.project.school.models import Submission

GRADE = {"grade": {"score": 92}}


class AssertNotified(RealtimeTestCase):
    def test_it_passes_for_what_waits_for_the_commit(self) -> None:
        with self.assertNotified("student_7", "grade_received", GRADE) as events:
            notify_student(7, "grade_received", {**GRADE, "more": 1})
            assert events == []
        assert [event.group for event in events] == ["student_7"]
        assert [event.group for event in self.events] == ["student_7"]

    def test_it_passes_for_any_type_and_any_fields(self) -> None:
        with self.assertNotified("student_7"):
            notify_student(7, "grade_received", GRADE)

    def failure(self, *arguments: Any, **options: Any) -> str:
        with (
            pytest.raises(AssertionError) as raised,
            self.assertNotified(*arguments, **options),
        ):
            notify_student(7, "grade_received", GRADE)
        return str(raised.value)

    def test_it_fails_and_lists_what_was_sent(self) -> None:
        assert "an event to student_8 expected, 0 sent" in self.failure("student_8")
        assert "student_7: {'type': 'grade_received'" in self.failure("student_8")
        assert "'other'" in self.failure("student_7", "other")
        assert "with {'grade': 1}" in self.failure("student_7", "grade_received", {"grade": 1})
        assert "with {'absent'" in self.failure("student_7", None, {"absent": None})
        assert "2 events" in self.failure("student_7", count=2)
        assert "0 events" in self.failure("student_7", count=0)

    def test_it_counts(self) -> None:
        with self.assertNotified("student_7", count=2):
            notify_student(7, "x", {})
            notify_student(7, "y", {})

    def test_nothing_sent_is_asserted_too(self) -> None:
        with self.assertNothingSent():
            Submission.objects.create(student_id=7)
        with (
            pytest.raises(AssertionError, match="nothing was to be sent"),
            self.assertNothingSent(),
        ):
            notify_student(7, "x", {})

    def test_an_exception_of_the_block_is_the_blocks(self) -> None:
        with pytest.raises(ZeroDivisionError), self.assertNotified("student_7"):
            raise ZeroDivisionError

    def test_what_leaves_on_another_thread_is_captured(self) -> None:
        with self.captureEvents() as events:
            thread = threading.Thread(
                target=notify_student, args=(7, "x", {}), kwargs={"on_commit": False}
            )
            thread.start()
            thread.join()
        assert len(events) == 1


class AssertNotifiedWithCommits(RealtimeTransactionTestCase):
    def test_it_passes_for_what_left_at_the_commit(self) -> None:
        with self.assertNotified("student_7", count=1), transaction.atomic():
            notify_student(7, "x", {})

    def test_what_was_rolled_back_was_not_sent(self) -> None:
        with self.assertNothingSent(), pytest.raises(ZeroDivisionError), transaction.atomic():
            notify_student(7, "x", {})
            raise ZeroDivisionError


def test_a_mock_transport_keeps_events_and_answers_as_told() -> None:
    def answer(event: carillon.Event) -> Receipt:
        if event.type == "refused":
            raise Unavailable("no")
        return Receipt("own")

    transport = MockTransport(answer)
    client = carillon.Client(transport=transport)
    assert client.notify_student(7, "x").id == "own"
    with pytest.raises(Unavailable):
        client.notify_student(7, "refused")
    client.notify_mentor(3, "x")
    assert [event.group for event in transport.events] == ["student_7", "mentor_3"]
    assert len(transport.to("mentor_3")) == 1
    assert carillon.Client(transport=MockTransport()).notify_student(7, "x").id == "mock-1"


def test_tokens_are_what_simplejwt_verifies() -> None:
    from django.conf import settings
    from rest_framework_simplejwt.tokens import AccessToken

    token: Any = AccessToken(
        access_token(settings.SECRET_KEY, 7, role="mentor")  # type: ignore[arg-type]
    )
    assert (token["user_id"], token["role"]) == ("7", "mentor")


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pytest that a test starts finds the project's settings."""
    here = str(Path(__file__).parents[1])
    path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.project.settings")


def test_the_fixtures_serve_a_project(pytester: pytest.Pytester, project: None) -> None:
    pytester.makepyfile(
        """
        from carillon.django import notify_student

        def test_captured(carillon_events):
            notify_student(7, "x", {})
            assert [event.group for event in carillon_events] == ["student_7"]

        def test_delivered(carillon_server):
            with carillon_server.connect("/ws/student/7/", 7) as page:
                notify_student(7, "grade_received", {"grade": {"score": 92}})
                assert page.read_json() == {"type": "grade_received", "grade": {"score": 92}}
        """
    )
    result = pytester.runpytest_subprocess("-W", "error", "-p", "no:django", "--strict-config")
    result.assert_outcomes(passed=2)


def test_the_fixtures_serve_a_project_without_django(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    pytester.makeconftest("import sys; assert 'django' not in sys.modules")
    pytester.makepyfile(
        """
        from carillon import Client

        def test_delivered(carillon_server):
            with (
                Client(carillon_server.url, carillon_server.api_key) as client,
                carillon_server.connect("/ws/student/7/", 7) as page,
            ):
                client.notify_student(7, "grade_received", {"grade": {"score": 92}})
                assert page.read_json()["grade"] == {"score": 92}
        """
    )
    result = pytester.runpytest_subprocess("-W", "error", "-p", "no:django")
    result.assert_outcomes(passed=1)


def test_without_the_program_the_fixture_says_so(
    pytester: pytest.Pytester, project: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARILLON_BIN", "/nowhere/carillon")
    pytester.makepyfile("def test_delivered(carillon_server): pass")
    result = pytester.runpytest_subprocess("-p", "no:django")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*/nowhere/carillon is no program that can be run*"])


def test_a_running_server_has_the_projects_settings() -> None:
    from rest_framework_simplejwt.tokens import AccessToken

    token = AccessToken()
    token["user_id"] = "7"
    with (
        override_settings(CARILLON={"API_KEY": "the-key"}, ALLOWED_HOSTS=["testserver"]),
        running_server() as server,
    ):
        assert server.api_key == "the-key"
        with WebSocket(f"{server.url}/ws/student/7/", str(token)) as page:
            assert page.read_json()["type"] == "connection_established"
        status, body = server.get("/api/realtime/stats/")
        assert (status, "connections" in json.loads(body)) == (200, True)
        notify_dashboard("x", {}, on_commit=False)
    assert server.stop() == 0


def test_a_running_servers_tokens_are_those_of_the_project() -> None:
    simplejwt = {
        "ALGORITHM": "HS512",
        "SIGNING_KEY": "s" * 64,
        "USER_ID_CLAIM": "uid",
        "ISSUER": "school",
        "AUDIENCE": "pages",
    }
    with override_settings(SIMPLE_JWT=simplejwt), running_server() as server:
        server.connect("/ws/student/7/", 7).close()
        others: list[dict[str, Any]] = [
            {"iss": "x"},
            {"aud": "x"},
            {"algorithm": "HS256"},
            {"user_id_claim": "x"},
        ]
        for wrong in others:
            with pytest.raises(HandshakeRefused) as raised:
                server.connect("/ws/student/7/", 7, **wrong)
            assert raised.value.status == 401


ED25519 = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAk76OmPIIWsH/tt+6COYVQ4gmmfoFEGK/yYe92HPUsg0=
-----END PUBLIC KEY-----
"""


def test_a_token_that_needs_a_private_key_is_not_made(tmp_path: Path) -> None:
    key = tmp_path / "public.pem"
    key.write_text(ED25519)
    settings = {"CARILLON_AUTH_ALGORITHMS": "EdDSA", "CARILLON_AUTH_PUBLIC_KEY_FILE": str(key)}
    with (
        CarillonServer(settings) as server,
        pytest.raises(carillon.ConfigurationError, match="accepts EdDSA"),
    ):
        server.token(7)


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(carillon.CarillonError, match="--no-such-flag"):
        CarillonServer(arguments=["--no-such-flag"])


class TestWebSocket:
    def test_it_tells_a_refusal(self, server: CarillonServer) -> None:
        with pytest.raises(HandshakeRefused) as raised:
            WebSocket(f"{server.url}/ws/dashboard/")
        assert raised.value.status == 401
        assert b"credentials" in raised.value.body
        with pytest.raises(HandshakeRefused) as raised:
            server.connect("/ws/dashboard/", 7, role="student")
        assert raised.value.status == 403

    def test_it_talks_both_ways_in_every_length(self, server: CarillonServer) -> None:
        with server.connect("/ws/student/ws1/", "ws1") as page:
            for length in (0, 40, 125, 126, 60_000):
                page.send_json({"type": "ping", "timestamp": "a" * length})
                assert page.read_json() == {"type": "pong", "timestamp": "a" * length}

    def test_it_reads_messages_of_more_than_65535_bytes(self, server: CarillonServer) -> None:
        with (
            server.connect("/ws/student/ws2/", "ws2") as page,
            carillon.Client(server.url, server.api_key) as client,
        ):
            for length in (65_000, 70_000, 500_000):
                client.notify_student("ws2", "x", {"text": "a" * length})
                assert len(page.read_json()["text"]) == length

    def test_it_gives_up_waiting(self, server: CarillonServer) -> None:
        with (
            server.connect("/ws/student/ws3/", "ws3") as page,
            pytest.raises(TimeoutError),
        ):
            page.read_json(timeout_s=0.05)

    def test_it_says_how_the_connection_ended(self) -> None:
        with CarillonServer() as server:
            page = server.connect("/ws/student/ws4/", "ws4")
            page.send_json({"type": "x", "more": "a" * 70_000})
            with pytest.raises(ConnectionClosed) as raised:
                page.read_json()
            assert raised.value.code == 1009
            page.close()
            page = server.connect("/ws/student/ws4/", "ws4")
            server.process.kill()
            with pytest.raises(ConnectionClosed) as raised:
                page.read_json()
            assert raised.value.code == 1006
            page.close()

    def test_it_closes_with_a_goodbye(self, server: CarillonServer) -> None:
        page = server.connect("/ws/student/ws5/", "ws5")
        page.close()
        page.close()

    def test_it_refuses_what_is_no_url(self) -> None:
        with pytest.raises(ValueError, match="is no URL of a WebSocket"):
            WebSocket("ftp://127.0.0.1/")
