"""The five WebSocket endpoints."""

from django.urls import re_path

from apps.realtime import consumers

websocket_urlpatterns = [
    re_path(r"^ws/dashboard/?$", consumers.DashboardConsumer.as_asgi()),
    re_path(r"^ws/notifications/?$", consumers.NotificationConsumer.as_asgi()),
    re_path(r"^ws/leaderboard/?$", consumers.LeaderboardConsumer.as_asgi()),
    re_path(r"^ws/mentor/(?P<user_id>[^/]+)/?$", consumers.MentorConsumer.as_asgi()),
    re_path(r"^ws/student/(?P<user_id>[^/]+)/?$", consumers.StudentConsumer.as_asgi()),
]
