"""`manage.py runrealtime`: Carillon beside runserver, with Django's settings."""

import os
import sys
from argparse import REMAINDER
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...._binary import find_binary
from ...._exceptions import ConfigurationError
from ... import conf
from ...serving import server_environment


class Command(BaseCommand):
    help = (
        "Runs `carillon serve` with the settings that follow from Django's: SECRET_KEY, "
        "ALLOWED_HOSTS, CORS_ALLOWED_ORIGINS, CHANNEL_LAYERS, SIMPLE_JWT, CARILLON. What comes "
        "after -- goes to it as it is."
    )
    # The server checks its settings itself, and Django's checks may be about its absence.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--bind", metavar="ADDRESS", help="HOST:PORT; the host and port of the URL unless given"
        )
        parser.add_argument(
            "--print", action="store_true", dest="only_print", help="say what would run, and stop"
        )
        parser.add_argument("arguments", nargs=REMAINDER, help="for `carillon serve`")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            carillon = conf.load()
            program = str(find_binary(carillon.binary))
            environment = server_environment(carillon)
        except ConfigurationError as error:
            raise CommandError(str(error)) from error
        bind = options["bind"] or _address_of(carillon.url)
        arguments = [argument for argument in options["arguments"] if argument != "--"]
        command = [program, "serve", "--bind", bind, *arguments]
        self.stdout.write(" ".join(command))
        if options["only_print"]:
            # Names only: the values are secrets.
            names = [n for n in environment if os.environ.get(n) != environment[n]]
            self.stdout.write(f"with {', '.join(sorted(names))} from Django's settings")
            return
        self.stdout.flush()
        sys.stderr.flush()
        # In this process's place: signals, the terminal and the exit status are the program's.
        os.execve(program, command, environment)


def _address_of(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or "127.0.0.1"
    host = "127.0.0.1" if host == "localhost" else host
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
