"""Where notifications come from, one example for each style of integration."""

from apps.realtime.utils import notify_dashboard, notify_student, update_leaderboard


def from_a_view(submission):
    """Right after the view has saved the grade."""
    notify_student(
        submission.student.id,
        "grade_received",
        {"grade": {"score": submission.grade}},
    )


def from_a_signal(instance, created):
    """In a post_save receiver."""
    if created:
        notify_dashboard("submission_created", {"submission_id": instance.id})


def from_a_background_task(calculate_rankings):
    """In a Celery task or a cron job."""
    update_leaderboard(calculate_rankings())
