"""manage.py send_test_notification --user-id 1: rings that user's bell."""

from django.core.management.base import BaseCommand

from apps.realtime.utils import notify_user


class Command(BaseCommand):
    help = "Sends a test notification to one user."

    def add_arguments(self, parser):
        parser.add_argument("--user-id", required=True)
        parser.add_argument("--message", default="This is a test notification")

    def handle(self, *args, **options):
        notification = {"title": "Test notification", "message": options["message"]}
        notify_user(options["user_id"], notification)
        self.stdout.write(self.style.SUCCESS(f"Sent to user {options['user_id']}."))
