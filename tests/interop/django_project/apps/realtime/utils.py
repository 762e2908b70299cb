"""Broadcasting from synchronous code: views, signals, tasks."""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache


def group_send(group, event):
    async_to_sync(get_channel_layer().group_send)(group, event)


def notify_dashboard(event_type, data):
    group_send("dashboard_updates", {"type": event_type, **data})


def notify_user(user_id, notification):
    event = {"type": "notification", "notification": notification}
    group_send(f"notifications_{user_id}", event)


def notify_mentor(mentor_id, event_type, data):
    group_send(f"mentor_{mentor_id}", {"type": event_type, **data})


def notify_student(student_id, event_type, data):
    group_send(f"student_{student_id}", {"type": event_type, **data})


def update_leaderboard(leaderboard):
    cache.set("leaderboard", leaderboard, timeout=None)
    event = {"type": "leaderboard_update", "leaderboard": leaderboard}
    group_send("leaderboard_updates", event)
