"""Runs the commands of the real binary in a directory and an environment of their own."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from tests.support.server import binary

# Long enough for a sanitizer build on a busy machine; nothing waits for it.
GIVE_UP_S = 60


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    error: str

    @property
    def errors(self) -> list[str]:
        """What was said on standard error, without its notes."""
        return [line for line in self.error.splitlines() if not line.startswith("note: ")]

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Commands:
    """`run("token", "issue", …)` from `directory`, with no settings but those given."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def run(
        self,
        *arguments: str,
        settings: Mapping[str, str] | None = None,
        stdin: str | bytes = "",
    ) -> Outcome:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.directory),
            **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
            **(settings or {}),
        }
        ended = subprocess.run(
            [str(binary()), *arguments],
            cwd=self.directory,
            env=environment,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=GIVE_UP_S,
            check=False,
        )
        return Outcome(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def write(self, name: str, text: str) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


def step_of(outcome: Outcome, name: str) -> Mapping[str, Any]:
    """One step of `test-websocket --json`."""
    steps: Sequence[Mapping[str, Any]] = outcome.json["steps"]
    return next(step for step in steps if step["step"] == name)


def expired_token(secret: str) -> str:
    claims = {"token_type": "access", "exp": 1, "iat": 0, "jti": "a", "user_id": "7"}
    return jwt.encode(claims, secret, algorithm="HS256")
