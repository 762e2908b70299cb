"""Settings of a Django project with one WebSocket endpoint. All that varies is in the
environment: SECRET_KEY, REDIS_URL and CHANNELS_BACKEND."""

import os

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "channels_app.urls"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "channels"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
DATABASES: dict[str, dict[str, str]] = {}
USE_TZ = True
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": os.environ.get("CHANNELS_BACKEND", "channels_redis.core.RedisChannelLayer"),
        # Two defaults of redis-py 8 that Channels cannot live with: a read may take 5 s, as long as
        # a consumer waits for its next message, and then the consumer dies; and a pool has 100
        # connections, while thousands of consumers join or leave at once.
        "CONFIG": {
            "hosts": [
                {
                    "address": os.environ["REDIS_URL"],
                    "socket_timeout": None,
                    "max_connections": 8_000,
                }
            ]
        },
    }
}
