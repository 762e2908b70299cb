"""The setting CARILLON, a dictionary, and the environment beside it.

CARILLON = {
    "URL": "http://127.0.0.1:8001",   # or CARILLON_URL in the environment
    "API_KEY": "…",                   # or CARILLON_API_KEY
    "TRANSPORT": "http",              # or "layer"
}
"""

import difflib
import os
from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings as django_settings
from django.core.signals import setting_changed

from .._exceptions import ConfigurationError

# runserver has 8000; `manage.py runrealtime` puts Carillon beside it.
DEFAULT_URL = "http://127.0.0.1:8001"


@dataclass(frozen=True)
class Settings:
    """What CARILLON says, in lower case, and what it leaves open."""

    transport: str = ""  # "layer", "http", or the path of a Transport; "": see `transport_name`
    url: str = DEFAULT_URL
    api_key: str = ""
    channel_layer: str = "default"
    timeout_s: float = 5.0  # how long one event may take to be accepted, retries included
    fail_silently: bool = True  # a failure of what is sent on commit is logged, not raised
    binary: str = ""  # the program; "": CARILLON_BIN in the environment, then PATH
    role: str = ""  # path of a callable(user) -> "admin", "mentor", "student" or None
    session_url: str = ""  # where Carillon reaches carillon.django.urls

    @property
    def transport_name(self) -> str:
        """The layer where there is one, else HTTP."""
        if self.transport:
            return self.transport
        return "layer" if self.channel_layer in channel_layers() else "http"


def channel_layers() -> dict[str, Any]:
    layers = getattr(django_settings, "CHANNEL_LAYERS", None)
    return layers if isinstance(layers, dict) else {}


def problems() -> list[str]:
    """What is wrong with CARILLON itself, a sentence each."""
    given = getattr(django_settings, "CARILLON", {})
    if not isinstance(given, dict):
        return ["CARILLON must be a dictionary."]
    found = []
    known = {field.name.upper(): field for field in fields(Settings)}
    for key, value in given.items():
        if key not in known:
            nearest = difflib.get_close_matches(str(key).upper(), known, 1)
            hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
            found.append(f"CARILLON has the unknown key {key!r}.{hint}")
        elif not _fits(value, known[key].type):
            found.append(f"CARILLON[{key!r}] must be {_described(known[key].type)}.")
    return found


def load() -> Settings:
    """The settings as they are now; ConfigurationError where `problems` finds any."""
    found = problems()
    if found:
        raise ConfigurationError(" ".join(found))
    given = {key.lower(): value for key, value in getattr(django_settings, "CARILLON", {}).items()}
    for name in ("url", "api_key"):
        if not given.get(name):
            from_environment = os.environ.get(f"CARILLON_{name.upper()}")
            given.pop(name, None)
            if from_environment:
                given[name] = from_environment
    return Settings(**given)


def on_change(forget: Any) -> None:
    """Calls `forget()` when a test overrides a setting that matters here."""

    def changed(*, setting: str, **kwargs: Any) -> None:
        if setting in ("CARILLON", "CHANNEL_LAYERS"):
            forget()

    setting_changed.connect(changed, weak=False)


def _fits(value: Any, kind: Any) -> bool:
    if kind is bool:
        return isinstance(value, bool)
    if kind in (int, float):
        numbers = (int, float) if kind is float else (int,)
        return isinstance(value, numbers) and not isinstance(value, bool) and value > 0
    return isinstance(value, str)


def _described(kind: Any) -> str:
    return {bool: "True or False", int: "a positive integer", float: "a positive number"}.get(
        kind, "a string"
    )
