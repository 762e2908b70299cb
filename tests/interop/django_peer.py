"""The real Django with channels and channels_redis, driven by JSON over standard input and output.

One request a line, {"id", "do", …}; the answer carries its id. Requests run side by side, so one
may wait in `receive` while another sends. Bytes travel as {"$bytes": hex}.
"""

import asyncio
import importlib.metadata
import json
import os
import sys
import time

PROJECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "django_project")
listeners = {}  # name -> the events heard so far, and what tells of a new one
tasks = {}  # layer -> those that read for its listeners


def set_up_django():
    sys.path.insert(0, PROJECT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def layer(request):
    from channels.layers import get_channel_layer

    return get_channel_layer(request["layer"])


async def versions(request):
    names = ("Django", "channels", "channels_redis", "redis", "msgpack")
    return {name: importlib.metadata.version(name) for name in names}


async def configure(request):
    """A channel layer of this name, configured as in CHANNEL_LAYERS."""
    from channels.layers import channel_layers
    from django.conf import settings

    settings.CHANNEL_LAYERS[request["layer"]] = request["configuration"]
    channel_layers.backends.pop(request["layer"], None)


async def group_send(request):
    """Sends each event, as awaiting code does; `sync` as a view does. Says which were refused."""
    from asgiref.sync import async_to_sync

    sent, refused = 0, []
    send = layer(request).group_send
    for index, event in enumerate(request["events"]):
        try:
            if request.get("sync"):
                await in_thread(async_to_sync(send), request["group"], event)
            else:
                await send(request["group"], event)
            sent += 1
        except Exception as error:  # the test looks at it
            refused.append([index, type(error).__name__])
    return {"sent": sent, "refused": refused}


async def stream(request):
    """Events n = 0, 1, 2 … at `per_s` a second, 0 as fast as they go; says which were refused."""
    refused, begun = [], time.monotonic()
    for n in range(request["count"]):
        if request["per_s"]:
            await asyncio.sleep(max(0.0, begun + n / request["per_s"] - time.monotonic()))
        try:
            await layer(request).group_send(request["group"], {**request["event"], "n": n})
        except Exception as error:  # the test looks at it
            refused.append([n, type(error).__name__])
    return {"refused": refused, "seconds": time.monotonic() - begun}


async def send(request):
    await layer(request).send(request["channel"], request["event"])


async def new_channel(request):
    return await layer(request).new_channel()


async def group_add(request):
    await layer(request).group_add(request["group"], request["channel"])


async def group_discard(request):
    await layer(request).group_discard(request["group"], request["channel"])


async def receive(request):
    return await asyncio.wait_for(layer(request).receive(request["channel"]), request["within_s"])


async def flush(request):
    await layer(request).flush()


async def listen(request):
    """A channel in these groups, read from now on."""
    channel = await layer(request).new_channel()
    for group in request["groups"]:
        await layer(request).group_add(group, channel)
    await hear(request, channel)
    return channel


async def hear(request, channel=None):
    """Reads a channel from now on."""
    channel = channel or request["channel"]
    from redis.exceptions import ConnectionError as RedisConnectionError

    events, changed = [], asyncio.Condition()

    async def read():
        while True:
            try:
                event = await layer(request).receive(channel)
            except (OSError, RedisConnectionError):  # a consumer would end here; we go on
                await asyncio.sleep(0.1)
                continue
            async with changed:
                events.append(event)
                changed.notify_all()

    task = asyncio.create_task(read())
    # It ends with its Redis: no word of it, unless somebody asks.
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    await asyncio.sleep(0)
    listeners[request["listener"]] = (events, changed, task)
    tasks.setdefault(request["layer"], []).append(task)


async def heard(request):
    """The events of a listener, once there are `count` of them."""
    events, changed, task = listeners[request["listener"]]
    async with changed:
        ready = changed.wait_for(lambda: len(events) >= request["count"] or task.done())
        await asyncio.wait_for(ready, request["within_s"])
    if task.done():
        task.result()
    return list(events)


async def forget(request):
    """Ends a layer's listeners and its connections, which would try for ever otherwise."""
    for task in tasks.pop(request["layer"], []):
        task.cancel()
    target = layer(request)
    if "pubsub" in type(target).__module__:
        await target.flush()
    elif hasattr(target, "close_pools"):  # from 4.1 on
        await target.close_pools()


async def encoded(request):
    """The bytes that this layer would write for an event."""
    target = layer(request)
    return {"$bytes": target.serialize(request["event"]).hex()}


async def notify(request):
    """One of apps.realtime.utils, in a thread, as views and tasks call them."""
    from apps.realtime import utils

    await in_thread(getattr(utils, request["helper"]), *request["arguments"])


async def in_thread(function, *arguments):
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


COMMANDS = {
    function.__name__: function
    for function in (versions, configure, group_send, stream, send, new_channel, group_add,
                     group_discard, receive, flush, forget, listen, hear, heard, encoded, notify)
}


def from_json(value):
    return bytes.fromhex(value["$bytes"]) if set(value) == {"$bytes"} else value


def to_json(value):
    return {"$bytes": value.hex()}


async def answer(request):
    try:
        reply = {"result": await COMMANDS[request["do"]](request)}
    except Exception as error:  # the test looks at it
        reply = {"error": type(error).__name__, "text": str(error)}
    print(json.dumps({"id": request["id"], **reply}, default=to_json), flush=True)


async def main():
    reader = asyncio.StreamReader(limit=1 << 26)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    answering = set()
    while line := await reader.readline():
        task = asyncio.create_task(answer(json.loads(line, object_hook=from_json)))
        answering.add(task)
        task.add_done_callback(answering.discard)


if __name__ == "__main__":
    set_up_django()
    asyncio.run(main())
