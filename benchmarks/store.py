"""What saving costs, fsynced and not, and how long a restart reads.

    python3 dev.py bench store [--blocks 10000] [--directory DIR]

Ten members' full rounds; every block is a transaction of its own, in the second half with
an op and its text in it, as when a vote is cast. Beside it a bare fsync of as many bytes,
which is what the disk takes whoever asks.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from p2pnode.store.store import Store
from p2pnode_protocols.messages.frames import write_frame
from p2pnode_protocols.messages.spreading import Pull
from p2pnode_protocols.steps.writes import SaveBlock, SaveOp, SaveText, Write
from p2pnode_protocols.wire.limits import PULL_BYTES

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.record import CHARTER, epoch, rounds, signer, text, vote

NAMES = [f"member {number}" for number in range(10)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=10_000)
    parser.add_argument("--directory", type=Path, help="on the disk to measure")
    arguments = parser.parse_args()
    blocks = rounds(NAMES, max(arguments.blocks // len(NAMES), 4))
    with tempfile.TemporaryDirectory(dir=arguments.directory) as folder:
        _measure_disk(Path(folder) / "bare")
        path = Path(folder) / "store.db"
        store = Store.create(path)
        store.adopt(CHARTER)
        store.apply([epoch(0)], durable=True)
        quarter = len(blocks) // 4
        for place, (label, durable) in enumerate(
            [
                ("block, fsynced", True),
                ("block", False),
                ("block, op and text, fsynced", True),
                ("block, op and text", False),
            ]
        ):
            part = blocks[place * quarter : (place + 1) * quarter]
            batches: list[list[Write]] = [[SaveBlock(one, 0, own=True)] for one in part]
            if place >= 2:
                for number, batch in enumerate(batches):
                    batch[:0] = _said(place * quarter + number)
            _time_each(label, [partial(store.apply, batch, durable) for batch in batches])
        store.close()
        _measure_reading(path)


def _said(nonce: int) -> list[Write]:
    ref, blob = text(f"reason {nonce}")
    return [SaveText(ref.id, blob), SaveOp(vote(NAMES[0], nonce, ref), own=True)]


def _measure_disk(path: Path) -> None:
    with path.open("wb") as file:

        def write() -> None:
            file.write(hashlib.sha256().digest() * 512)
            file.flush()
            os.fsync(file.fileno())

        _time_each("bare fsync of 16 KiB", [write] * 500)


def _time_each(label: str, calls: Sequence[Callable[[], None]]) -> None:
    taken = []
    for call in calls:
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    print(
        f"{label:32} median {statistics.median(taken):6.3f} ms   "
        f"p99 {taken[len(taken) * 99 // 100]:6.3f} ms   most {taken[-1]:6.3f} ms"
    )


def _measure_reading(path: Path) -> None:
    size_mib = path.stat().st_size / (1 << 20)
    began = time.perf_counter()
    store = Store.open(path)
    restored = store.restore(signer(NAMES[0]).device)
    taken = (time.perf_counter() - began) * 1000
    assert restored is not None
    print(
        f"open and restore {len(restored.blocks)} blocks, {len(restored.pending)} ops, "
        f"{size_mib:.1f} MiB: {taken:.0f} ms"
    )
    began = time.perf_counter()
    size = len(write_frame([store.serve_pull(Pull(0, (), PULL_BYTES))]))
    print(f"answer a pull with {size} bytes: {_since_ms(began):.1f} ms")
    began = time.perf_counter()
    assert store.find_damage() == ()
    print(f"check the whole store: {_since_ms(began):.0f} ms")
    store.close()


def _since_ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
