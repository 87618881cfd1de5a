"""How invites end: which of these ends each has, what the gate says of it, when voting on it ends.

Rules: R7.9, R10.13, R10.20.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import FakeSigner
from support.cores.town import (
    DAY,
    HOUR,
    MINUTE,
    Town,
    found,
    key_of,
    propose,
    revise,
    withdraw,
)

from p2pnode_protocols.core.peers.greeting import TOLD_OF_INVITE
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello
from p2pnode_protocols.record.actions import InviteAction
from p2pnode_protocols.record.invites import InviteFate
from p2pnode_protocols.record.state import State
from p2pnode_protocols.steps.inputs import PeerUp
from p2pnode_protocols.steps.sends import Disconnect
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import decode
from p2pnode_protocols.wire.ids import DeviceKey, OpId, WallMs

SECRET = key_of("secret")
GUEST = FakeSigner(DeviceKey(hashlib.sha256(b"guest").digest()))
CAST = replace(found().tier("constitutional"), base="cast")  # passes at the close, not before


def invite_until(town: Town, lasts_ms: int) -> InviteAction:
    return InviteAction("zoe", SECRET, WallMs(town.now + lasts_ms), 1)


def proposed(town: Town, lasts_ms: int = 2 * HOUR) -> OpId:
    return town.propose("alice", "constitutional", invite_until(town, lasts_ms))


def _reject(town: Town) -> None:
    town.commit_votes(proposed(town), bob="no")


def _withdraw(town: Town) -> None:
    assert town.enter(town.say("alice", withdraw(proposed(town)))) == "ok"


def _lapse(town: Town) -> None:
    town.commit_votes(proposed(town), alice="yes")
    town.commit(after_ms=3 * HOUR)


def _pass_too_late(town: Town) -> None:
    """By a tier in which votes that are missing may not count, it passes at its close."""
    late = proposed(town)
    town.commit_votes(late, alice="yes", bob="yes")
    assert town.outcome(late) == "open"
    town.commit(after_ms=3 * HOUR)
    assert (town.outcome(late), town.proposal(late).effect) == ("passed", "invite_over")


def _expire(town: Town) -> None:
    town.invite("secret", lasts_ms=HOUR)
    town.commit(after_ms=HOUR)


def _use_up(town: Town) -> None:
    town.invite("secret")
    assert town.codes(town.join("zoe", "secret")) == ["ok"]


def _revise(town: Town) -> None:
    """A further text asks everyone again about the same invite, which may still pass."""
    proposal = proposed(town)
    town.commit_votes(proposal, alice="yes")
    assert town.enter(town.say("alice", revise(proposal))) == "ok"


def _reject_one_of_two(town: Town) -> None:
    _reject(town)
    proposed(town)


def _pass_after_all(town: Town) -> None:
    _reject(town)
    town.invite("secret")


ENDS: dict[str, tuple[InviteFate, Callable[[Town], object]]] = {
    "unknown": ("unknown", lambda _: None),
    "proposed": ("proposed", proposed),
    "revised": ("proposed", _revise),
    "open": ("open", lambda town: town.invite("secret")),
    "used up": ("used_up", _use_up),
    "expired": ("expired", _expire),
    "passed too late": ("expired", _pass_too_late),
    "rejected": ("rejected", _reject),
    "withdrawn": ("withdrawn", _withdraw),
    "lapsed": ("lapsed", _lapse),
    "rejected, proposed again": ("proposed", _reject_one_of_two),
    "rejected, then agreed on": ("open", _pass_after_all),
}


def town_for(end: str) -> Town:
    if end == "passed too late":
        return Town(found(3, constitutional=replace(CAST, min_open_ms=HOUR)))
    return Town(2)


def test_every_fate_is_tried_and_has_words() -> None:
    assert {fate for fate, _ in ENDS.values()} == {*get_args(InviteFate)} == {*TOLD_OF_INVITE}


@pytest.mark.parametrize("end", ENDS)
def test_what_became_of_an_invite_is_found_in_the_state(end: str) -> None:
    town = town_for(end)
    fate, bring_about = ENDS[end]
    bring_about(town)
    assert town.state.fate_of_invite(SECRET) == fate
    read = State.read(
        decode(town.state.to_bytes(), 1 << 22),
        town.state.closed_proposals,
        town.state.roster.verify,
    )
    assert read.fate_of_invite(SECRET) == fate, "from the closed ones that were kept"
    assert sorted(read.invite_proposals) == sorted(town.state.invite_proposals)
    assert town.state.fate_of_invite(key_of("another secret")) == "unknown"
    is_over = fate not in ("unknown", "proposed", "open")
    code = "invite_over" if is_over else ("ok" if fate == "open" else "bad_invite")
    assert town.state.may_author(town.join("yan", "secret")) == code


# --- when voting on it ends ---------------------------------------------------------------


@pytest.mark.parametrize("wish_ms", [0, HOUR, 30 * DAY])
@pytest.mark.parametrize("lasts_ms", [MINUTE, 2 * HOUR, 6 * DAY, 20 * DAY])
@pytest.mark.parametrize("mode", ["electorate", "cast", "least open", "objection"])
def test_no_proposal_outlives_the_invite_that_it_is_for(
    mode: str, lasts_ms: int, wish_ms: int
) -> None:
    charter = {
        "electorate": found(3),
        "cast": found(3, constitutional=CAST),
        "least open": found(3, constitutional=replace(CAST, min_open_ms=HOUR)),
        "objection": replace(found(3), rules=replace(found().rules, membership_tier="individual")),
    }[mode]
    charter.validate()
    tier = charter.rules.membership_tier
    town = Town(charter)
    action = invite_until(town, lasts_ms)
    close_ms = 0 if wish_ms == 0 else town.now + wish_ms
    op = town.say("alice", propose(tier, action, close_ms))
    least_ms = {"least open": HOUR, "objection": DAY}.get(mode, 0)
    if lasts_ms <= least_ms:  # it could not take effect
        assert town.enter(op) == "bad_field"
        return
    assert town.enter(op) == "ok"
    one = town.proposal(op.id)
    assert one.close_ms <= action.expires_ms
    assert one.close_ms >= one.opened_ms + least_ms
    revised = town.say("alice", revise(op.id, close_ms=town.now + 30 * DAY))
    if town.enter(revised) == "ok":
        assert town.proposal(op.id).close_ms <= action.expires_ms


def test_author_is_told_that_voting_cannot_outlast_the_invite() -> None:
    town = Town(2)
    body = propose("constitutional", invite_until(town, HOUR), town.now + 2 * HOUR)
    code, words = town.refusal("alice", body)
    assert (code, "the invite that it is about ends before" in words) == ("bad_field", True)
    proposal = proposed(town, HOUR)
    code, words = town.refusal("alice", revise(proposal, close_ms=town.now + 2 * HOUR))
    assert (code, "the invite that it is about ends before" in words) == ("bad_field", True)


def test_vote_on_an_invite_that_has_ended_is_refused() -> None:
    town = Town(2)
    proposal = proposed(town, HOUR)
    vote = town.vote("bob", proposal, "yes")
    assert town.enter(vote, after_ms=HOUR) == "closed"
    assert town.outcome(proposal) == "lapsed"


# --- what its holder is told ----------------------------------------------------------------


def told_at_gate(cluster: Cluster) -> tuple[str, str]:
    """Return code and words with which a node refuses who shows the guest's invite."""
    cluster.give(cluster.devices[0], PeerUp(GUEST.device))
    message = crypto.signed_message(crypto.TAG_ADMIT, cluster.charter.community_id, GUEST.device)
    invite = (GUEST.device, GUEST.sign(message))
    hello = Hello(PROTOCOL_VERSION, cluster.charter.community_id, None, invite, "t", ())
    step = cluster.tell(0, GUEST.device, hello)
    (refusal,) = [one for one in step.sends if isinstance(one, Disconnect)]
    return refusal.code, refusal.detail


