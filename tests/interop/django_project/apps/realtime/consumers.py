"""The five WebSocket consumers. Each joins one group and passes its events on to the browser."""

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.core.cache import cache


class RealtimeConsumer(AsyncJsonWebsocketConsumer):
    """One connection in one group."""

    async def connect(self):
        self.group = None
        if not self.is_allowed(self.scope["user"]):
            await self.close()
            return
        self.group = self.group_name()
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.greet()

    async def disconnect(self, code):
        if self.group is not None:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content, **kwargs):
        if content.get("type") == "ping":
            await self.send_json({"type": "pong", "timestamp": content.get("timestamp")})

    async def greet(self, **more):
        await self.send_json({"type": "connection_established", **more})

    async def relay(self, event):
        """The event as it was published, under the name of its handler."""
        await self.send_json({**event, "type": event["type"].replace(".", "_")})

    def is_allowed(self, user):
        return user.is_authenticated


class DashboardConsumer(RealtimeConsumer):
    dashboard_update = submission_created = grade_updated = RealtimeConsumer.relay

    def is_allowed(self, user):
        return user.is_authenticated and (user.is_staff or user.role == "mentor")

    def group_name(self):
        return "dashboard_updates"

    async def greet(self):
        await super().greet(message="Connected to dashboard updates")


class NotificationConsumer(RealtimeConsumer):
    notification = RealtimeConsumer.relay

    def group_name(self):
        return f"notifications_{self.scope['user'].id}"

    async def greet(self):
        await super().greet(unread_count=0)


class LeaderboardConsumer(RealtimeConsumer):
    leaderboard_update = RealtimeConsumer.relay

    def group_name(self):
        return "leaderboard_updates"

    async def greet(self):
        await super().greet()
        leaderboard = await cache.aget("leaderboard")
        if leaderboard is not None:
            await self.send_json({"type": "leaderboard_update", "leaderboard": leaderboard})


class OwnConsumer(RealtimeConsumer):
    """What belongs to the one user whose id is in the path."""

    role = ""

    def is_allowed(self, user):
        return user.is_authenticated and (user.is_staff or self.is_theirs(user))

    def is_theirs(self, user):
        return str(user.id) == self.path_id() and user.role in (None, self.role)

    def path_id(self):
        return self.scope["url_route"]["kwargs"]["user_id"]

    def group_name(self):
        return f"{self.role}_{self.path_id()}"


class MentorConsumer(OwnConsumer):
    role = "mentor"
    student_submission = review_request = RealtimeConsumer.relay


class StudentConsumer(OwnConsumer):
    role = "student"
    grade_received = feedback_received = achievement_unlocked = RealtimeConsumer.relay
