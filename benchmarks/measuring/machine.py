"""The machine a benchmark ran on, and what a process on it has used."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def describe() -> dict[str, str]:
    """Return what a reader must know to compare figures with their own."""
    return {
        "processor": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * PAGE_BYTES / (1 << 30):.1f} GiB",
        "disk": _disk(),
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "Python": f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}",
    }


def load_average() -> str:
    return " ".join(f"{one:.2f}" for one in os.getloadavg())


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return found[1].strip() if found else platform.processor() or "unknown"


def _disk() -> str:
    """Return the file system that the benchmarks' temporary files are on."""
    import tempfile  # noqa: PLC0415  its directory is looked up once, at the first use

    asked = ["df", "--output=fstype,source", tempfile.gettempdir()]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
    return " on ".join(answer[2:4]) if len(answer) >= 4 else "unknown"


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def cpu_s(pid: int) -> float:
    """Return the CPU time a process has used, its threads included."""
    # proc(5): the name in brackets may hold spaces, so fields count from behind it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def memory_mib(pid: int) -> float:
    """Return the memory a process has resident, in MiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / (1 << 20)


def total_cpu_s(pids: Iterable[int]) -> float:
    return sum(cpu_s(pid) for pid in pids)
