"""The dashboard hears of each new submission."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from apps.realtime.utils import notify_dashboard
from apps.submissions.models import Submission


@receiver(post_save, sender=Submission)
def submission_created(sender, instance, created, **kwargs):
    if created:
        notify_dashboard("submission_created", {"submission_id": instance.id})
