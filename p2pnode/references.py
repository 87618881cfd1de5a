"""What people type for a proposal, member or device: number, name, id or its beginning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from p2pnode_protocols.charter import Charter, Member
from p2pnode_protocols.errors import UsageError
from p2pnode_protocols.ids import DeviceKey, MemberId, OpId, from_text, resolve

from .errors import RequestError

_NUMBER_DIGITS = 6  # an id's beginning of digits only is longer, or has its kind before it


def find_proposal(text: str, numbered: Sequence[OpId], others: Iterable[OpId]) -> OpId:
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
    return OpId(resolve("pro", text, {*numbered, *others}))


def find_member(text: str, charter: Charter, me: DeviceKey) -> Member:
    """Return the seat meant by `me`, a name, an id, or at least 4 characters of one.

    Raises:
        UsageError: `unknown_member`, `ambiguous_id`, `bad_id`; `not_a_member` for `me`
            when this device has no seat.
    """
    wanted = text.strip().casefold()
    if wanted == "me":
        seat = charter.by_device(me)
        if seat is None:
            raise UsageError("not_a_member", "this device has no seat in the community")
        return seat
    for one in charter.members:
        if one.name.casefold() == wanted:  # names differ in more than case
            return one
    found = charter.member(MemberId(resolve("mem", text, [one.id for one in charter.members])))
    assert found is not None
    return found


def find_device(text: str, known: Iterable[DeviceKey]) -> DeviceKey:
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


def find_peer(text: str, charter: Charter | None, known: Iterable[DeviceKey]) -> list[DeviceKey]:
    """Return the devices meant by a member's name or id, or a device's id.

    Raises:
        RequestError: `unknown_peer`.
        UsageError: `ambiguous_id`.
    """
    for one in charter.members if charter is not None else ():
        if one.name.casefold() == text.strip().casefold():
            return list(one.devices)
    try:
        if charter is not None and text.strip().lower().startswith("mem_"):
            member = charter.member(
                MemberId(resolve("mem", text, [one.id for one in charter.members]))
            )
            assert member is not None
            return list(member.devices)
        return [DeviceKey(resolve("dev", text, known))]
    except UsageError as error:
        if error.code == "ambiguous_id":
            raise
        raise RequestError("unknown_peer", error.detail, "p2pnode peers") from error


def read_member_id(text: str) -> MemberId:
    """Return the member id in its full text form. Raises `UsageError` `bad_id`."""
    return MemberId(from_text("mem", text))


def read_op_id(text: str) -> OpId:
    """Return the id of an op in its full text form. Raises `UsageError` `bad_id`."""
    return OpId(from_text("op", text))
