"""What can be asked about the node itself, and about what this device said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..call import Call, Value, write_reference
from .asked import Json, Wait, ask_page, put_waits, write_references

if TYPE_CHECKING:
    from ...answers import BackupMade, Health, NodeStatus, OwnOps, Verification
    from ...answers.documents import Places, Settings
    from ...answers.lists import PeerList


_LONGEST_WAIT_S = 3600


def node_status() -> Call[NodeStatus]:
    """Ask how the process is, and each community of it."""
    return Call("GET", ("node",), answer="NodeStatus", of_node=True)


def health(*, deep: bool = False) -> Call[Health]:
    """Ask for every check; `deep` reads the whole store."""
    path, query = ("node", "health"), {"deep": deep}
    return Call("GET", path, query=query, answer="Health", wait_s=600 * deep, of_node=True)


def back_up(
    file: str,
    *,
    with_key: bool = False,
    replace: bool = False,
    communities: Sequence[str] | None = None,
) -> Call[BackupMade]:
    """Let the daemon write a backup.

    Args:
        file: absolute, on its machine.
        with_key: put the device key in.
        replace: an older backup of this name may be replaced.
        communities: by name or id; None: all.
    """
    body: dict[str, object] = {"file": file, "with_key": with_key, "replace": replace}
    if communities is not None:
        body["communities"] = list(communities)
    path = ("node", "backups")
    return Call("POST", path, body=body, answer="BackupMade", wait_s=600, of_node=True)


def verify_log() -> Call[Verification]:
    """Let the daemon check every signature and replay its whole log."""
    path = ("log", "verification")
    return Call("POST", path, body={}, answer="Verification", wait_s=_LONGEST_WAIT_S)


def config() -> Call[Settings]:
    """Ask for every setting, and where it comes from."""
    return Call("GET", ("node", "config"), answer="Settings", of_node=True)


def paths() -> Call[Places]:
    """Ask where this node's files are."""
    return Call("GET", ("node", "paths"), answer="Places", of_node=True)


def peers(*, limit: int = 50) -> Call[PeerList]:
    """List the devices this node talks to, or tries to."""
    return ask_page("PeerList", ("peers",), {"limit": limit})


def dial(address: str) -> Call[Json]:
    """Let the daemon try this address from here on."""
    return Call("POST", ("peers",), body={"address": address})


def block(reference: str | bytes) -> Call[Json]:
    """Cut a member or a device off, until the daemon's next start."""
    return Call("PUT", ("peers", write_reference("mem", reference), "block"))


def unblock(reference: str | bytes) -> Call[Json]:
    """End that."""
    return Call("DELETE", ("peers", write_reference("mem", reference), "block"))


def own_ops(
    *, everything: bool = False, limit: int = 50, cursor: str | None = None
) -> Call[OwnOps]:
    """Ask what this device said that does not count, yet or at all; refused ones by pages."""
    asked: dict[str, Value] = {"all": everything, "limit": limit, "cursor": cursor}
    return Call("GET", ("ops",), query=asked, answer="OwnOps")


def hurry(*, wait: Wait = "provisional", timeout_s: int = 30) -> Call[OwnOps]:
    """Let all of that be made final at once; `wait="final"`: answer when nothing waits."""
    return Call("POST", ("ops", "hurry"), answer="OwnOps", **put_waits(wait, timeout_s))


def mark_seen(ops: Sequence[str | bytes] | None = None) -> Call[OwnOps]:
    """Say that these refused ops are known, or all: the status lists them no more."""
    named = write_references("op", ops)
    return Call("POST", ("ops", "seen"), body={"ops": named}, answer="OwnOps")