def guests_invite(cluster: Cluster) -> InviteAction:
    expires = WallMs(START_WALL_MS + cluster.now_ms + 60_000)
    return InviteAction("guest", GUEST.device, expires, 1)


@pytest.mark.parametrize(
    ("end", "code", "words"),
    [
        ("unknown", "bad_invite", "not decided here yet: no proposal of it is in the record"),
        ("proposed", "bad_invite", "not decided here yet; it opens once"),
        ("rejected", "invite_over", "rejected"),
        ("lapsed", "invite_over", "lapsed"),
        ("expired", "invite_over", "expired"),
    ],
)
def test_gate_says_what_became_of_an_invite(end: str, code: str, words: str) -> None:
    cluster = Cluster(4)
    cluster.connect()
    cluster.run(100)
    if end != "unknown":
        proposal = cluster.propose_action(0, "constitutional", guests_invite(cluster))
        for place in range(4) if end in ("rejected", "expired") else ():
            cluster.vote(place, proposal, "yes" if end == "expired" else "no")
        cluster.run(1_000)
    if end in ("lapsed", "expired"):
        cluster.run(120_000)
        cluster.propose(0)
        cluster.run(1_000)
    assert told_at_gate(cluster)[0] == code
    assert words in told_at_gate(cluster)[1]
