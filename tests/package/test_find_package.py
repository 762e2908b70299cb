"""The installed library is enough for a stranger's project: configure, build, run."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support import ws
from tests.support.example import running_example
from tests.support.http import Connection

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CARILLON_BUILD", ROOT / "build/release"))
THIRD_PARTY = re.compile(r"#\s*include\s*[<\"](fmt|spdlog|simdjson|openssl|zlib|toml\+\+|CLI)\b")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    where = tmp_path_factory.mktemp("prefix")
    run("cmake", "--install", BUILD, "--prefix", where)
    return where


@pytest.fixture(scope="module")
def project(prefix, tmp_path_factory):
    where = tmp_path_factory.mktemp("project")
    run("cmake", "-G", "Ninja", "-S", ROOT / "tests/package", "-B", where,
        f"-DCMAKE_PREFIX_PATH={prefix}", f"-DEXAMPLES={ROOT / 'examples'}")
    run("cmake", "--build", where)
    return where


def test_headers_need_nothing_but_carillon(prefix):
    headers = list((prefix / "include/carillon").rglob("*.h"))
    assert len(headers) > 50
    assert not [h for h in headers if h.name.endswith(("_test.h", "_contract.h"))]
    assert not [h for h in headers if THIRD_PARTY.search(h.read_text())]


def test_the_shared_library_names_its_binary_interface(prefix):
    (library,) = prefix.glob("lib/**/libcarillon.so.0")
    assert re.search(r"SONAME.*libcarillon\.so\.0\b", run("readelf", "-d", library))


@pytest.mark.parametrize("program", ["chat", "chat_shared"])
def test_the_chat_example_runs_against_the_installation(project, tmp_path, program):
    with running_example(project / program, tmp_path / "output") as port:
        ines = ws.connect(Connection("127.0.0.1", port), "/ws/chat/lobby/?name=ines")
        dana = ws.connect(Connection("127.0.0.1", port), "/ws/chat/lobby/?name=dana")
        dana.send_text("good morning")
        heard = []
        while heard[-1:] != ["dana: good morning"]:
            heard.append(ines.read_message().payload.decode())
        assert heard == ["ines is here", "dana is here", "dana: good morning"]


def test_the_installed_program_runs(prefix):
    assert "serve" in run(prefix / "bin/carillon", "--help")
