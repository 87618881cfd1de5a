"""Run every mutant and print `mutant | caught by`; fail if one lives on or does not apply.

`python3 dev.py mutants [NAME…]`, NAME being a part of a mutant's name.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mutant import Mutant
from table import MUTANTS

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
LONGEST_S = 300  # a mutant that never ends is caught, too
FAILED = 1  # pytest's exit code for failing tests; others mean that nothing was tested


@dataclass(frozen=True)
class Verdict:
    mutant: Mutant
    is_caught: bool
    by: str
    seconds: float


def main(arguments: list[str]) -> int:
    unknown = [part for part in arguments if not any(part in one.name for one in MUTANTS)]
    if unknown:
        names = "\n".join(f"  {one.name}" for one in MUTANTS)
        print(f"no mutant has {unknown[0]!r} in its name; there are:\n{names}", file=sys.stderr)
        return 2
    chosen = [one for one in MUTANTS if not arguments or any(a in one.name for a in arguments)]
    verdicts: list[Verdict] = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for verdict in pool.map(try_mutant, chosen):
            verdicts.append(verdict)
            mark = "" if verdict.is_caught else "NOT CAUGHT: "
            print(
                f"{verdict.mutant.rule:6} | {verdict.mutant.name:42} | {mark}{verdict.by}",
                flush=True,
            )
    alive = sum(not verdict.is_caught for verdict in verdicts)
    spent = sum(verdict.seconds for verdict in verdicts)
    print(f"{len(verdicts)} mutants, {alive} not caught, {spent:.0f} s of two workers")
    return 1 if alive or not verdicts else 0


def try_mutant(mutant: Mutant) -> Verdict:
    """Weaken a copy of the packages and run what must notice."""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for package in ("protocols/p2pnode_protocols", "p2pnode"):
            shutil.copytree(ROOT / package, copy / package)  # compiled modules too: it saves time
        problem = apply(mutant, copy)
        if problem is not None:
            return Verdict(mutant, False, problem, 0.0)
        is_caught, by = run_tests(mutant, copy)
    return Verdict(mutant, is_caught, by, time.monotonic() - begin)


def apply(mutant: Mutant, root: Path) -> str | None:
    """Make the replacement; return what is wrong with it, if anything."""
    path = root / mutant.file
    text = path.read_text()
    count = text.count(mutant.old)
    if count != 1:
        return f"does not apply: {mutant.file} holds its text {count} times"
    path.write_text(text.replace(mutant.old, mutant.new))
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
        compiled.unlink()
    return None


def run_tests(mutant: Mutant, copy: Path) -> tuple[bool, str]:
    environment = {**os.environ, "PYTHONPATH": f"{copy / 'protocols'}{os.pathsep}{copy}"}
    where = "import p2pnode_protocols, p2pnode; print(p2pnode_protocols.__file__, p2pnode.__file__)"
    found = subprocess.check_output([sys.executable, "-P", "-c", where], env=environment, text=True)
    if any(not one.startswith(str(copy)) for one in found.split()):
        return False, f"the mutant was not what ran: {found.strip()}"
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    command = [sys.executable, "-P", "-m", "pytest", *options, *mutant.caught_by]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True, f"{mutant.caught_by[0]} never ends"
    if done.returncode != FAILED:
        return False, f"exit code {done.returncode} of {' '.join(mutant.caught_by)}"
    failed = re.search(r"^FAILED (\S+)", done.stdout, re.MULTILINE)
    return True, failed.group(1) if failed else " ".join(mutant.caught_by)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
