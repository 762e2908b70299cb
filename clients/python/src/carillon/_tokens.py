"""Access tokens as djangorestframework-simplejwt issues them, for tests and checks."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def access_token(
    secret_key: str | bytes,
    user_id: int | str,
    *,
    ttl_s: int = 300,
    algorithm: str = "HS256",
    user_id_claim: str = "user_id",
    **claims: Any,
) -> str:
    """A signed token for a user; `claims` are those beside the usual, such as `role="mentor"`."""
    now = int(time.time())
    payload = {
        "token_type": "access",
        "exp": now + ttl_s,
        "iat": now,
        "jti": uuid.uuid4().hex,
        user_id_claim: str(user_id),
        **claims,
    }
    signed = f"{_encoded({'alg': algorithm, 'typ': 'JWT'})}.{_encoded(payload)}"
    key = secret_key.encode() if isinstance(secret_key, str) else secret_key
    signature = hmac.new(key, signed.encode(), HASHES[algorithm]).digest()
    return f"{signed}.{_base64url(signature)}"


def _encoded(value: dict[str, Any]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
