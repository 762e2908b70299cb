"""Tokens as djangorestframework-simplejwt shapes them, and every way of getting one wrong."""

import time
import uuid
from typing import Any

import jwt

SECRET_KEY = "integration-tests-only-secret-key-of-more-than-sixty-four-characters-0123"


def claims(user_id: Any = "7", **changes: Any) -> dict[str, Any]:
    """An access token's claims. A change to None leaves that claim out."""
    now = int(time.time())
    made: dict[str, Any] = {
        "token_type": "access",
        "exp": now + 3600,
        "iat": now,
        "jti": uuid.uuid4().hex,
        "user_id": user_id,
    }
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}


def sign(
    payload: dict[str, Any],
    key: Any = SECRET_KEY,
    algorithm: str = "HS256",
    headers: dict[str, Any] | None = None,
) -> str:
    # PyJWT insists on a text `sub` and integer times; the tests must be able to send others.
    return jwt.PyJWS().encode(
        _json(payload), key, algorithm=algorithm, headers={"typ": "JWT", **(headers or {})}
    )


def _json(payload: dict[str, Any]) -> bytes:
    import json

    return json.dumps(payload, separators=(",", ":")).encode()


def access(user_id: Any = "7", **changes: Any) -> str:
    return sign(claims(user_id, **changes))


def student(user_id: Any = "7") -> str:
    return access(user_id, role="student")


def mentor(user_id: Any = "3") -> str:
    return access(user_id, role="mentor")


def admin(user_id: Any = "1") -> str:
    return access(user_id, role="admin")


def expired(user_id: Any = "7") -> str:
    now = int(time.time())
    return access(user_id, iat=now - 7200, exp=now - 3600)
