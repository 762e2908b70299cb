"""The bodies of refusals, as djangorestframework-simplejwt writes them."""

NO_CREDENTIALS = {"detail": "Authentication credentials were not provided."}
NO_USER = {
    "detail": "Token contained no recognizable user identification",
    "code": "token_not_valid",
}


def bad_token(message: str) -> dict[str, object]:
    return {
        "detail": "Given token not valid for any token type",
        "code": "token_not_valid",
        "messages": [{"token_class": "AccessToken", "token_type": "access", "message": message}],
    }
