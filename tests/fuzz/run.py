"""Run the fuzzers: `python3 dev.py fuzz [NAME…] [--seconds N] [--keep]`.

Two run at a time, each in a process of its own. What one has found so far is in `.fuzz/NAME`:
`corpus` (goes on growing from run to run), `log`, and what broke (`crash-…`, `timeout-…`).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import random
import re
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / ".fuzz"
AT_ONCE = 2  # as many as the smallest machine has cores
SECONDS = 60
# of one input
MOST_BYTES = {"core": 400, "frames": 6_000, "objects": 6_000, "proofs": 20_000, "texts": 1_000}
# Not traced where decoding is not the question: a third less time for each input.
UNTRACED = {
    "core": [
        f"p2pnode_protocols.{one}"
        for one in (
            *("wire.codec", "wire.crypto", "wire.ids", "agreement.blocks", "agreement.envelope"),
            *("record.actions", "record.bodies", "record.opener", "record.ops", "record.texts"),
            *("record.seats.charter", "record.seats.terms", "messages.fields"),
            *(f"messages.{one}" for one in ("frames", "greeting", "leaps", "proofs")),
            *("messages.spreading", "messages.standing"),
        )
    ]
}
SLOW_S = 20  # one input that takes longer is a finding
MEMORY_MB = 2_048  # … and so is one that needs more
STEERED = 0.5  # of the mutations change a field, the others bytes

sys.path.insert(0, str(HERE.parent))  # `fuzz` and `support`, as pytest has them

from fuzz.fuzzers import NAMES, load  # noqa: E402
from fuzz.smallest import kept_inputs, write_smallest  # noqa: E402


def main(arguments: list[str]) -> int:
    options = read_arguments(arguments)
    if options.keep:
        for name in options.names:
            print(write_smallest(name, sorted((WORK / name / "corpus").glob("*"))), flush=True)
        return 0
    if importlib.util.find_spec("atheris") is None:
        print("fuzz: atheris has no wheel for this Python or platform, see pyproject.toml")
        return 2
    if options.child:
        return fuzz(options.names[0], options.seconds)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = list(pool.map(lambda name: run_one(name, options.seconds), options.names))
    failed = [name for name, code in zip(options.names, codes, strict=True) if code]
    for name in failed:
        print(f"\n== {name}\n{explain(name)}")
    return 1 if failed else 0


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py fuzz")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument(
        "--seconds", type=int, default=SECONDS, help=f"for each fuzzer; {SECONDS} unless given"
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="fuzz nothing; of what was found so far, put the smallest inputs that reach "
        "everything into tests/fuzz/corpus",
    )
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    unknown = [one for one in options.names if one not in NAMES]
    if unknown:
        parser.error(f"no fuzzer is called {unknown[0]}; there are {', '.join(NAMES)}")
    options.names = options.names or list(NAMES)
    return options


def run_one(name: str, seconds: int) -> int:
    """Run a fuzzer in its own process to its end; print how it went and return its exit code."""
    home = WORK / name
    home.mkdir(parents=True, exist_ok=True)
    for old in findings(name):
        old.unlink()
    command = [sys.executable, __file__, name, "--child", "--seconds", str(seconds)]
    with (home / "log").open("wb") as log:
        code = subprocess.call(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)
    print(summary(name, code), flush=True)
    return code


def findings(name: str) -> list[Path]:
    home = WORK / name
    kinds = ("crash-*", "timeout-*", "oom-*")
    return sorted(path for kind in kinds for path in home.glob(kind))


def summary(name: str, code: int) -> str:
    """Return one line about a run, from libFuzzer's log."""
    log = (WORK / name / "log").read_text(errors="replace")
    runs = re.findall(r"stat::number_of_executed_units: +(\d+)", log)
    speed = re.findall(r"stat::average_exec_per_sec: +(\d+)", log)
    memory = re.findall(r"stat::peak_rss_mb: +(\d+)", log)
    reached = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)/(\S+)", log)
    if not (runs and speed and memory and reached):
        return f"{name:8} ended with exit code {code}"
    edges, features, inputs, size = reached[-1]
    return (
        f"{name:8} {'FINDING' if code else 'nothing found':13} {runs[-1]:>9} runs "
        f"({speed[-1]}/s), {edges} edges and {features} features reached, "
        f"corpus of {inputs} inputs ({size}), {memory[-1]} MB"
    )


def explain(name: str) -> str:
    log = (WORK / name / "log").read_text(errors="replace").splitlines()
    copies = [
        f"  cp {path.relative_to(ROOT)} tests/fuzz/findings/{name}/SAY-WHAT-IT-IS"
        for path in findings(name)
    ]
    told = "\n".join(log[-60:])
    return "\n".join([told, "", "First make it a test, then mend what it shows:", *copies])


# --- in the process of one fuzzer ---------------------------------------------------------------


def fuzz(name: str, seconds: int) -> int:
    """Fuzz for some seconds; libFuzzer ends the process."""
    import atheris  # noqa: PLC0415  only where it has a wheel

    traced = ["p2pnode_protocols", "p2pnode", "p2pnode_cli"]
    with atheris.instrument_imports(include=traced, exclude=UNTRACED.get(name)):
        fuzzer = load(name)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        source = random.Random(seed)
        changed = fuzzer.mutate(data, source) if source.random() < STEERED else data
        if changed == data or len(changed) > most:
            changed = atheris.Mutate(data, most)
        return bytes(changed)

    corpus = WORK / name / "corpus"
    corpus.mkdir(exist_ok=True)
    fill(corpus, (*fuzzer.seeds(), *kept_inputs(name)))
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={SLOW_S}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-max_len={MOST_BYTES[name]}",
        f"-artifact_prefix={WORK / name}/",
        "-print_final_stats=1",
    ]
    atheris.Setup(["fuzz", *options, str(corpus)], fuzzer.check, custom_mutator=mutate)
    atheris.Fuzz()
    return 0


def fill(folder: Path, inputs: Iterable[bytes]) -> None:
    for data in inputs:
        (folder / hashlib.sha256(data).hexdigest()[:24]).write_bytes(data)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
