"""Who is meant and what is waited for, in sentences that people read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from p2pnode_protocols.core import Core
from p2pnode_protocols.core.log.finality import Finality
from p2pnode_protocols.record.texts import join
from p2pnode_protocols.wire.ids import MemberId

from .. import answers

NAMES_SHOWN = 4  # in a sentence; more are counted
PART_MISSING = "(this part has not arrived here)"  # in its place in a text


def describe_fork(core: Core, author: MemberId, round_: int) -> str:
    """Return what a fork means and what to do, in plain words: most who forked are honest."""
    name = core.state.roster.name_of(author)
    return (
        f"{name}'s node signed two blocks of round {round_} where one was due, as a node does that "
        "was put back from an old copy, or runs twice with one key. Its key leaves the committee; "
        f"the seat and its vote stay. {name} returns with: p2pnode devices renew"
    )


def holding_words(core: Core, finality: Finality) -> str:
    """Return which nodes are here and make no blocks, and what that means; "": none is so."""
    others = [one for one in finality.holding if one != core.member]
    if finality.is_held:
        return (
            "this node has signed a rebuild and makes no blocks until that is applied or "
            "withdrawn; till then decisions stay provisional"
        )
    if not others:
        return ""
    verb, make = ("is", "makes") if len(others) == 1 else ("are", "make")
    return (
        f"{names_of(core, others)} {verb} connected but {make} no blocks of this epoch, as after "
        "signing a rebuild or going on by one; decisions stay provisional until that ends, or "
        "until others can be reached"
    )


def people_of(core: Core, members: Iterable[MemberId]) -> tuple[answers.Person, ...]:
    people = [answers.Person(one, core.state.roster.name_of(one)) for one in members]
    return tuple(sorted(people, key=lambda one: one.name.casefold()))


def names_of(core: Core, members: Iterable[MemberId]) -> str:
    """Return these seats' names in one line, by name."""
    return ", ".join(one.name for one in people_of(core, members))


def some_of(names: Sequence[str], number: int) -> str:
    """Return that so many of these are meant, in words: `Tom`, `Tom and Una`, `2 of …`."""
    if number >= len(names) and len(names) <= NAMES_SHOWN:
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "nobody"
    who = ", ".join(names[:NAMES_SHOWN])
    if len(names) > NAMES_SHOWN:
        who += f" and {len(names) - NAMES_SHOWN} others"
    return f"{'one' if number == 1 else number} of {who}"


def learning_words(core: Core, missing: str) -> str:
    """Return in one sentence why a restored device signs nothing yet, and whom it waits for."""
    learning = core.own_chain.learning()
    if not missing and (core.sync.peers.greeted or not core.own_chain.holds_all_signed()):
        return (
            "this device was restored and signs nothing before it knows how far it had signed: "
            "there is more of the record than is here, and it is fetched from other nodes"
        )
    if not missing:
        return (
            "this device was restored and signs nothing: no other node is on the committee here, "
            "so nobody can tell how far it had signed. If this is all there ever was, stop it and "
            "run p2pnode recover --sign-anyway"
        )
    return (
        "this device was restored and signs nothing before it knows how far it had signed: "
        f"compared with {learning.compared} of the {learning.needed} other nodes that takes; "
        f"not yet with {missing}"
    )


def whole_text(parts: Sequence[answers.Part]) -> str | None:
    """Return what people read of a text, out of its parts; None: none of them is here.

    What is missing is named in its place, so the rest can be read.
    """
    if all(one.text is None for one in parts):
        return None
    return join(PART_MISSING if one.text is None else one.text for one in parts)
