"""Every task of this repository: `python3 dev.py TASK [ARGUMENTS]`.

Needs Python 3.11 or newer and nothing else. Sets up `.venv` by itself and again whenever
pyproject.toml changes; a prepared one costs a few milliseconds. Arguments after the task
go to its command, for example `python3 dev.py test tests/unit -k codec`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMP = VENV / ".dev-stamp"  # what .venv was last set up for
BENCH_STAMP = VENV / ".bench-stamp"  # … and for benchmarks
OLDEST = (3, 11)

# Dealt as tests/conftest.py says: long ones first, one by one.
DEALT = ["--dist", "loadscope", "--no-loadscope-reorder"]
# Two workers: the smallest machine that the time limits of the tests are meant for.
PYTEST = ["pytest", "-n", "2", *DEALT]
# All of them at once: those with real processes mostly wait, so two cores have time for one more.
EVERY = ["pytest", "-n", "3", *DEALT]
# What tests share. It subclasses and stands in for parts of the product, so types have to meet.
SHARED = ["-p", "support", "-p", "sim.simulator"]
UNIT = ["tests/unit", "tests/practices", "tests/property", "tests/cli", "tests/fuzz"]

# task -> (what it does, its commands; arguments go to the last one)
TASKS: dict[str, tuple[str, list[list[str]]]] = {
    "demo": ("five nodes on this machine found a community and decide", [["p2pnode", "demo"]]),
    "test": ("every test", [EVERY]),
    "unit": ("unit, property and command-line tests", [[*PYTEST, *UNIT]]),
    "sim": ("the simulator's seeds", [[*PYTEST, "tests/sim"]]),
    "seeds": (
        "the seeds that `test` leaves for CI",
        [
            [*PYTEST, "tests/sim/runs/test_random_runs.py", "--sim-seeds", "150:1000"],
            [*PYTEST, "tests/sim/runs/test_byzantine_runs.py", "--sim-seeds", "60:400"],
        ],
    ),
    "honest": (
        "2,000 simulated communities without liars",
        [[*PYTEST, "tests/sim/runs/test_random_runs.py", "--sim-seeds", "0:2000"]],
    ),
    "byzantine": (
        "20,000 simulated communities with liars",
        [[*PYTEST, "tests/sim/runs/test_byzantine_runs.py", "--sim-seeds", "0:20000"]],
    ),
    "kills": (
        "four nodes, killed 200 times at random moments",
        [["pytest", "tests/e2e/faults/test_kill_storm.py", "--kills", "200"]],
    ),
    "mutants": (
        "weaken rules, one at a time; the tests must notice",
        [["python", "tests/mutants/run.py"]],
    ),
    "scope": (
        "the commit rule on every DAG of a small scope",
        [[*PYTEST, "tests/property/test_small_scope.py", "--whole-scope"]],
    ),
    "e2e": ("tests with real processes", [[*PYTEST, "tests/e2e"]]),
    "partitions": ("real nodes on a bad network (root)", [["python", "tests", "partitions"]]),
    "soak": ("nine laptops that sleep, a day in virtual time", [["python", "tests", "soak"]]),
    "traces": ("hashes of all that seeds do, to compare trees", [["python", "tests", "traces"]]),
    "lint": ("formatting and lint", [["ruff", "format", "--check"], ["ruff", "check"]]),
    "format": ("put formatting right", [["ruff", "check", "--fix"], ["ruff", "format"]]),
    "types": ("mypy, strict", [["mypy"], ["mypy", "benchmarks", "dev.py"], ["mypy", *SHARED]]),
    "imports": ("import contracts", [["lint-imports"]]),
    "fuzz": ("the fuzzers, or some by name; --seconds N", [["python", "tests/fuzz/run.py"]]),
    "bench": ("a benchmark of benchmarks/, by name; `all` is one table", [["python"]]),
    "python": ("Python with everything installed", [["python"]]),
    "setup": ("only set up .venv", []),
}


def main(arguments: list[str]) -> int:
    """Run one task; return its exit code, 2 for a wrong call."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return 0 if arguments else 2
    task, *rest = arguments
    if task not in TASKS:
        print(f"dev.py: no task {task!r}\n\n{usage()}", file=sys.stderr)
        return 2
    if task == "bench":
        known = sorted(path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py"))
        if not rest or rest[0] not in known:
            print(f"dev.py: say which benchmark: {', '.join(known)}", file=sys.stderr)
            return 2
        rest[0] = f"benchmarks/{rest[0]}.py"
    set_up()
    if task == "bench":
        set_up_benchmarks()
    commands = [list(command) for command in TASKS[task][1]]
    if commands:
        commands[-1] += rest
    for command in commands:
        code = run(command)
        if code != 0:
            return code
    return 0


def usage() -> str:
    lines = [f"  {name:10}  {what}" for name, (what, _) in TASKS.items()]
    return "\n".join(["usage: python3 dev.py TASK [ARGUMENTS]", "", *lines])


def run(command: list[str]) -> int:
    """Run one command of .venv in the repository's root and return its exit code."""
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", "")])
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV), "PATH": path}
    environment.pop("PYTHONHOME", None)
    with subprocess.Popen([BIN / command[0], *command[1:]], cwd=ROOT, env=environment) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                pass  # the terminal told the child too: let it finish in its own way


def set_up() -> None:
    """Make .venv hold everything that pyproject.toml asks for; do nothing if it does."""
    # A .venv serves one interpreter and one place: its scripts name both.
    place = digest(sys.version.encode() + os.fsencode(ROOT))
    wanted = [place, digest((ROOT / "pyproject.toml").read_bytes())]
    found = STAMP.read_text().split() if STAMP.is_file() else []
    if found == wanted:
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SystemExit(
            "dev.py: this Python cannot make virtual environments; on Debian or Ubuntu:\n"
            f"  apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        )
    print("dev.py: setting up .venv, a minute or two, only this once", file=sys.stderr, flush=True)
    if found[:1] != [place]:
        step([sys.executable, "-m", "venv", "--clear", str(VENV)])
    install("--editable", ".[node]", *requirements("dev"))
    STAMP.write_text("\n".join(wanted) + "\n")


def set_up_benchmarks() -> None:
    """Install what benchmarks need beyond all else, where it is not there yet."""
    wanted = STAMP.read_text()
    if BENCH_STAMP.is_file() and BENCH_STAMP.read_text() == wanted:
        return
    print("dev.py: installing what benchmarks need", file=sys.stderr, flush=True)
    install(*requirements("bench"))
    BENCH_STAMP.write_text(wanted)


def install(*what: str) -> None:
    pip = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    step([*pip, *what])


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def requirements(group: str) -> list[str]:
    """Return a dependency group (PEP 735), which older pips cannot read themselves."""
    import tomllib  # noqa: PLC0415  an older Python must get as far as being told so

    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    return list(groups[group])


def step(command: list[str]) -> None:
    if subprocess.call(command, cwd=ROOT) != 0:
        raise SystemExit(
            f"dev.py: set-up failed at: {' '.join(command)}\n"
            "The lines above say why; without network access nothing can be installed."
        )


if __name__ == "__main__":
    if os.name == "nt":
        raise SystemExit("dev.py: p2pnode runs on Linux and macOS; on Windows use WSL")
    if sys.version_info < OLDEST:
        raise SystemExit(
            "dev.py: Python 3.11 or newer is needed; "
            f"{sys.executable} is {sys.version_info[0]}.{sys.version_info[1]}"
        )
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is buffered
        code = 141
    raise SystemExit(code)
