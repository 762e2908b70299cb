"""`manage.py realtime_install`: shows what the settings file needs, and with --write, writes it."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ... import install


class Command(BaseCommand):
    help = (
        "Shows what must change in the settings file for Carillon, as a diff: INSTALLED_APPS, "
        "CHANNEL_LAYERS, CARILLON. Nothing is written without --write."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="change the file")
        parser.add_argument("--settings-file", help="another file than the settings module's")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["settings_file"] or _settings_file())
        try:
            configured = [n for n in ("CARILLON", "CHANNEL_LAYERS") if hasattr(settings, n)]
            plan = install.plan(path.read_text(encoding="utf-8"), configured)
        except (OSError, SyntaxError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read as Python: {error}") from error
        diff = plan.diff(path.name)
        if diff:
            self.stdout.write(diff, ending="")
        for item in plan.by_hand:
            self.stdout.write(self.style.WARNING(f"By hand: {item}"))
        if not diff:
            self.stdout.write(self.style.SUCCESS(f"{path} has all that can be written for it."))
        elif options["write"]:
            _replace(path, plan.after)
            self.stdout.write(self.style.SUCCESS(f"{path} is written. Next: manage.py check"))
        else:
            self.stdout.write("Nothing is written yet: say --write to do so.")


def _settings_file() -> str:
    module = sys.modules.get(settings.SETTINGS_MODULE)
    if module is None or not module.__file__:
        raise CommandError("which file has the settings? Name it with --settings-file")
    return module.__file__


def _replace(path: Path, text: str) -> None:
    """All or nothing: a crash on the way leaves the old file."""
    beside = path.with_name(f".{path.name}.realtime_install")
    beside.write_text(text, encoding="utf-8")
    beside.chmod(path.stat().st_mode)
    beside.replace(path)
