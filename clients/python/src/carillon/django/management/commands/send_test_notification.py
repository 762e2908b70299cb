"""`manage.py send_test_notification --user-id 1`: does it arrive?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...._exceptions import CarillonError
from ... import conf
from ...notify import notify_user


class Command(BaseCommand):
    help = "Sends one notification to a user, through the configured transport."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user-id", required=True, help="whom to notify")
        parser.add_argument("--title", default="Test notification", help="its heading")
        parser.add_argument("--message", default="This is a test notification", help="its text")
        parser.add_argument("--type", default="info", help="its kind, for the page to show")

    def handle(self, *args: Any, **options: Any) -> None:
        notification = {name: options[name] for name in ("title", "message", "type")}
        try:
            transport = conf.load().transport_name
            notify_user(options["user_id"], notification, on_commit=False, fail_silently=False)
        except (CarillonError, TypeError, ValueError) as error:
            raise CommandError(f"not sent: {error}") from error
        ways = {"layer": "through the channel layer", "http": "over HTTP"}
        way = ways.get(transport, f"by {transport}")
        self.stdout.write(
            self.style.SUCCESS(f"Notification sent to user {options['user_id']} {way}.")
        )
