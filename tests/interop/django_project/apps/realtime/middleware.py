"""Who is connecting: the access token of the query string."""

from urllib.parse import parse_qs

from django.contrib.auth.models import AnonymousUser
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.models import TokenUser
from rest_framework_simplejwt.tokens import AccessToken


def user_of(token):
    """The user as the token describes them, without a look at the database."""
    try:
        access = AccessToken(token)
    except TokenError:
        return AnonymousUser()
    user = TokenUser(access)
    user.role = access.get("role")
    user.is_staff = user.is_staff or user.role == "admin"
    return user


class JWTAuthMiddleware:
    def __init__(self, application):
        self.application = application

    async def __call__(self, scope, receive, send):
        query = parse_qs(scope["query_string"].decode())
        user = user_of(query.get("token", [""])[0])
        return await self.application({**scope, "user": user}, receive, send)
