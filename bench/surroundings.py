"""Where and when a measurement was made, and what else the machine was doing."""

import datetime
import os
import pathlib
import platform
import resource
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True,
                          check=False)
    return done.stdout.strip()


def _cpu_model() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _busy_s() -> float:
    """CPU seconds that the whole machine has spent working since it started."""
    fields = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _own_s() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


class Surroundings:
    """Made before the first run; to_json() after the last."""

    def __init__(self) -> None:
        self._started = datetime.datetime.now(datetime.timezone.utc)
        self._busy_s = _busy_s()
        self._own_s = _own_s()
        self._load = os.getloadavg()[0]

    def to_json(self) -> dict:
        now = datetime.datetime.now(datetime.timezone.utc)
        duration_s = (now - self._started).total_seconds()
        others_s = max(0.0, _busy_s() - self._busy_s - (_own_s() - self._own_s))
        page_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return {
            "date": self._started.isoformat(timespec="seconds"),
            "duration_s": round(duration_s),
            "commit": _git("rev-parse", "--short=12", "HEAD") or "unknown",
            "is_modified": bool(_git("status", "--porcelain", "--untracked-files=no")),
            "cpu": _cpu_model(),
            "cpu_count": os.cpu_count(),
            "memory_gib": round(page_bytes / (1 << 30), 1),
            "kernel": platform.release(),
            "load_before": round(self._load, 2),
            # CPUs that something else kept busy, on average over the whole measurement.
            "other_cpus_busy": round(others_s / max(duration_s, 1e-9), 2),
        }
