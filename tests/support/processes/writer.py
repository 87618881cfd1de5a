"""A process that saves one own op and block after another and says so, until it is stopped.

    python -m support.processes.writer STORE FIRST [FILE_BYTES]

Prints each nonce once it is acknowledged. With FILE_BYTES no file may grow beyond that:
then it ends by printing the store's refusal.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from support.record import CHARTER, block, epoch, text, vote

from p2pnode.home.errors import StoreError
from p2pnode.store.store import Store
from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.steps.writes import SaveBlock, SaveOp, SaveText


def main() -> None:
    path, first = Path(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
    store = Store.create(path)
    store.adopt(CHARTER)
    store.apply([epoch(0)], durable=True)
    below: list[Block] = []
    try:
        for nonce in range(first, 1_000_000):
            ref, blob = text(f"reason {nonce} " + "x" * 3_000)
            op = vote("alice", nonce, ref)
            below = [block("alice", nonce, below, [op])]
            store.apply([SaveOp(op, own=True), SaveText(ref.id, blob)], durable=True)
            store.apply([SaveBlock(below[0], 0, own=True)], durable=True)
            print(nonce, flush=True)
    except StoreError as error:
        print(error.code, flush=True)


if __name__ == "__main__":
    main()
