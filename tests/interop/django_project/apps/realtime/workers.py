"""What answers clients' questions in the background: `manage.py runworker ranking`."""

from channels.consumer import AsyncConsumer


class RankingWorker(AsyncConsumer):
    async def rank_question(self, event):
        answer = {"type": "rank.answer", "rank": 1, "student": event.get("student")}
        await self.channel_layer.send(event["reply_channel"], answer)
