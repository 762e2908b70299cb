"""Every case of the Autobahn test suite against examples/echo; see build/reports/autobahn."""

import collections
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from tests.support.example import running_example

ROOT = pathlib.Path(__file__).parents[2]
PYTHON = ROOT / "build/venv-autobahn/bin/python"
CLIENT = ROOT / "tests/interop/autobahn_client.py"
ECHO = pathlib.Path(os.environ.get("CARILLON_ECHO_BIN", ROOT / "build/release/examples/echo"))
REPORTS = ROOT / "build/reports/autobahn"
ACCEPTED = {"OK", "INFORMATIONAL"}
SHARD_COUNT = 2

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def echo_url(tmp_path_factory):
    with running_example(ECHO, tmp_path_factory.mktemp("echo") / "output") as port:
        yield f"ws://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def case_ids():
    command = [ROOT / "tools/venv.sh", "build/venv-autobahn", "tests/requirements-autobahn.txt",
               "python", "tests/interop/autobahn_port.py"]
    subprocess.run(command, cwd=ROOT, check=True)
    listed = subprocess.run([PYTHON, CLIENT, "--list"], check=True, capture_output=True, text=True)
    return listed.stdout.split()


@pytest.fixture(scope="module")
def results(echo_url, case_ids):
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    clients = []
    for shard in range(SHARD_COUNT):
        log = (REPORTS / f"client-{shard}.log").open("w")
        command = [PYTHON, CLIENT, "--url", echo_url, "--out", REPORTS,
                   "--shard", f"{shard}/{SHARD_COUNT}"]
        clients.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT))
    codes = [client.wait() for client in clients]
    assert codes == [0] * SHARD_COUNT, f"the fuzzing client failed, see {REPORTS}/client-*.log"
    subprocess.run([PYTHON, CLIENT, "--merge", "--out", REPORTS], check=True)
    return json.loads((REPORTS / "index.json").read_text())["Carillon"]


def test_every_case_of_the_package_was_run(results, case_ids):
    print(f"autobahn: {len(results)} of {len(case_ids)} cases run")
    assert len(case_ids) >= 517
    assert sorted(results) == sorted(case_ids)


@pytest.mark.parametrize("verdict", ["behavior", "behaviorClose"])
def test_every_case_passes_strictly(results, verdict):
    print(f"autobahn: {dict(collections.Counter(r[verdict] for r in results.values()))}")
    refused = {case: r[verdict] for case, r in results.items() if r[verdict] not in ACCEPTED}
    assert refused == {}
