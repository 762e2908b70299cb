"""The consumer behind /ws/leaderboard/."""

import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

GROUP = "leaderboard_updates"


def to_json(event: dict[str, Any]) -> str:
    """Without spaces, so that all servers send the same bytes."""
    return json.dumps(event, separators=(",", ":"))


class LeaderboardConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        if self.scope["user_id"] is None:
            await self.close()
            return
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        await self.send(text_data=to_json({"type": "connection_established"}))

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def leaderboard_update(self, event: dict[str, Any]) -> None:
        await self.send(text_data=to_json(event))

    # What the load generator publishes; it is handled like any other event.
    bench = leaderboard_update
