"""`python -m p2pnode_cli`: the same as `p2pnode`, for where that is not on the path."""

from __future__ import annotations

from .main import run

if __name__ == "__main__":
    run()
