"""What people type for a proposal, member or device: number, name, id or its beginning."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from p2pnode_protocols.record.seats.charter import Charter, Member
from p2pnode_protocols.record.seats.names import is_same
from p2pnode_protocols.record.views.view import ProposalView
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import (
    DeviceKey,
    MemberId,
    OpId,
    from_text,
    resolve,
    to_short,
    to_text,
)
from p2pnode_protocols.wire.quoting import quoted

from ..errors import RequestError

_ID_CHARS = 40  # who typed so many copied an id, and is told what is wrong with it
_NUMBER_DIGITS = 6  # an id's beginning of digits only is longer, or has its kind before it


def find_proposal(text: str, numbered: Sequence[OpId], others: Collection[OpId]) -> OpId:
    """Return the proposal meant by `12`, `#12`, an id, or at least 4 characters of one.

    Args:
        text: as typed.
        numbered: the finalized ones, number 1 first.
        others: any more, such as those that have no number yet.

    Raises:
        UsageError: `unknown_proposal`, `ambiguous_id`, `bad_id`.
    """
    digits = text.strip().removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) <= _NUMBER_DIGITS:
        number = int(digits)
        if not 1 <= number <= len(numbered):
            raise UsageError(
                "unknown_proposal",
                f"there is no proposal number {number}; the latest is {len(numbered)}",
            )
        return numbered[number - 1]
    try:
        return OpId(resolve("pro", text, numbered, others))
    except UsageError as error:
        if error.code != "bad_id" or not _is_name(text):
            raise
        raise UsageError(
            "unknown_proposal",
            f"no proposal is known as {quoted(text)}; give its number, or 4 characters of its id",
        ) from error


def _is_name(text: str) -> bool:
    """Return whether it is no try at an id: to speak of the length of ids would help nobody."""
    return 0 < len(text.strip()) < _ID_CHARS and "_" not in text


def find_revision(text: str, revisions: Sequence[OpId]) -> OpId:
    """Return the revision meant by its number, an id, or at least 4 characters of one.

    Args:
        text: as typed.
        revisions: of one proposal, the first text first.

    Raises:
        UsageError: `bad_id`, naming the latest; `ambiguous_id`.
    """
    digits = text.strip().removeprefix("#")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= _NUMBER_DIGITS
    if is_number and 1 <= int(digits) <= len(revisions):
        return revisions[int(digits) - 1]
    try:
        if not is_number:
            return OpId(resolve("pro", text, revisions))
    except UsageError as error:
        if error.code == "ambiguous_id":
            raise
    latest = f"the latest is {len(revisions)}, {to_text('pro', revisions[-1])[:16]}"
    raise UsageError("bad_id", f"there is no revision {quoted(text)} of it; {latest}")


def require_meant(view: ProposalView, revision: str | None) -> None:
    """Refuse to speak about another text than the one that stands there; None: that one.

    Raises:
        UsageError: `superseded_revision`; `bad_id`, `ambiguous_id`.
    """
    if revision is None:
        return
    named = find_revision(revision, [one.id for one in view.revisions])
    if named != view.current.id:
        raise UsageError(
            "superseded_revision",
            f"{to_short('pro', named)} has been replaced; the text is now that of "
            f"{to_short('pro', view.current.id)}",
        )


def find_member(text: str, charter: Charter, me: DeviceKey) -> Member:
    """Return the seat meant by `me`, a name, an id, or at least 4 characters of one.

    A name means every seat that a reader could take for it (R2.20), also where one has it
    exactly: who copied it from a screen cannot see which. No log of honest members has two.

    Raises:
        UsageError: `unknown_member`; `ambiguous_id` when more than one seat could be meant;
            `bad_id`; `not_a_member` for `me` when this device has no seat.
    """
    wanted = text.strip()
    if wanted.casefold() == "me":
        seat = charter.by_device(me)
        if seat is None:
            raise UsageError("not_a_member", "this device has no seat in the community")
        return seat
    found = _seats_meant(wanted, charter)
    if not found:
        if wanted.lower().startswith("mem_"):  # says what is wrong with it
            resolve("mem", wanted, [one.id for one in charter.members])
        raise UsageError(
            "unknown_member",
            f"no member is called {quoted(wanted)}, and no member's id begins like that",
        )
    return _only(wanted, found)


def _seats_meant(wanted: str, charter: Charter) -> list[Member]:
    """Return the seats that `wanted` could mean: by name, by id, by an id's beginning."""
    named = [one for one in charter.members if is_same(one.name, wanted)]
    try:
        ids = [one.id for one in charter.members]
        known = charter.member(MemberId(resolve("mem", wanted, ids)))
    except UsageError as error:
        if error.code == "ambiguous_id" and not named:
            raise
        known = None
    # A name may be the beginning of somebody else's id: who typed it may mean either.
    return named if known is None or known in named else [*named, known]


def _only(wanted: str, found: list[Member]) -> Member:
    if len(found) > 1:
        seats = ", ".join(f"{one.name} is {to_text('mem', one.id)[:16]}" for one in found[:4])
        raise UsageError(
            "ambiguous_id", f"{quoted(wanted)} fits {len(found)} members: {seats}; type the id"
        )
    return found[0]


def find_device(text: str, known: Collection[DeviceKey]) -> DeviceKey:
    """Return the device meant by an id or at least 4 characters of one.

    Raises:
        RequestError: `unknown_device`.
        UsageError: `ambiguous_id`.
    """
    try:
        return DeviceKey(resolve("dev", text, known))
    except UsageError as error:
        if error.code == "bad_id":
            raise RequestError("unknown_device", error.detail) from error
        raise


def find_peer(text: str, charter: Charter | None, known: Collection[DeviceKey]) -> list[DeviceKey]:
    """Return the devices meant by a member's name or id, or a device's id.

    Raises:
        RequestError: `unknown_peer`.
        UsageError: `ambiguous_id`.
    """
    wanted = text.strip()
    try:
        seats = [] if charter is None else _seats_meant(wanted, charter)
        try:
            device = DeviceKey(resolve("dev", wanted, known))
        except UsageError as error:
            if error.code == "ambiguous_id" or not seats:
                raise
            return list(_only(wanted, seats).devices)
    except UsageError as error:
        if error.code == "ambiguous_id":
            raise
        detail = error.detail
        if _is_name(wanted):
            detail = f"no member is called {quoted(wanted)}, and no device's id begins like that"
        raise RequestError("unknown_peer", detail, "p2pnode peers") from error
    if any(device not in one.devices for one in seats):
        raise UsageError(
            "ambiguous_id",
            f"{quoted(wanted)} is a member's name or id and the beginning of a device's: "
            f"{to_text('dev', device)[:16]}; type mem_… or dev_…",
        )
    return [device]


def read_member_id(text: str) -> MemberId:
    """Return the member id in its full text form. Raises `UsageError` `bad_id`."""
    return MemberId(from_text("mem", text))


def read_op_id(text: str) -> OpId:
    """Return the id of an op in its full text form. Raises `UsageError` `bad_id`."""
    return OpId(from_text("op", text))
