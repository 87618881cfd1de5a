"""`python -m p2pnode`: run the daemon of the home in P2PNODE_HOME, else the user's own.

For supervisors and containers; people have the command `p2pnode`. Settings come from the
configuration file and the environment.
"""

from __future__ import annotations

import sys

from p2pnode_protocols.practices import PRACTICES
from p2pnode_protocols.record.seam.in_force import Practices

from .daemon import run_daemon
from .home.config import load_config
from .home.errors import HomeLocked, LocalError
from .home.paths import find_paths

EXIT_FAILED = 1
EXIT_LOCKED = 9


def main(practices: Practices = PRACTICES) -> int:
    """Return the process's exit code."""
    try:
        paths = find_paths()
        return run_daemon(paths, load_config(paths.config_file), practices=practices)
    except HomeLocked as error:
        print(error, file=sys.stderr)
        return EXIT_LOCKED
    except LocalError as error:
        print(error, file=sys.stderr)
        return EXIT_FAILED


if __name__ == "__main__":
    sys.exit(main())
