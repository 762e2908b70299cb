"""Who is behind a browser's cookie: what Carillon's `auth.http_url` asks.

For projects that log in with Django's sessions (Channels' AuthMiddlewareStack) instead of tokens.
"""

from typing import Any

from django.apps import apps
from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from . import conf

SUPPORTED_ROLES = ("admin", "mentor", "student")


@never_cache
@require_safe
def session_view(request: HttpRequest) -> JsonResponse:
    """200 `{"user_id","role","is_staff","expires_in"}`, or 401 for nobody.

    The user is that of the session; without one, and with Django REST framework installed, that of
    the Authorization header, by the project's default authentication classes. `role` comes from
    the callable that CARILLON["ROLE"] names. `expires_in` is how many seconds Carillon may rely on
    the answer: to the end of the session, at most CARILLON["SESSION_EXPIRES_IN_S"].
    """
    settings = conf.load()
    user = _user(request)
    if user is None:
        return JsonResponse(
            {
                "detail": "Authentication credentials were not provided.",
                "code": "not_authenticated",
            },
            status=401,
        )
    session = getattr(request, "session", None)
    remaining_s = session.get_expiry_age() if session is not None else settings.session_expires_in_s
    return JsonResponse(
        {
            "user_id": user.pk if isinstance(user.pk, int) else str(user.pk),
            "role": role_of(user, settings),
            "is_staff": bool(getattr(user, "is_staff", False)),
            "expires_in": max(0, min(remaining_s, settings.session_expires_in_s)),
        }
    )


def role_of(user: Any, settings: conf.Settings) -> str | None:
    role = import_string(settings.role)(user) if settings.role else getattr(user, "role", None)
    if callable(role):
        role = role()
    return str(role) if role in SUPPORTED_ROLES else None


def _user(request: HttpRequest) -> Any:
    user: Any = getattr(request, "user", None)
    if (user is None or not user.is_authenticated) and request.headers.get("Authorization"):
        user = _user_of_header(request)
    return user if user is not None and user.is_authenticated and user.is_active else None


def _user_of_header(request: HttpRequest) -> Any:
    if not apps.is_installed("rest_framework"):
        return None
    from rest_framework.exceptions import APIException
    from rest_framework.views import APIView

    try:
        return APIView().initialize_request(request).user
    except APIException:
        return None
