"""What answers clients' questions in the background: `manage.py runworker ranking`."""

from channels.consumer import AsyncConsumer


class RankingWorker(AsyncConsumer):
    async def client_message(self, event):
        question = event["message"]
        answer = {"type": "rank.answer", "student": question["student"], "rank": 1}
        await self.channel_layer.send(event["reply_channel"], answer)
