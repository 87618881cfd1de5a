"""One member of a PySyncObj cluster in a process of its own: commands on stdin, answers on stdout.

    python -m measuring.raft_member PLACE FOLDER BATCH ADDRESS,ADDRESS…

Started by `peer_pysyncobj.py`. It imports nothing of p2pnode: its memory is PySyncObj's.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from pysyncobj import SyncObj, SyncObjConf, replicated

WINDOW = 64  # under way at each member, as for p2pnode
VALUE = bytes(200)
READY_S = 60.0
ANSWER_S = 10.0  # for what is under way at the end


def tell(**values: object) -> None:
    print(json.dumps(values), flush=True)


def be_member(place: int, folder: Path, batch: bool, addresses: list[str]) -> None:
    """Run one member: commands on stdin, answers on stdout."""

    class Log(SyncObj):  # type: ignore[misc]  # pysyncobj has no types
        telling = True

        @replicated  # type: ignore[untyped-decorator]
        def put(self, number: int, value: bytes) -> None:
            if self.telling:
                tell(applied=number, at_ns=time.monotonic_ns())

    conf = SyncObjConf(journalFile=str(folder / f"{place}.journal"), appendEntriesUseBatch=batch)
    others = [address for other, address in enumerate(addresses) if other != place]
    log = Log(addresses[place], others, conf)
    deadline = time.monotonic() + READY_S
    while not log.isReady():
        if time.monotonic() > deadline:
            raise TimeoutError("the members do not come together")
        time.sleep(0.05)
    tell(ready=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "put" in asked:
            began_ns = time.monotonic_ns()
            log.put(
                asked["put"],
                VALUE,
                callback=lambda _result, error, began_ns=began_ns: tell(
                    answered=error, began_ns=began_ns, at_ns=time.monotonic_ns()
                ),
            )
        else:
            log.telling = False
            finals_ns, failed = flood(log, asked["flood"])
            tell(finals_ns=finals_ns, failed=failed)
    log.destroy()


def flood(log: Any, seconds: float) -> tuple[list[int], int]:
    """Keep `WINDOW` commands under way; return when each was done, and how many were not.

    Under load a leader may change, and then commands fail or are never answered.
    """
    done_ns: list[int] = []
    failed = 0
    room = threading.Semaphore(WINDOW)

    def note(_result: object, error: int) -> None:
        nonlocal failed
        if error == 0:
            done_ns.append(time.monotonic_ns())
        else:
            failed += 1
        room.release()

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if room.acquire(timeout=1):
            log.put(0, VALUE, callback=note)
    end = time.monotonic() + ANSWER_S
    unanswered = WINDOW
    while unanswered and room.acquire(timeout=max(end - time.monotonic(), 0)):
        unanswered -= 1
    return done_ns, failed + unanswered


if __name__ == "__main__":
    place, folder, batch, addresses = sys.argv[1:]
    be_member(int(place), Path(folder), batch == "1", addresses.split(","))
