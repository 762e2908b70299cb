"""Carillon for Django: tell the browsers that are connected what has changed.

    from carillon.django import notify_student

    notify_student(student.id, "grade_received", {"grade": {"score": 92}})

Add "carillon.django" to INSTALLED_APPS for the checks and the management commands.
"""

from ._deliveries import Counts, counts
from .notify import (
    agroup_send,
    anotify_dashboard,
    anotify_mentor,
    anotify_student,
    anotify_user,
    aupdate_leaderboard,
    group_send,
    notify_dashboard,
    notify_mentor,
    notify_student,
    notify_user,
    update_leaderboard,
)

__all__ = [
    "Counts",
    "agroup_send",
    "anotify_dashboard",
    "anotify_mentor",
    "anotify_student",
    "anotify_user",
    "aupdate_leaderboard",
    "counts",
    "group_send",
    "notify_dashboard",
    "notify_mentor",
    "notify_student",
    "notify_user",
    "update_leaderboard",
]
