"""Publishing from Django: what any view of a project with Channels does."""

import json

from channels.layers import get_channel_layer
from django.http import HttpRequest, JsonResponse


async def publish(request: HttpRequest, group: str) -> JsonResponse:
    await get_channel_layer().group_send(group, json.loads(request.body))
    return JsonResponse({"accepted": True}, status=202)
