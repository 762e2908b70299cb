"""The commands that need no server."""

import re
from pathlib import Path

import jwt
import pytest

from tests.support.commands import Commands, expired_token
from tests.support.server import ROOT

SECRET = "offline-secret-0123456789abcdefghij"
SECRETS = {"SECRET_KEY": SECRET}

COMMANDS = [
    ["serve"],
    ["test-websocket"],
    ["send-test-notification"],
    ["notify"],
    ["notify", "dashboard"],
    ["notify", "user"],
    ["notify", "mentor"],
    ["notify", "student"],
    ["notify", "leaderboard"],
    ["notify", "group"],
    ["token"],
    ["token", "issue"],
    ["token", "inspect"],
    ["token", "verify"],
    ["check"],
    ["config"],
    ["bench"],
]


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


# ---- the command line ----


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(commands: Commands, command: list[str]) -> None:
    outcome = commands.run(*command, "--help")
    assert (outcome.code, outcome.error) == (0, "")
    assert f"Usage: carillon {' '.join(command)}" in outcome.out
    assert max(len(line) for line in outcome.out.splitlines()) <= 110


def test_help_shows_commands_and_examples(commands: Commands) -> None:
    outcome = commands.run("--help")
    assert outcome.code == 0
    for command in ("serve", "test-websocket", "notify", "token", "check", "config", "bench"):
        assert re.search(rf"^  {command} +\S", outcome.out, re.MULTILINE), command
    assert "Examples:" in outcome.out


def test_version(commands: Commands) -> None:
    outcome = commands.run("--version")
    assert outcome.code == 0
    assert re.fullmatch(r"carillon \d+\.\d+\.\d+\n", outcome.out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "needs a command"),
        (["notfy"], "did you mean notify?"),
        (["notify", "studnet"], "did you mean student?"),
        (["config", "--jsom"], "did you mean --json?"),
        (["token", "issue"], "--user-id is required"),
        (["notify", "student", "7"], "EVENT_TYPE is required"),
        (["test-websocket", "--url", "https://example.com"], "TLS is not spoken here"),
        (["test-websocket", "--timeout", "soon"], "--timeout: 'soon' is no duration"),
        (["token", "issue", "--user-id", "a b"], "--user-id: use 1 to 64 letters"),
        (["token", "issue", "--user-id", "7", "--role", "king"], "none of student, mentor, admin"),
        (["token", "issue", "--user-id", "7", "--ttl", "0s"], "--ttl: '0s' is not between"),
    ],
)
def test_a_mistake_is_one_line_and_code_2(
    commands: Commands, arguments: list[str], said: str
) -> None:
    outcome = commands.run(*arguments, settings=SECRETS)
    assert outcome.code == 2
    assert outcome.out == ""
    assert len(outcome.errors) == 1
    assert outcome.errors[0].startswith("error: ")
    assert said in outcome.errors[0]


# ---- settings ----


def test_config_shows_where_each_value_came_from(commands: Commands) -> None:
    commands.write("carillon.toml", "workers = 3\n[limits]\nping_interval = '30s'\n")
    commands.write(".env", f"SECRET_KEY={SECRET}\n")
    outcome = commands.run(
        "config", "--json", "--drain-window", "5s", settings={"CARILLON_LOG_LEVEL": "debug"}
    )
    assert outcome.code == 0
    found = {entry["key"]: (entry["value"], entry["source"]) for entry in outcome.json}
    assert found["workers"] == ("3", "carillon.toml:1")
    assert found["limits.ping_interval"] == ("30s", "carillon.toml:3")
    assert found["auth.secret_key"] == ("***", ".env:1")
    assert found["log.level"] == ("debug", "CARILLON_LOG_LEVEL")
    assert found["drain.window"] == ("5s", "--drain-window")
    assert found["bind"] == ("127.0.0.1:8000", "default")
    assert SECRET not in outcome.out + outcome.error


def test_config_changed_leaves_out_the_defaults(commands: Commands) -> None:
    outcome = commands.run("config", "--changed", "--workers", "2")
    assert outcome.out.split() == ["workers", "2", "--workers"]


def test_config_prints_the_documentation_that_is_committed(commands: Commands) -> None:
    outcome = commands.run("config", "--markdown")
    assert outcome.out == (ROOT / "docs/SETTINGS.md").read_text()


def test_every_error_is_said_at_once_with_its_place(commands: Commands) -> None:
    commands.write("carillon.toml", "wrokers = 3\n[limits]\nping_interval = 'soon'\n")
    outcome = commands.run("config", settings={"PORT": "http"})
    assert outcome.code == 3
    assert outcome.out == ""
    assert outcome.errors == [
        "error: carillon.toml:1: wrokers: unknown setting; did you mean workers?",
        "error: carillon.toml:3: limits.ping_interval: 'soon' is no duration; give one such as "
        "25s, 500ms, 5m or 12h",
        "error: environment: PORT: '0.0.0.0:http' is no address; give 127.0.0.1:8000, "
        "0.0.0.0:8000, [::]:8000 or unix:/path",
    ]


@pytest.mark.parametrize("command", [["config"], ["check"], ["test-websocket"], ["serve"]])
def test_settings_that_cannot_be_read_are_code_3(commands: Commands, command: list[str]) -> None:
    commands.write("carillon.toml", "workers = = 3\n")
    outcome = commands.run(*command)
    assert outcome.code == 3
    assert "carillon.toml:1" in outcome.out + outcome.error


def test_a_file_that_was_asked_for_must_be_there(commands: Commands) -> None:
    outcome = commands.run("config", "--config", "none.toml", "--env-file", "none.env")
    assert outcome.code == 3
    assert [line.split(":")[1].strip() for line in outcome.errors] == ["none.toml", "none.env"]


