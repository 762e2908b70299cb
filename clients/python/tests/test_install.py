"""What `realtime_install` changes in a settings file, and what it leaves to people."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from carillon.django import install


def settings_of(text: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(compile(text, "settings.py", "exec"), scope)
    return scope


FRESH = '''"""Settings as startproject writes them."""

from pathlib import Path

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",  # users
]
'''


def test_a_fresh_project_gets_all_of_it() -> None:
    made = install.plan(FRESH)
    scope = settings_of(made.after)
    assert scope["INSTALLED_APPS"] == [
        "django.contrib.admin",
        "django.contrib.auth",
        "carillon.django",
    ]
    config = scope["CHANNEL_LAYERS"]["default"]["CONFIG"]
    assert config["channel_capacity"] == {"gw.*": 10000}
    assert set(scope["CARILLON"]) == {"URL", "API_KEY"}
    assert made.by_hand == []
    assert '    "django.contrib.auth",  # users\n    "carillon.django",\n]' in made.after


def test_the_second_time_there_is_nothing_to_do() -> None:
    once = install.plan(FRESH)
    again = install.plan(once.after)
    assert (again.diff("settings.py"), again.by_hand) == ("", [])


CHANNELS = """import os
INSTALLED_APPS = ["daphne", "channels", "app"]
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [os.environ.get("REDIS_URL", "redis://localhost")]},
    },
}
CARILLON = {"API_KEY": "é"}
"""


def test_a_channels_project_keeps_its_own_and_gets_the_capacity() -> None:
    made = install.plan(CHANNELS)
    scope = settings_of(made.after)
    assert scope["INSTALLED_APPS"] == ["daphne", "channels", "app", "carillon.django"]
    assert scope["CHANNEL_LAYERS"]["default"]["CONFIG"] == {
        "hosts": ["redis://localhost"],
        "channel_capacity": {"gw.*": 10000},
    }
    changed = [line for line in made.diff("s").splitlines() if line[0] in "+-"]
    assert len(changed) == 6  # two lines and the two names of the file


@pytest.mark.parametrize(
    "config",
    [
        '{\n            "hosts": ["redis://h"],\n        }',
        '{\n            "hosts": ["redis://h"]\n        }',
        '{\n            "hosts": [\n                "redis://h",\n            ],\n        }',
        '{\n            "hosts": ["redis://h"],  # é\n        }',
        '{"hosts": ["redis://h"], }',
        '{"é": 1, "hosts": ["redis://h"]}',
        'dict(hosts=["redis://h"])',
    ],
)
def test_however_a_dictionary_is_laid_out_it_stays_one(config: str) -> None:
    text = (
        "CHANNEL_LAYERS = {\n    'default': {\n"
        "        'BACKEND': 'channels_redis.core.RedisChannelLayer',\n"
        f"        'CONFIG': {config},\n    }},\n}}\n"
    )
    made = install.plan(text)
    layer = settings_of(made.after)["CHANNEL_LAYERS"]["default"]
    assert layer["CONFIG"]["hosts"] == ["redis://h"]
    has_capacity = layer["CONFIG"].get("channel_capacity") == {"gw.*": 10000}
    assert has_capacity or any("channel_capacity" in item for item in made.by_hand)
    assert has_capacity == ("dict(" not in config)


@pytest.mark.parametrize(
    ("text", "by_hand"),
    [
        ("INSTALLED_APPS = DJANGO + OURS\n", 'add "carillon.django" to INSTALLED_APPS'),
        ("INSTALLED_APPS = []\n", 'add "carillon.django" to INSTALLED_APPS'),
        ("from .base import *\n", 'add "carillon.django" to INSTALLED_APPS'),
        ("CHANNEL_LAYERS = load()\n", "CHANNEL_LAYERS"),
        (
            'CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}\n',
            "is in memory",
        ),
        (
            'CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer",'
            ' "CONFIG": {"channel_capacity": {"http.*": 5}}}}\n',
            'add "gw.*": 10000',
        ),
    ],
)
def test_what_no_program_should_change_is_left_to_people(text: str, by_hand: str) -> None:
    made = install.plan(text)
    assert any(by_hand in item for item in made.by_hand)
    assert text.strip() in made.after
    ast.parse(made.after)


@pytest.mark.parametrize(
    "text",
    [
        "from .base import *\n",
        "if DEBUG:\n    from .base import *\n",
        "import os\nif os.environ.get('REDIS'):\n    NAME = {}\n",
        "try:\n    NAME = load()\nexcept OSError:\n    pass\n",
        "globals()['NAME'] = {}\n",
        "from .layers import NAME\n",
        "NAME: dict[str, str]\n",
        "A, NAME = {}, {}\n",
    ],
)
@pytest.mark.parametrize("name", ["CARILLON", "CHANNEL_LAYERS"])
def test_what_comes_from_elsewhere_is_not_overridden(text: str, name: str) -> None:
    made = install.plan(text.replace("NAME", name))
    assert f"{name} = {{" not in made.after.replace(text.replace("NAME", name), "")
    assert any(f"{name} may come from elsewhere" in item for item in made.by_hand)


def test_a_setting_that_the_project_has_is_not_overridden(tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text(FRESH)
    with override_settings(CARILLON={"API_KEY": "k"}):
        call_command("realtime_install", settings_file=str(path), write=True)
    assert "CHANNEL_LAYERS = {" in path.read_text()
    assert "CARILLON = {" not in path.read_text()


def test_an_app_in_a_concatenation_is_seen() -> None:
    made = install.plan('INSTALLED_APPS = DJANGO + ["carillon.django"]\n')
    assert not any("INSTALLED_APPS" in item for item in made.by_hand)
    configured = install.plan('INSTALLED_APPS = ["carillon.django.apps.CarillonConfig"]\n')
    assert configured.after.count("carillon.django") == 1


def test_the_pubsub_layer_needs_no_capacity() -> None:
    text = (
        'CHANNEL_LAYERS = {"default": {"BACKEND": '
        '"channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": []}}}\n'
    )
    assert "channel_capacity" not in install.plan(text).after


def test_os_is_imported_where_imports_begin() -> None:
    text = '"""Doc."""\n\nfrom __future__ import annotations\n\nfrom pathlib import Path\n'
    made = install.plan(text)
    assert made.after.startswith(text.replace("from pathlib", "import os\nfrom pathlib"))
    settings_of(made.after)
    assert settings_of(install.plan("").after)["CARILLON"]
    assert install.plan("import os as system\n").after.count("import os\n") == 1


def test_the_command_shows_and_with_write_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "settings.py"
    path.write_text(FRESH)
    path.chmod(0o640)
    call_command("realtime_install", settings_file=str(path))
    shown = capsys.readouterr().out
    assert '+    "carillon.django",' in shown
    assert "say --write" in shown
    assert path.read_text() == FRESH
    call_command("realtime_install", settings_file=str(path), write=True)
    assert path.read_text() == install.plan(FRESH).after
    assert path.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["settings.py"]
    call_command("realtime_install", settings_file=str(path), write=True)
    assert "has all that can be written" in capsys.readouterr().out


def test_the_command_finds_the_settings_module(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("realtime_install")
    assert "a/settings.py" in capsys.readouterr().out


def test_a_file_that_is_no_python_is_told(tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text("INSTALLED_APPS = [\n")
    for wrong in (path, tmp_path / "none.py"):
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("realtime_install", settings_file=str(wrong), write=True)
