"""What can be asked about communities: which there are, coming to one; its charter, members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from ..call import Call, write_reference
from .asked import (
    Change,
    Choice,
    Json,
    Wait,
    ask_page,
    ask_signed,
    put_waits,
    write_changes,
    write_references,
)

if TYPE_CHECKING:
    from ...answers import (
        CharterText,
        Founded,
        JoinStatus,
        Member,
        PracticesHere,
        RebuildRequest,
        Receipt,
        Status,
    )
    from ...answers.documents import LinkText
    from ...answers.lists import CommunityList, EpochList, InviteList, MemberList, RebuildList


def found(
    name: str,
    member_name: str,
    *,
    fault_model: Literal["byzantine", "crash"] = "byzantine",
    changes: Mapping[str, Change] | None = None,
) -> Call[Founded]:
    """Begin a community; `changes` are charter values other than the default."""
    body = {
        "name": name,
        "member_name": member_name,
        "fault_model": fault_model,
        "changes": write_changes(changes or {}),
    }
    return Call("POST", ("communities",), body=body, answer="Founded", of_node=True)


def join(
    link: str, member_name: str | None = None, *, wait: Wait | None = None, timeout_s: int = 30
) -> Call[JoinStatus]:
    """Take the seat that a link opens, under this name; `wait="final"`: answer once admitted.

    A link that opens none lets a device that has a seat fetch its record, and needs no name.
    """
    body = {"link": link, "member_name": member_name}
    waits = put_waits(wait, timeout_s)
    return Call("POST", ("node", "joins"), body=body, answer="JoinStatus", of_node=True, **waits)


def communities(*, limit: int = 50) -> Call[CommunityList]:
    """List the communities of the home, those that do not run among them."""
    return Call(
        "GET", ("communities",), query={"limit": limit}, answer="CommunityList", of_node=True
    )


def status(**until: int | str) -> Call[Status]:
    """Ask for the status; with `min_index=…` and the like once that holds (`timeout` in s)."""
    wait_s = int(until.get("timeout", 30)) if until else 0
    return Call("GET", ("status",), query=until, answer="Status", wait_s=wait_s)


def join_status() -> Call[JoinStatus]:
    """Ask where a join stands."""
    return Call("GET", ("join",), answer="JoinStatus")


def give_up_joining() -> Call[Json]:
    """Forget a join that is under way."""
    return Call("DELETE", ("join",))


def link() -> Call[LinkText]:
    """Make a link without a seat, for a further device of one's own."""
    return Call("GET", ("link",), answer="LinkText")


def charter() -> Call[CharterText]:
    """Ask for the rules as they are now."""
    return Call("GET", ("charter",), answer="CharterText")


def practices() -> Call[PracticesHere]:
    """Ask which practices are in force, and whose nodes can follow the next version of each."""
    return Call("GET", ("practices",), answer="PracticesHere")


def members(*, limit: int = 50) -> Call[MemberList]:
    """List the seats."""
    return ask_page("MemberList", ("members",), {"limit": limit})


def member(reference: str | bytes) -> Call[Member]:
    """Ask for one seat; "me" is one's own."""
    return Call("GET", ("members", write_reference("mem", reference)), answer="Member")


def invites(*, limit: int = 50) -> Call[InviteList]:
    """List the seats that were offered."""
    return ask_page("InviteList", ("invites",), {"limit": limit})


def invite(
    name: str,
    *,
    uses: int = 1,
    expires_in: str = "7d",
    text: str | None = None,
    vote: Choice | None = "yes",
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
) -> Call[Receipt]:
    """Propose to offer a seat; the receipt has the link."""
    body = {"name": name, "uses": uses, "expires_in": expires_in, "text": text, "vote": vote}
    return ask_signed("POST", ("invites",), body, wait, timeout_s, dry_run)


def epochs(*, limit: int = 50) -> Call[EpochList]:
    """List the epochs, the founding one first."""
    return ask_page("EpochList", ("epochs",), {"limit": limit})


def rebuilds(*, limit: int = 50) -> Call[RebuildList]:
    """List the rebuilds there ever were."""
    return ask_page("RebuildList", ("rebuilds",), {"limit": limit})


def propose_rebuild(
    *,
    without: Sequence[str | bytes] | None = None,
    keep: Sequence[str | bytes] | None = None,
    dry_run: bool = False,
) -> Call[RebuildRequest]:
    """Propose to go on without nodes that are lost for good, and sign that; name one side."""
    body = {
        name: write_references("mem", given)
        for name, given in (("without", without), ("keep", keep))
    }
    query = {"dry_run": dry_run}
    return Call("POST", ("rebuilds",), query=query, body=body, answer="RebuildRequest")


def sign_rebuild(request: str, *, dry_run: bool = False) -> Call[RebuildRequest]:
    """Sign the rebuild that a survivor proposed."""
    path, query = ("rebuilds", "signature"), {"dry_run": dry_run}
    return Call("POST", path, query=query, body={"request": request}, answer="RebuildRequest")


def withdraw_rebuild() -> Call[RebuildRequest]:
    """Take that signature back: make blocks of this epoch again."""
    return Call("DELETE", ("rebuilds", "signature"), answer="RebuildRequest")


def apply_rebuild(
    rebuild: str, *, kept: Sequence[str | bytes] | None = None, dry_run: bool = False
) -> Call[RebuildRequest]:
    """Go on by a rebuild that all who are kept have signed; `kept` names them all."""
    body = {"rebuild": rebuild, "kept": write_references("mem", kept)}
    path, query = ("rebuilds", "application"), {"dry_run": dry_run}
    return Call("POST", path, query=query, body=body, answer="RebuildRequest")
