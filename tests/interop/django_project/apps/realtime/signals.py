"""Notifications that follow from saving a record."""

from django.db.models.signals import post_save

from apps.realtime.utils import notify_dashboard


def broadcast_on_save(model, event_type, data_of):
    """Tells the dashboard of each new record of `model`; `data_of(instance)` is what it says."""

    def created_or_saved(sender, instance, created, **kwargs):
        if created:
            notify_dashboard(event_type, data_of(instance))

    post_save.connect(created_or_saved, sender=model, weak=False)
