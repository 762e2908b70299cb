"""The session view, which Carillon's `auth.http_url` asks."""

import datetime
import json
import uuid
from types import SimpleNamespace
from typing import Any

import django
import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from carillon.django.views import session_view

URL = "/realtime/session/"
pytestmark = pytest.mark.django_db


def role_of_staff(user: User) -> str | None:
    return "mentor" if user.username == "ines" else None


@pytest.fixture
def user() -> User:
    return User.objects.create_user("ines", password="p", is_staff=True)


def test_a_session_says_who_it_is(user: User) -> None:
    client = Client()
    client.force_login(user)
    response = client.get(URL)
    assert response.status_code == 200
    answer = response.json()
    assert 14 * 24 * 3600 - 60 < answer.pop("expires_in") <= 14 * 24 * 3600
    assert answer == {"user_id": user.pk, "role": None, "is_staff": True}
    assert "no-store" in response["Cache-Control"]
    with override_settings(CARILLON={"ROLE": f"{__name__}.role_of_staff"}):
        assert client.get(URL).json()["role"] == "mentor"


def test_an_answer_is_good_to_the_end_of_the_session(user: User) -> None:
    client = Client()
    client.force_login(user)
    session = client.session
    session.set_expiry(60)
    session.save()
    assert 0 < client.get(URL).json()["expires_in"] <= 60


@pytest.mark.parametrize(
    ("store", "is_known"), [("db", True), ("cached_db", True), ("cache", False)]
)
def test_an_answer_is_good_for_what_remains(user: User, store: str, is_known: bool) -> None:
    with override_settings(SESSION_ENGINE=f"django.contrib.sessions.backends.{store}"):
        client = Client()
        client.force_login(user)
        soon = timezone.now() + datetime.timedelta(seconds=30)
        assert Session.objects.update(expire_date=soon) == is_known
        left_s = client.get(URL).json()["expires_in"]
    assert 0 < left_s <= 30 if is_known else left_s == 14 * 24 * 3600


if django.VERSION >= (5, 1):  # where that middleware begins

    def test_a_project_that_requires_logins_does_not_redirect(user: User) -> None:
        middleware = [
            *settings.MIDDLEWARE,
            "django.contrib.auth.middleware.LoginRequiredMiddleware",
        ]
        with override_settings(MIDDLEWARE=middleware):
            assert Client().get(URL).status_code == 401
            client = Client()
            client.force_login(user)
            assert client.get(URL).status_code == 200


def test_a_project_that_redirects_to_https_can_exempt_it() -> None:
    middleware = ["django.middleware.security.SecurityMiddleware", *settings.MIDDLEWARE]
    with override_settings(MIDDLEWARE=middleware, SECURE_SSL_REDIRECT=True):
        assert Client().get(URL).status_code == 301
        with override_settings(SECURE_REDIRECT_EXEMPT=[r"^realtime/session/$"]):
            assert Client().get(URL).status_code == 401


def test_a_superuser_is_staff(user: User) -> None:
    client = Client()
    client.force_login(user)
    user.is_staff, user.is_superuser = False, True
    user.save()
    assert client.get(URL).json()["is_staff"] is True


def test_nobody_is_401(user: User) -> None:
    assert Client().get(URL).status_code == 401
    client = Client()
    client.force_login(user)
    user.is_active = False
    user.save()
    response = client.get(URL)
    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"


def test_an_authorization_header_is_read_as_the_project_reads_it(user: User) -> None:
    token = AccessToken.for_user(user)
    good = Client().get(URL, headers={"authorization": f"Bearer {token}"})
    assert (good.json()["user_id"], good.json()["expires_in"]) == (user.pk, None)
    token.set_exp(lifetime=-datetime.timedelta(seconds=1))
    bad = Client().get(URL, headers={"authorization": f"Bearer {token}"})
    assert bad.status_code == 401


def test_only_reading_is_allowed() -> None:
    assert Client().post(URL).status_code == 405
    assert Client().head(URL).status_code == 401


def asked(user: Any) -> tuple[int, Any]:
    request = RequestFactory().get(URL)
    request.user, request.session = user, SessionStore()
    response = session_view(request)
    return response.status_code, json.loads(response.content)


def test_ids_and_roles_of_other_kinds_of_users() -> None:
    other: dict[str, Any] = {"is_authenticated": True, "is_active": True}
    key = uuid.uuid4()
    status, answer = asked(SimpleNamespace(pk=key, role="student", **other))
    assert (status, answer["user_id"], answer["role"]) == (200, str(key), "student")
    assert answer["is_staff"] is False
    assert asked(SimpleNamespace(pk=1, role="janitor", **other))[1]["role"] is None
    assert asked(SimpleNamespace(pk=1, role=lambda: "admin", **other))[1]["role"] == "admin"
    assert asked(AnonymousUser())[0] == 401
