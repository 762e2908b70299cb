"""A Celery application whose main process publishes before it forks its pool."""

import os
from typing import Any

import django
from celery import Celery, signals
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.project.settings")
django.setup()

app = Celery("tests", broker=os.environ["TEST_BROKER_URL"])
app.conf.task_ignore_result = True
app.conf.worker_prefetch_multiplier = 1
app.conf.broker_connection_retry_on_startup = True
assert settings.CHANNEL_LAYERS


@signals.worker_init.connect  # type: ignore[untyped-decorator]
def publish_in_main_process(**kwargs: Any) -> None:
    from carillon.django import notify_student

    notify_student(7, "worker_started", {"pid": os.getpid()}, on_commit=False)


@app.task  # type: ignore[untyped-decorator]
def publish(number: int) -> None:
    from django.db import transaction

    from carillon.django import notify_student

    with transaction.atomic():
        notify_student(7, "numbered", {"number": number, "pid": os.getpid()})
