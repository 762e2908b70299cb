"""Prometheus text, read strictly."""

import re

SAMPLE = re.compile(
    r'([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)(?: -?\d+)?'
)
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')


class Metrics:
    """Samples by name; every one must belong to a family with HELP and TYPE."""

    def __init__(self, text: str) -> None:
        assert text.endswith("\n")
        self.types: dict[str, str] = {}
        self.helps: dict[str, str] = {}
        self.samples: list[tuple[str, dict[str, str], float]] = []
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name not in self.types, f"{name} has two TYPE lines"
                self.types[name] = kind
            elif line.startswith("# HELP "):
                _, _, name, help_text = line.split(" ", 3)
                self.helps[name] = help_text
            elif line and not line.startswith("#"):
                found = SAMPLE.fullmatch(line)
                assert found, f"not a sample: {line!r}"
                labels = dict(LABEL.findall(found[2] or ""))
                self.samples.append((found[1], labels, float(found[3])))

    def family(self, sample: str) -> str:
        if sample in self.types:
            return sample
        return re.sub(r"_(bucket|sum|count)$", "", sample)

    def value(self, name: str, **labels: str) -> float:
        """The sum of the samples that carry these labels."""
        found = [v for n, have, v in self.samples if n == name and labels.items() <= have.items()]
        names = sorted({n for n, _, _ in self.samples})
        assert found, f"no {name} with {labels}; there are {names}"
        return sum(found)

    def count(self, name: str, **labels: str) -> float:
        """The same, and 0 for what has not happened yet."""
        return sum(v for n, have, v in self.samples if n == name and labels.items() <= have.items())
