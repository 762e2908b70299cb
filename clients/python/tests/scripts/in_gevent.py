"""A worker of gunicorn's gevent kind, in small: everything patched, many greenlets."""

from gevent import monkey

monkey.patch_all()

import django  # noqa: E402
import gevent  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402

from carillon.django import counts, notify_student  # noqa: E402

GREENLETS, EVENTS = 4, 10
ticks = 0
ticks_while_waiting = 0


def tick() -> None:
    global ticks
    while True:
        ticks += 1
        # Not 0: a hub that never blocks keeps the interpreter's lock from every native thread.
        gevent.sleep(0.001)


def request(greenlet: int) -> None:
    global ticks_while_waiting
    for number in range(EVENTS):
        # Django refuses the database to a thread on which it sees an event loop run.
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        before = ticks
        notify_student(7, "numbered", {"greenlet": greenlet, "number": number}, on_commit=False)
        ticks_while_waiting += ticks - before
    connection.close()


ticking = gevent.spawn(tick)
requests = [gevent.spawn(request, greenlet) for greenlet in range(GREENLETS)]
gevent.joinall(requests, raise_error=True)
ticking.kill()
assert ticks_while_waiting > 0, "no other greenlet ran while one waited for Redis"
assert counts().sent == GREENLETS * EVENTS, counts()
print("done")
