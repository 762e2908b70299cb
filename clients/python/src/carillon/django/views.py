"""Who is behind a browser's cookie: what Carillon's `auth.http_url` asks.

For projects that log in with Django's sessions (Channels' AuthMiddlewareStack) instead of tokens.
"""

from typing import Any

from django.apps import apps
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from . import conf

SUPPORTED_ROLES = ("admin", "mentor", "student")


@never_cache
@require_safe
def session_view(request: HttpRequest) -> JsonResponse:
    """200 `{"user_id","role","is_staff","expires_in"}`, or 401 for nobody.

    The user is that of the session, and `expires_in` its seconds: those that remain where the
    session has a row in the database, else its whole age, as if it were stored now. Without a
    session, and with Django REST framework installed, the user is that of the Authorization
    header, by the project's default authentication classes, and `expires_in` is null: unknown.
    `role` comes from the callable that CARILLON["ROLE"] names, else from the user's attribute of
    that name.
    """
    settings = conf.load()
    user, expires_in_s = _user_of_session(request), None
    if user is not None:
        expires_in_s = max(0, _expiry_age_s(request.session))
    elif request.headers.get("Authorization"):
        user = _user_of_header(request)
    if user is None:
        return JsonResponse(
            {
                "detail": "Authentication credentials were not provided.",
                "code": "not_authenticated",
            },
            status=401,
        )
    is_staff = getattr(user, "is_staff", False) or getattr(user, "is_superuser", False)
    return JsonResponse(
        {
            "user_id": user.pk if isinstance(user.pk, int) else str(user.pk),
            "role": role_of(user, settings),
            "is_staff": bool(is_staff),
            "expires_in": expires_in_s,
        }
    )


# LoginRequiredMiddleware (Django 5.1) would redirect strangers to a page; Carillon wants the 401.
session_view.login_required = False  # type: ignore[attr-defined]


def role_of(user: Any, settings: conf.Settings) -> str | None:
    role = import_string(settings.role)(user) if settings.role else getattr(user, "role", None)
    if callable(role):
        role = role()
    return str(role) if role in SUPPORTED_ROLES else None


def _expiry_age_s(session: Any) -> int:
    # The stores `db` and `cached_db`: only their rows say when the session ends.
    model = getattr(session, "model", None)
    if model is not None:
        row = model.objects.filter(session_key=session.session_key).first()
        if row is not None:
            return int((row.expire_date - timezone.now()).total_seconds())
    return int(session.get_expiry_age())


def _user_of_session(request: HttpRequest) -> Any:
    return _active(getattr(request, "user", None)) if hasattr(request, "session") else None


def _user_of_header(request: HttpRequest) -> Any:
    if not apps.is_installed("rest_framework"):
        return None
    from rest_framework.exceptions import APIException
    from rest_framework.views import APIView

    try:
        return _active(APIView().initialize_request(request).user)
    except APIException:
        return None


def _active(user: Any) -> Any:
    return user if user is not None and user.is_authenticated and user.is_active else None
