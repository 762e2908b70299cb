"""manage.py test_websocket: is the channel layer there, and does a message pass through it?"""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.management.base import BaseCommand, CommandError
from redis.exceptions import RedisError


async def round_trip(layer):
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "test.message", "text": "ding"})
    return await layer.receive(channel)


class Command(BaseCommand):
    help = "Checks the channel layer that WebSockets need."

    def handle(self, *args, **options):
        layer = get_channel_layer()
        if layer is None:
            raise CommandError("Channel layer not configured: see CHANNEL_LAYERS in the settings.")
        try:
            message = async_to_sync(round_trip)(layer)
        except (OSError, RedisError) as error:
            raise CommandError(f"Redis cannot be reached: {error}") from error
        if message.get("text") != "ding":
            raise CommandError(f"Another message came back: {message}")
        self.stdout.write(self.style.SUCCESS("Redis connection OK: a message went through."))
