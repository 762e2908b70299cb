"""The JSON Web Token of the query string, as a Channels middleware."""

from typing import Any
from urllib.parse import parse_qs

from channels.middleware import BaseMiddleware
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken


def user_id_of(query: bytes) -> str | None:
    """Whose token it is; None when there is no valid one. No database: like Carillon, it believes
    what the token says."""
    given = parse_qs(query.decode()).get("token")
    if not given:
        return None
    try:
        return str(AccessToken(given[0])["user_id"])
    except (TokenError, KeyError):
        return None


class JwtMiddleware(BaseMiddleware):
    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        scope = scope | {"user_id": user_id_of(scope["query_string"])}
        return await super().__call__(scope, receive, send)
