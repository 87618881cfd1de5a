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
            tell(finals_ns=flood(log, asked["flood"]))
    log.destroy()


def flood(log: Any, seconds: float) -> list[int]:
    """Keep `WINDOW` commands under way; return when each was answered."""
    answered_ns: list[int] = []
    room = threading.Semaphore(WINDOW)

    def note(_result: object, error: int) -> None:
        assert error == 0, f"PySyncObj refused a command: {error}"
        answered_ns.append(time.monotonic_ns())
        room.release()

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        room.acquire()
        log.put(0, VALUE, callback=note)
    for _ in range(WINDOW):
        room.acquire()
    return answered_ns


if __name__ == "__main__":
    place, folder, batch, addresses = sys.argv[1:]
    be_member(int(place), Path(folder), batch == "1", addresses.split(","))
