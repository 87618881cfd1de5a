"""Which community a command means that works without the daemon: as the stores here have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .asked.chosen import load_chosen
from .exits import Exit
from .failures import Failure
from .invocation import Invocation

if TYPE_CHECKING:
    from p2pnode_protocols.wire.ids import CommunityId


def find_meant(invocation: Invocation) -> CommunityId:
    """Return the community that is named, by its id or as this home has it; else that of this home.

    Of several it is the one that was chosen. An id need not be of this home.

    Raises:
        Failure: `community_needed`; taking it out of a file would prove nothing.
            `unknown_community`, `which_community`, `bad_id`.
    """
    from p2pnode_protocols.wire.ids import to_text  # noqa: PLC0415

    named = invocation.named
    if named is not None and named.strip().lower().startswith("com_"):
        return _read_id(named)
    held = _held(invocation)
    if named is not None:
        return _meant(named, held)
    if len(held) == 1:
        return next(iter(held))
    chosen = load_chosen(invocation.paths.state_dir)
    for community in held:
        if to_text("com", community) == chosen:
            return community
    raise Failure(
        Exit.USAGE,
        "community_needed",
        "say which community it should be of: --community com_…",
        why="A file can claim anything; the id has to come from somewhere else."
        if not held
        else "This home has several.",
    )


def _read_id(text: str) -> CommunityId:
    from p2pnode_protocols.wire.errors import UsageError  # noqa: PLC0415
    from p2pnode_protocols.wire.ids import CommunityId, from_text  # noqa: PLC0415

    try:
        return CommunityId(from_text("com", text.strip()))
    except UsageError as error:
        raise Failure(Exit.USAGE, error.code, f"--community: {error.detail}") from None


def _meant(named: str, held: dict[CommunityId, str]) -> CommunityId:
    from p2pnode_protocols.record.seats.names import is_same  # noqa: PLC0415
    from p2pnode_protocols.wire.ids import to_text  # noqa: PLC0415

    found = [one for one, name in held.items() if name == named]
    found = found or [one for one, name in held.items() if is_same(name, named)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Failure(
            Exit.USAGE,
            "bad_id",
            f"--community: no community of this home is called {named!r}, and it is no id",
            tries=("its id: com_…",),
        )
    ids = ", ".join(to_text("com", one) for one in found)
    raise Failure(
        Exit.CONFLICT,
        "which_community",
        f"{len(found)} communities here are called {named!r}: {ids}",
        tries=("the same with the id of one of them",),
    )


def _held(invocation: Invocation) -> dict[CommunityId, str]:
    """Return the communities of this home with their names, as far as their stores can be read."""
    from p2pnode.home.errors import StoreError  # noqa: PLC0415 (sqlite3)
    from p2pnode.store.store import Store  # noqa: PLC0415
    from p2pnode_protocols.record.seats.charter import Charter  # noqa: PLC0415

    held: dict[CommunityId, str] = {}
    for place in invocation.paths.communities():
        if not place.store_file.exists():
            continue  # a join that is not done
        try:
            with Store.open(place.store_file) as store:
                epochs = store.epochs()
                charter = store.charter_of(epochs[-1].number) if epochs else store.charter
                if store.community is not None and charter is not None:
                    held[store.community] = Charter.from_bytes(charter).name
        except StoreError as error:
            invocation.terminal.detail(f"a store of this home is not read: {error.detail}")
    return held
