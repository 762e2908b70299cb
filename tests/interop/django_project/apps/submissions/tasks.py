"""What runs in the background: from Celery, cron or the shell."""

from django.db.models import Sum

from apps.realtime.utils import update_leaderboard
from apps.submissions.models import Submission


def calculate_rankings():
    totals = (
        Submission.objects.filter(grade__isnull=False)
        .values("student_id", "student__username")
        .annotate(points=Sum("grade"))
        .order_by("-points", "student_id")
    )
    return [
        {
            "rank": rank,
            "id": row["student_id"],
            "name": row["student__username"],
            "points": row["points"],
        }
        for rank, row in enumerate(totals, 1)
    ]


def calculate_leaderboard_task():
    leaderboard = calculate_rankings()
    update_leaderboard(leaderboard)
