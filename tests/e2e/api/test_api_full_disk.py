"""A disk that is full: nothing is acknowledged, the node says so, and goes on when it can.

The kernel's limit on file sizes stands in for the disk: it can be set on a running
process and lifted again.
"""

from __future__ import annotations

import resource

from support.processes.daemons import Daemon, Start

EVER = resource.RLIM_INFINITY


def limit_files(node: Daemon, most_bytes: int) -> None:
    assert node.process is not None
    resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (most_bytes, EVER))


def test_full_disk_acknowledges_nothing_and_the_node_goes_on_with_room(start: Start) -> None:
    (alice,) = start("alice", P2PNODE_LOG_LEVEL="error")
    alice.post("proposals", {"tier": "tactical", "title": "Before"}, wait="final")
    written = max(
        (file.stat().st_size for file in alice.paths.data_dir.rglob("store.db*")), default=0
    )
    limit_files(alice, written)
    much = {"tier": "tactical", "title": "x", "text": "x" * 9000}
    refused = alice.refused("POST", "proposals", much)
    assert (refused.status, refused["code"]) == (503, "store_unwritable")

    halted = alice.get("status", state="halted")
    assert halted["state"] == "halted"
    assert [one["severity"] for one in halted["warnings"] if one["name"] == "store_writable"] == [
        "critical"
    ]
    checks = {one["name"]: one for one in alice.get("node/health")["checks"]}
    assert "community" not in checks  # whose home it is cannot be told, and is not denied
    assert checks["store_writable"]["next"] != []
    assert alice.ask("GET", "/livez").status == 503
    again = alice.refused("POST", "proposals", {"tier": "tactical", "title": "y"})
    assert (again.status, again["code"]) == (503, "store_unwritable")

    limit_files(alice, EVER)
    back = alice.get("status", state="member", timeout=60)
    assert back["state"] == "member"
    assert alice.ask("GET", "/livez").status == 200
    alice.post("proposals", {"tier": "tactical", "title": "After"}, wait="final")
    titles = [one["title"] for one in alice.get("proposals")["items"]]
    assert titles[0] == "After"
    assert titles[-1] == "Before"
    assert alice.post("log/verification")["ok"] is True
