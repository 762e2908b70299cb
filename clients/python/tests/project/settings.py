"""The settings of the tests' own project. Each test that sends anything says how."""

import os
from typing import Any

SECRET_KEY = "tests-only-secret-key-of-more-than-thirty-two-bytes-0123456789"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "carillon.django",
    "tests.project.school",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
STATIC_URL = "static/"
ROOT_URLCONF = "tests.project.urls"
DATABASES: dict[str, dict[str, Any]] = {
    name: {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    for name in ("default", "archive")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
    ],
}

# Where the scripts that tests start find their Redis.
if os.environ.get("TEST_REDIS_URL"):
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [os.environ["TEST_REDIS_URL"]]},
        }
    }
