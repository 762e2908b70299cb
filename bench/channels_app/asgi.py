"""What Daphne and uvicorn serve."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "channels_app.settings")
django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

from channels_app.consumers import LeaderboardConsumer  # noqa: E402
from channels_app.middleware import JwtMiddleware  # noqa: E402

application = ProtocolTypeRouter(
    {
        "websocket": JwtMiddleware(
            URLRouter([path("ws/leaderboard/", LeaderboardConsumer.as_asgi())])
        )
    }
)