def test_an_unknown_variable_of_ours_is_a_warning(commands: Commands) -> None:
    outcome = commands.run("config", settings={"CARILLON_WORKER": "2"})
    assert outcome.code == 0
    assert "CARILLON_WORKER: unknown variable, ignored; did you mean CARILLON_WORKERS?" in (
        outcome.error
    )


# ---- check ----


def test_check_passes_with_good_settings(commands: Commands) -> None:
    outcome = commands.run("check", "--json", settings=SECRETS)
    assert outcome.code == 0
    assert outcome.json["ok"] is True


def test_check_names_what_stops_the_server_and_the_remedy(commands: Commands) -> None:
    outcome = commands.run("check", settings={"PORT": "8000"})
    assert outcome.code == 1
    assert "✗ SECRET_KEY: is not set, and 0.0.0.0:8000 is reachable by others" in outcome.out
    assert "✗ ALLOWED_HOSTS: is not set" in outcome.out
    assert "→ list the host names that clients use" in outcome.out


def test_check_refuses_a_key_file_that_cannot_be_used(commands: Commands) -> None:
    commands.write("carillon.toml", "[auth]\nalgorithms = ['RS256']\npublic_key_file = 'no.pem'\n")
    outcome = commands.run("check", "--json")
    assert outcome.code == 1
    bad = [finding for finding in outcome.json["findings"] if finding["verdict"] == "bad"]
    assert len(bad) == 1
    assert "no.pem" in bad[0]["what"]


def test_check_deploy_judges_what_others_could_use(commands: Commands) -> None:
    outcome = commands.run(
        "check",
        "--deploy",
        "--json",
        settings={"SECRET_KEY": "django-insecure-0123456789abcdefghijkl", "DEBUG": "1"},
    )
    assert outcome.code == 1
    found = {entry["subject"]: entry for entry in outcome.json["findings"]}
    for subject in ("SECRET_KEY", "ALLOWED_HOSTS", "DEBUG"):
        assert found[subject]["verdict"] == "bad", subject
        assert found[subject]["remedy"], subject
    assert found["auth.on_expiry"]["what"].startswith("keep:")


# ---- tokens ----


def test_token_issue_prints_the_token_alone(commands: Commands) -> None:
    outcome = commands.run(
        "token", "issue", "--user-id", "7", "--role", "student", "--ttl", "15m", settings=SECRETS
    )
    assert (outcome.code, outcome.error) == (0, "")
    claims = jwt.decode(outcome.out.strip(), SECRET, algorithms=["HS256"])
    assert claims["user_id"] == "7"
    assert claims["role"] == "student"
    assert claims["token_type"] == "access"
    assert claims["exp"] - claims["iat"] == 900
    assert "is_staff" not in claims


def test_token_issue_for_staff_as_json(commands: Commands) -> None:
    outcome = commands.run(
        "token", "issue", "--user-id", "1", "--staff", "--json", settings=SECRETS
    )
    claims = jwt.decode(outcome.json["token"], SECRET, algorithms=["HS256"])
    assert claims["is_staff"] is True
    assert outcome.json["expires_at"] == claims["exp"]


def test_token_issue_without_a_secret_is_code_3(commands: Commands) -> None:
    outcome = commands.run("token", "issue", "--user-id", "7")
    assert outcome.code == 3
    assert "SECRET_KEY: is not set here" in outcome.errors[0]


def test_a_token_goes_through_a_pipe_to_verify(commands: Commands) -> None:
    token = commands.run(
        "token", "issue", "--user-id", "7", "--role", "mentor", settings=SECRETS
    ).out
    outcome = commands.run("token", "verify", settings=SECRETS, stdin=f"Bearer {token}\n")
    assert outcome.code == 0
    assert outcome.out.startswith("valid: user 7, role mentor, expires in ")
    as_json = commands.run("token", "verify", "--json", token.strip(), settings=SECRETS).json
    assert as_json["valid"] is True
    assert as_json["roles"] == ["mentor"]


def test_token_verify_says_why_not(commands: Commands) -> None:
    outcome = commands.run("token", "verify", expired_token(SECRET), "--json", settings=SECRETS)
    assert outcome.code == 1
    assert outcome.json["valid"] is False
    assert outcome.json["code"] == "expired"
    assert "it has expired" in outcome.errors[0]
    token = commands.run("token", "issue", "--user-id", "7", settings=SECRETS).out
    other = commands.run("token", "verify", token, settings={"SECRET_KEY": "x" * 40})
    assert other.code == 1
    assert token.strip() not in other.error


def test_token_inspect_needs_no_key(commands: Commands) -> None:
    outcome = commands.run("token", "inspect", expired_token(SECRET))
    assert outcome.code == 0
    assert re.search(r"^expires +1970-01-01T00:00:01Z \(.* ago\)$", outcome.out, re.MULTILINE)
    assert re.search(r"^user +7$", outcome.out, re.MULTILINE)
    as_json = commands.run("token", "inspect", "--json", stdin=expired_token(SECRET)).json
    assert as_json["claims"]["exp"] == 1
    assert as_json["header"]["alg"] == "HS256"


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30", "e30.W10.x"])
def test_token_inspect_of_no_token_is_code_1(commands: Commands, token: str) -> None:
    outcome = commands.run("token", "inspect", token)
    assert outcome.code == 1
    assert len(outcome.errors) == 1
    assert outcome.errors[0].startswith("error: token: ")


def test_a_missing_token_is_code_2(commands: Commands) -> None:
    assert commands.run("token", "verify", settings=SECRETS).code == 2
