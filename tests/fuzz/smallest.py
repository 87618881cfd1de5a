"""The committed corpus: few small inputs that reach all lines that any input has reached.

The seeds are made by code and not kept. Of what fuzzing found beyond them, the smallest input
comes first, and one that leads to no new line after another line is left out.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from fuzz.fuzzers import load

HERE = Path(__file__).resolve().parent
ROOMS = ("/p2pnode_protocols/", "/p2pnode/", "/p2pnode_cli/")  # whose lines count
MOST_BYTES = 45_000  # of one fuzzer's kept inputs

Step = tuple[CodeType, int, int]  # in this code, from this line to that


def kept_inputs(name: str) -> list[bytes]:
    """Return the committed inputs of a fuzzer: its corpus, and what was once a finding."""
    return [path.read_bytes() for path in kept_files(name)]


def kept_files(name: str) -> list[Path]:
    folders = [HERE / kind / name for kind in ("corpus", "findings")]
    return sorted(path for folder in folders for path in folder.glob("*"))


def write_smallest(name: str, found: Iterable[Path]) -> str:
    """Replace a fuzzer's committed corpus; return what was done, for people."""
    fuzzer = load(name)
    reached: set[Step] = set()
    for data in fuzzer.seeds():
        reached |= trace(fuzzer.check, data)
    by_seeds, size = len(reached), 0
    folder = HERE / "corpus" / name
    inputs = {path.read_bytes() for path in (*found, *folder.glob("*"))}
    kept: list[bytes] = []
    for data in sorted(inputs, key=lambda one: (len(one), one)):
        steps = trace(fuzzer.check, data)
        if steps <= reached or size + len(data) > MOST_BYTES:
            continue
        reached |= steps
        size += len(data)
        kept.append(data)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*"):
        old.unlink()
    for data in kept:
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    return (
        f"{name}: {len(kept)} of {len(inputs)} inputs kept, {size} bytes; "
        f"{by_seeds} steps between lines by the seeds, {len(reached)} with them"
    )


def trace(check: Any, data: bytes) -> set[Step]:
    """Return the steps from line to line that an input takes through our packages."""
    steps: set[Step] = set()

    def on_call(frame: FrameType, _event: str, _argument: object) -> Any:
        code = frame.f_code
        if not any(room in code.co_filename for room in ROOMS):
            return None
        last = 0

        def on_line(inner: FrameType, event: str, _argument: object) -> Any:
            nonlocal last
            if event == "line":
                steps.add((code, last, inner.f_lineno))
                last = inner.f_lineno
            return on_line

        return on_line

    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        check(data)
    except Exception as error:
        raise AssertionError(f"a finding: {data.hex()}") from error
    finally:
        sys.settrace(before)
    return steps
