"""What the package offers, and to whom."""

import importlib
import inspect
import re
import subprocess
import sys
from types import ModuleType

import pytest

import carillon
import carillon.django
import carillon.django.testing
import carillon.testing


@pytest.mark.parametrize(
    "module", [carillon, carillon.django, carillon.testing, carillon.django.testing]
)
def test_all_is_sorted_and_every_name_is_there(module: ModuleType) -> None:
    assert module.__all__ == sorted(module.__all__)
    for name in module.__all__:
        assert hasattr(module, name)


@pytest.mark.parametrize("module", [carillon, carillon.django, carillon.testing])
def test_all_is_complete(module: ModuleType) -> None:
    offered = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert offered == set(module.__all__) - {"__version__"}


def test_the_tree_of_exceptions_is_the_one_that_is_drawn() -> None:
    page = importlib.import_module("carillon._exceptions")
    drawn = re.findall(r"^( *)(?:\+ )?([A-Z]\w+)(?: {2,}|$)", page.__doc__ or "", re.MULTILINE)
    parents: list[str] = []
    for indent, name in drawn:
        depth = len(indent) // 2
        found = getattr(page, name)
        if depth:
            assert found.__mro__[1].__name__ == parents[depth - 1]
        parents[depth:] = [name]
    classes = {n for n, c in vars(page).items() if inspect.isclass(c)}
    assert {name for _, name in drawn} == classes


@pytest.mark.parametrize("module", ["carillon", "carillon.testing"])
def test_the_package_needs_no_other_until_it_is_used(module: str) -> None:
    script = f"""
import sys
for name in ("django", "httpx", "channels", "asgiref", "redis", "gevent", "pytest"):
    sys.modules[name] = None
import {module}
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_without_httpx_the_http_transport_says_what_to_install() -> None:
    script = """
import sys
sys.modules["httpx"] = None
import carillon
try:
    carillon.Client("http://127.0.0.1:1", "key")
except carillon.ConfigurationError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    assert b"needs httpx: pip install httpx" in done.stdout
