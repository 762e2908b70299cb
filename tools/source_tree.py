"""The files of the project as the checks see them, and findings as they print them."""

import dataclasses
import pathlib
import re
import subprocess

TEXT_SUFFIXES = {
    ".cc", ".h", ".py", ".cmake", ".txt", ".md", ".json", ".toml", ".yml", ".yaml", ".sh", ".html",
    ".css", ".js", ".ts", ".tsx", "",
}


@dataclasses.dataclass(frozen=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class SourceTree:
    """Path -> text of every text file that git tracks or would track, read once."""

    def __init__(self, root: pathlib.Path):
        self.root = root
        self._texts: dict[str, str] = {}
        self.paths = sorted(p for p in _listed(root) if (root / p).is_file())

    def text(self, path: str) -> str:
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self._texts[path]

    def matching(self, *suffixes: str) -> list[str]:
        return [p for p in self.paths if pathlib.PurePath(p).suffix in suffixes]

    def text_files(self) -> list[str]:
        return [p for p in self.paths
                if pathlib.PurePath(p).suffix in TEXT_SUFFIXES and not p.startswith("fuzz/corpus/")]


def _listed(root: pathlib.Path) -> list[str]:
    """Git's list; a plain directory (a test's sample tree) is walked instead."""
    if (root / ".git").exists():
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        output = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout
        return [p for p in output.decode().split("\0") if p]
    return [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()]


_TOKEN = re.compile(
    r'R"(?P<delimiter>[^\s()\\]{0,16})\((?:.|\n)*?\)(?P=delimiter)"'  # raw string
    r'|"(?:[^"\\\n]|\\.)*"'                                             # string
    r"|(?<![0-9A-Fa-f])'(?:[^'\\\n]|\\.)+'"                             # character, not 1'000
    r"|//[^\n]*"
    r"|/\*(?:.|\n)*?\*/"
)


def cpp_code_only(text: str) -> str:
    """C++ with comments blanked and literals emptied; line numbers and columns stay."""

    def blank(match: re.Match) -> str:
        token = match.group(0)
        kept = "".join(c if c == "\n" else " " for c in token)
        if token[0] in "\"'" and "\n" not in token:
            return token[0] + kept[1:-1] + token[0]
        return kept

    return _TOKEN.sub(blank, text)


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
