"""The changes that a settings file needs, as text: what is there stays as it is written.

Only what can be found in the file for certain is changed: lists and dictionaries written out.
The rest is said in words.
"""

import ast
import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass, field

APP = "carillon.django"
LAYER = """
# The Redis that Carillon reads: what Django sends to a group, the browsers in it receive.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [os.environ.get("REDIS_URL", "redis://localhost:6379/0")],
            # Carillon reads for all of its sockets from one channel.
            "channel_capacity": {"gw.*": 10000},
        },
    },
}
"""
CARILLON = """
CARILLON = {
    # Where the server is: `manage.py runrealtime` starts it there, beside runserver.
    "URL": os.environ.get("CARILLON_URL", "http://127.0.0.1:8001"),
    "API_KEY": os.environ.get("CARILLON_API_KEY", ""),
}
"""
CAPACITY = '"channel_capacity": {"gw.*": 10000}'


@dataclass
class Plan:
    """`after` is the file as it should be; `by_hand` is what no program should change."""

    before: str
    after: str
    by_hand: list[str] = field(default_factory=list)

    def diff(self, name: str) -> str:
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            f"a/{name}",
            f"b/{name}",
        )
        return "".join(lines)


def plan(text: str, configured: Collection[str] = ()) -> Plan:
    """What to change in a settings file with this text. Nothing, when it is all there.

    `configured` are names that the project's settings have, from wherever."""
    made = Plan(text, text)
    _install_app(made)
    _configure_layer(made, configured)
    if _assigned(made.after, "CARILLON") is None:
        _append_or_say(made, "CARILLON", CARILLON, configured)
    if _needs_os(made):
        made.after = _with_import_os(made.after)
    ast.parse(made.after)
    return made


def _install_app(made: Plan) -> None:
    apps = _assigned(made.after, "INSTALLED_APPS")
    if not isinstance(apps, (ast.List, ast.Tuple)) or not apps.elts:
        if apps is None or f'"{APP}"' not in made.after:
            made.by_hand.append(f'add "{APP}" to INSTALLED_APPS')
        return
    names = [item.value for item in apps.elts if isinstance(item, ast.Constant)]
    if APP in names or f"{APP}.apps.CarillonConfig" in names:
        return
    made.after = _inserted_after(made.after, apps.elts[-1], f'"{APP}"')


def _configure_layer(made: Plan, configured: Collection[str]) -> None:
    layers = _assigned(made.after, "CHANNEL_LAYERS")
    if layers is None:
        _append_or_say(made, "CHANNEL_LAYERS", LAYER, configured)
        return
    config = _entry(_entry(layers, "default"), "CONFIG")
    backend = _entry(_entry(layers, "default"), "BACKEND")
    name = backend.value if isinstance(backend, ast.Constant) else ""
    if name == "channels.layers.InMemoryChannelLayer":
        made.by_hand.append("CHANNEL_LAYERS is in memory: use channels_redis instead:\n" + LAYER)
    elif name == "channels_redis.pubsub.RedisPubSubChannelLayer":
        return
    elif not isinstance(config, ast.Dict) or not config.keys or None in config.keys:
        made.by_hand.append(f'add {CAPACITY} to CHANNEL_LAYERS["default"]["CONFIG"]')
    elif _entry(config, "channel_capacity") is not None:
        if '"gw.*"' not in made.after and "'gw.*'" not in made.after:
            made.by_hand.append('add "gw.*": 10000 to the channel_capacity of CHANNEL_LAYERS')
    else:
        made.after = _inserted_after(made.after, config.values[-1], CAPACITY)


def _append_or_say(made: Plan, name: str, block: str, configured: Collection[str]) -> None:
    """At the end of the file it would override what an import, a branch or an update gives it."""
    if name in configured or _may_have(made.before, name):
        made.by_hand.append(f"{name} may come from elsewhere: let it have what this has:\n{block}")
    else:
        made.after = _appended(made.after, block)


def _may_have(text: str, name: str) -> bool:
    imports = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ImportFrom))
    has_star = any(alias.name == "*" for n in imports for alias in n.names)
    return has_star or re.search(rf"\b{name}\b", text) is not None


def _assigned(text: str, name: str) -> ast.expr | None:
    """The value of the last plain assignment of `name` in the file itself."""
    found: ast.expr | None = None
    for node in ast.parse(text).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found = node.value if node.target.id == name else found
        elif isinstance(node, ast.Assign):
            if any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                found = node.value
    return found


def _entry(value: ast.expr | None, key: str) -> ast.expr | None:
    if not isinstance(value, ast.Dict):
        return None
    for name, item in zip(value.keys, value.values):
        if isinstance(name, ast.Constant) and name.value == key:
            return item
    return None


def _inserted_after(text: str, last: ast.expr, item: str) -> str:
    """`item` after the last element of a list or dictionary, laid out as that one is."""
    lines = text.splitlines(keepends=True)
    row, column = (last.end_lineno or 1) - 1, last.end_col_offset
    # Columns of the syntax tree count UTF-8 bytes.
    line = lines[row].encode()
    before, after = line[:column].decode(), line[column:].decode()
    first_line = lines[last.lineno - 1]
    is_alone = not first_line.encode()[: last.col_offset].strip() or ":" in first_line
    has_own_line = is_alone and not after.lstrip(",").split("#")[0].strip()
    if not has_own_line:
        lines[row] = f"{before}, {item}{after}"
        return "".join(lines)
    indent = first_line[: len(first_line) - len(first_line.lstrip())]
    rest = after if after.lstrip().startswith(",") else "," + after
    lines[row] = f"{before}{rest}"
    if not lines[row].endswith("\n"):
        lines[row] += "\n"
    lines.insert(row + 1, f"{indent}{item},\n")
    return "".join(lines)


def _appended(text: str, block: str) -> str:
    return text.rstrip("\n") + "\n" + block if text.strip() else block.lstrip("\n")


def _needs_os(made: Plan) -> bool:
    if made.after == made.before or "os.environ" not in made.after:
        return False
    imports = (n for n in ast.parse(made.after).body if isinstance(n, ast.Import))
    return not any(alias.name == "os" and not alias.asname for n in imports for alias in n.names)


def _with_import_os(text: str) -> str:
    """`import os` before the first import, behind the docstring and what comes from __future__."""
    body = ast.parse(text).body
    row = 0
    for node in body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (is_docstring or is_future):
            row = node.lineno - 1
            break
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:row], "import os\n", *lines[row:]])
