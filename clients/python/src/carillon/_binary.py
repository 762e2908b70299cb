"""Finds the program `carillon`."""

import os
import shutil
from pathlib import Path

from ._exceptions import BinaryNotFound


def find_binary(configured: str = "") -> Path:
    """The first of `configured`, CARILLON_BIN in the environment, and `carillon` in PATH."""
    named = configured or os.environ.get("CARILLON_BIN", "")
    if named:
        path = Path(named)
        if path.is_file() and os.access(path, os.X_OK):
            return path.resolve()
        raise BinaryNotFound(f"{named} is no program that can be run")
    found = shutil.which("carillon")
    if found is None:
        raise BinaryNotFound(
            "the program carillon is not in PATH: install it, or name it in CARILLON_BIN"
        )
    return Path(found)
