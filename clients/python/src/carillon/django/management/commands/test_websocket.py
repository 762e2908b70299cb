"""`manage.py test_websocket`: does it work, and if not, where does it break?"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...diagnosis import TIMEOUT_S, Diagnosis, Step

MARKS = {True: "✓", False: "✗", None: "–"}


class Command(BaseCommand):
    help = (
        "Checks real-time delivery as a user would see it: settings, channel layer, server, "
        "token, WebSocket, and an event from here to there. Exit status 1 if a step fails."
    )
    # It runs the checks that matter itself, and explains them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="the steps as JSON")
        parser.add_argument(
            "--timeout", type=float, default=TIMEOUT_S, help="seconds for each step"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        silent = options["json"]
        diagnosis = Diagnosis(lambda step: None if silent else self._say(step), options["timeout"])
        passed = diagnosis.run()
        if silent:
            steps = [
                {"step": s.name, "passed": s.passed, "detail": s.detail, "remedy": s.remedy}
                for s in diagnosis.steps
            ]
            self.stdout.write(json.dumps({"passed": passed, "steps": steps}, ensure_ascii=False))
        if not passed:
            raise CommandError("real-time delivery does not work", returncode=1)

    def _say(self, step: Step) -> None:
        style = {True: self.style.SUCCESS, False: self.style.ERROR, None: self.style.WARNING}
        self.stdout.write(style[step.passed](f"{MARKS[step.passed]} {step.name}: {step.detail}"))
        if step.remedy:
            self.stdout.write(f"  → {step.remedy}")
