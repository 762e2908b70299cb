"""Makes the Autobahn test suite, published as Python 2 source, run on this Python.

Runs inside the suite's own virtual environment (see autobahn_setup.sh), after pip has put the
packages there: converts the modules that the fuzzing client needs and edits the few lines where
Python 2's text-is-bytes shows. The cases themselves are not touched in what they send or expect:
their byte strings stay Latin-1 text, which autobahn_client.py turns into bytes at the socket.
"""

import pathlib
import re
import sys

from fissix.refactor import RefactoringTool

FIXERS = [
    f"fissix.fixes.fix_{name}"
    for name in "except has_key import numliterals print raise unicode xrange".split()
]
STAMP = "ported.stamp"

# (file, regular expression, replacement, how often it must match; None: at least once)
EDITS = [
    ("fuzzing.py", r"binascii\.b2a_hex\(((?:[^()]|\[[^]]*\])+)\)",
     r"binascii.b2a_hex(\1).decode()", None),
    ("fuzzing.py", r"p = ''\.join\(payload\)", "p = b''.join(payload)", 1),
    ("fuzzing.py", r"c\[1\]\)\)\.encode\(\"utf-8\"\)", "c[1]))", 1),
    ("fuzzing.py", r"ll\.encode\('utf8'\)", "ll", 1),
    ("fuzzing.py", r"open\(([^)]*\)), 'w'\)", r"open(\1, 'w', encoding='utf-8')", 4),
    ("fuzzing.py", r"mmask = binascii\.b2a_hex\(t\[6\]\)\.decode\(\)", "mmask = t[6]", 1),
    ("fuzzing.py", r"import reactor, ssl$", "import reactor", 1),
    ("fuzzing.py", r"ssl\.ClientContextFactory\(\)", "None", 1),
    ("case/*.py", r"\(object, Case, \)", "(Case, )", 6),
    ("case/case6_*.py", r"binascii\.b2a_hex\(", "latin1_hex(", None),
    ("case/case6_*.py", r"^import binascii", "from autobahntestsuite import latin1_hex", None),
    ("case/case6_x_x.py", r"v\.validate\(vss\[:i\]\)",
     "v.validate(vss[:i].encode('latin-1'))", 1),
    ("case/case9_9_1.py", r"import implements$", "import implementer", 1),
    ("case/case9_9_1.py", r"^class FrameProducer",
     "@implementer(interfaces.IPushProducer)\nclass FrameProducer", 1),
    ("case/case9_9_1.py", r"^   implements\(.*$", "", 1),
    ("case/case10_1_1.py", r"len\(self\.payload\) / ", "len(self.payload) // ", 1),
]
AUTOBAHN_EDITS = [
    ("websocket/protocol.py", r"range\(payload_len / len\(payload\)\)",
     "range(payload_len // len(payload))", 1),
]
PACKAGE_INIT = '''\
import binascii

from ._version import __version__

version = __version__


def latin1_hex(text):
    return binascii.b2a_hex(text.encode("latin-1")).decode()
'''


def edit(root: pathlib.Path, edits: list) -> None:
    for pattern, expression, replacement, expected in edits:
        count = 0
        for path in sorted(root.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            text, n = re.subn(expression, replacement, text, flags=re.MULTILINE)
            path.write_text(text, encoding="utf-8")
            count += n
        if (expected is None and count == 0) or (expected is not None and count != expected):
            sys.exit(f"autobahn_port: {expression!r} in {pattern} matched {count} times: "
                     "another version of the package? See tests/interop/requirements-autobahn.txt")


def port(root: pathlib.Path) -> None:
    tool = RefactoringTool(FIXERS)
    modules = [root / name for name in ("_version.py", "caseset.py", "report.py", "fuzzing.py")]
    for path in modules + sorted((root / "case").glob("*.py")):
        # Python 2 read a string literal as its bytes: so do we, one character for each byte.
        source = path.read_bytes().decode("latin-1").replace("\r\n", "\n")
        path.write_text(str(tool.refactor_string(source + "\n", str(path))), encoding="utf-8")
    (root / "__init__.py").write_text(PACKAGE_INIT)


def main() -> None:
    packages = pathlib.Path(sys.prefix, "lib", f"python3.{sys.version_info[1]}", "site-packages")
    root = packages / "autobahntestsuite"
    if (root / STAMP).exists():
        return
    port(root)
    edit(root, EDITS)
    edit(packages / "autobahn", AUTOBAHN_EDITS)
    (root / STAMP).touch()


if __name__ == "__main__":
    main()
