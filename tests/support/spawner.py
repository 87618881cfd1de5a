"""Daemons that start at once: processes forked from one that has imported everything.

    python -m support.spawner

Reads one JSON object a line, {"env": …, "log": …}, forks a process that runs the daemon as
`python -m p2pnode` does with that environment, and writes its number. For tests that start
hundreds: the imports take 0.7 s of a processor each time.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys

from p2pnode.__main__ import main as run_daemon


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead here
    gc.freeze()
    while line := sys.stdin.readline():
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(_be_daemon(order))
        print(child, flush=True)


def _be_daemon(order: dict[str, object]) -> int:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    env, log = order["env"], order["log"]
    assert isinstance(env, dict)
    os.environ.clear()
    os.environ.update(env)
    descriptor = os.open(str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.closerange(3, 64)
    return run_daemon()


if __name__ == "__main__":
    main()
