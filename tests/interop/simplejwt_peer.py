"""The real djangorestframework-simplejwt, driven by JSON over standard input and output.

One request a line: {"settings": SIMPLE_JWT, "secret_key", "do": "mint"|"check"|"version", …}.
simplejwt reads its settings once, when it is imported, so each request is answered by a fork that
imports it anew; Django, which takes most of the time, is there already.
"""

import datetime
import importlib
import importlib.metadata
import json
import os
import sys
import types


def set_up_django():
    import django
    from django.conf import settings

    settings.configure(
        SECRET_KEY="replaced by each request",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
        USE_TZ=True,
    )
    django.setup()
    for name in ("jwt", "rest_framework.authentication", "rest_framework.test"):
        importlib.import_module(name)


def configure(request):
    from django.conf import settings

    simple_jwt = dict(request["settings"])
    for name in ("ACCESS_TOKEN_LIFETIME", "REFRESH_TOKEN_LIFETIME"):
        if name in simple_jwt:
            simple_jwt[name] = datetime.timedelta(seconds=simple_jwt[name])
    settings.SECRET_KEY = request["secret_key"]
    settings.SIMPLE_JWT = simple_jwt


def mint(request):
    """The tokens that a login of this user gives, and one made without a refresh token."""
    from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken

    user = types.SimpleNamespace(id=request["user_id"], pk=request["user_id"], is_active=True)
    refresh = RefreshToken.for_user(user)
    direct = AccessToken.for_user(user)
    for token in (refresh, direct):
        for name, value in request.get("claims", {}).items():
            token[name] = value
    return {"refresh": str(refresh), "access": str(refresh.access_token), "direct": str(direct),
            "sliding": str(SlidingToken.for_user(user))}


def check(request):
    """What an API with stateless authentication makes of the token."""
    from rest_framework.exceptions import APIException
    from rest_framework.test import APIRequestFactory
    from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication

    header = "Bearer " + request["token"]
    web_request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=header)
    try:
        user, token = JWTStatelessUserAuthentication().authenticate(web_request)
    except APIException as error:
        return {"status": error.status_code, "body": error.detail}
    return {"status": 200, "user_id": user.id, "payload": token.payload}


def version(_request):
    return {"version": importlib.metadata.version("djangorestframework_simplejwt")}


def answer(request):
    configure(request)
    reply = {"mint": mint, "check": check, "version": version}[request["do"]](request)
    print(json.dumps(reply, default=str), flush=True)


def main():
    set_up_django()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            answer(json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status != 0:
            sys.exit(f"no answer to {line}")


if __name__ == "__main__":
    main()
