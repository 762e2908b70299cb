"""The wheel and the sdist: what is in them, and what they say of themselves."""

import os
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from carillon import __version__

ROOT = Path(__file__).resolve().parents[1]
WHEEL = f"carillon-{__version__}-py3-none-any.whl"
SDIST = f"carillon-{__version__}.tar.gz"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where they are; built here unless whoever runs the tests has just done so."""
    if os.environ.get("TEST_DIST"):
        return Path(os.environ["TEST_DIST"])
    directory = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return directory


def sources() -> set[str]:
    files = (ROOT / "src").rglob("*")
    return {
        str(file.relative_to(ROOT / "src"))
        for file in files
        if file.suffix == ".py" or file.name == "py.typed"
    }


def test_the_wheel_has_every_source_and_nothing_else(dist: Path) -> None:
    with zipfile.ZipFile(dist / WHEEL) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == sources()
    assert "carillon/py.typed" in names
    assert "carillon/django/management/commands/test_websocket.py" in names


def test_the_wheel_says_what_it_is_and_needs(dist: Path) -> None:
    with zipfile.ZipFile(dist / WHEEL) as wheel:
        information = f"carillon-{__version__}.dist-info"
        metadata = message_from_string(wheel.read(f"{information}/METADATA").decode())
        entry_points = wheel.read(f"{information}/entry_points.txt").decode()
        assert any(name.endswith("/LICENSE") for name in wheel.namelist())
    assert metadata["Name"] == "carillon"
    assert metadata["Version"] == __version__
    assert metadata["Requires-Python"] == ">=3.10"
    needs = metadata.get_all("Requires-Dist") or []
    assert all("extra ==" in need for need in needs)
    assert set(metadata.get_all("Provides-Extra") or []) == {"django", "http", "layer"}
    assert "[pytest11]\ncarillon = carillon._pytest_plugin" in entry_points
    assert "pip install" in metadata.get_payload()


def test_the_sdist_has_what_it_takes_to_build_and_test(dist: Path) -> None:
    with tarfile.open(dist / SDIST) as sdist:
        names = {name.split("/", 1)[1] for name in sdist.getnames() if "/" in name}
    assert {"pyproject.toml", "README.md", "LICENSE", "PKG-INFO"} <= names
    assert {f"src/{name}" for name in sources()} <= names
    assert "tests/conftest.py" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
