"""Processes that start at once: forked from one that has imported the daemon and the commands.

    python -m support.processes.spawner DESCRIPTOR

Reads orders from a socket, one JSON object each, and answers each with a number:

- {"run": one of `MODULES`, "arguments": …, "env": …, "cwd": …}, with the descriptors
  of its output and of its errors: forks a process that runs that module as `python -m` does, and
  says which.
- {"wait": process}: says the exit code of one that has ended, or minus the signal.

The imports take two seconds of a processor each time, and the tests start hundreds.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from p2pnode.__main__ import main as run_daemon
from p2pnode_cli.main import run as run_command

from ..cores.garden import NEWER, OLDER

ORDER_BYTES = 1 << 20
MODULES: dict[str, Callable[[], int | None]] = {
    "p2pnode": run_daemon,
    "p2pnode_cli": run_command,
    "garden-1": partial(run_daemon, OLDER),  # daemons that have a made-up practice
    "garden-2": partial(run_daemon, NEWER),
}


def main(orders: socket.socket) -> None:
    gc.freeze()
    while True:
        data, descriptors, _flags, _address = socket.recv_fds(orders, ORDER_BYTES, 2)
        if not data:
            return
        order = json.loads(data)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if answer == 0:
                os._exit(_be(order, *descriptors))
            for one in descriptors:
                os.close(one)
        orders.send(json.dumps(answer).encode())


def _be(order: dict[str, Any], out: int, err: int) -> int:
    """Become what is ordered; return its exit code."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for wanted, one in enumerate((nothing, out, err)):
        os.dup2(one, wanted)
    os.closerange(3, 1024)
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    sys.argv = [f"{order['run']}/__main__.py", *order["arguments"]]
    try:
        code = _run(MODULES[order["run"]])
    except BaseException:
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return code


def _run(program: Callable[[], int | None]) -> int:
    try:
        return program() or 0
    except SystemExit as ended:  # as Python itself does with it
        if isinstance(ended.code, int):
            return ended.code
        if ended.code is not None:
            print(ended.code, file=sys.stderr)
        return 0 if ended.code is None else 1


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
