"""When proposals close that a commit is about to open: prompt votes are parted there (R3.9).

How prompt votes are parted is in `test_commit_time_rule.py`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.dag import FakeSigner
from support.cores.town import (
    DAY,
    HOUR,
    MINUTE,
    ROOT,
    SECOND,
    Town,
    bind,
    found,
    key_of,
    propose,
    reread,
    text_of,
)

from p2pnode_protocols.record.actions import (
    Action,
    AmendAction,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
)
from p2pnode_protocols.record.bodies import Away, Back, Propose, Vote
from p2pnode_protocols.record.seats.terms import LEAST_BYTES_PER_DAY
from p2pnode_protocols.record.texts import Part, TextRef
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import OpId, WallMs
from p2pnode_protocols.wire.limits import PROMPT_MS, TEXT_BYTES, WAITING_PER_DEVICE

LONGEST = "max_window_ms"


def test_closes_to_come_are_those_of_proposals_brought_or_waiting() -> None:
    town = Town(4)
    wish = WallMs(town.now + MINUTE)
    lost, waiting = town.say("bob", Away()), town.say("bob", wishing(wish))
    town.commit(waiting)
    assert town.state.closes_to_come([], town.now) == [], "it waits for one before it"
    assert town.state.closes_to_come([lost], town.now) == [wish]
    town.commit(lost, after_ms=0)
    assert town.state.closes_around(wish) == (wish, None)
    assert town.state.closes_to_come([lost, waiting], town.now) == []
    window_ms = town.state.charter.tier("implementation").window_ms
    unwished = town.say("dave", wishing(WallMs(0)))
    assert town.state.closes_to_come([unwished, unwished], town.now) == [town.now + window_ms]
    strange = town.say("dave", replace(wishing(wish), tier="strange"))
    assert town.state.closes_to_come([strange], town.now) == []
    late = town.say("dave", wishing(WallMs(town.now - 1)), nonce=1)
    assert town.state.closes_to_come([late], town.now) == [town.now - 1], "it is over at once"


@pytest.mark.parametrize("others", [WAITING_PER_DEVICE - 4, WAITING_PER_DEVICE + 6])
def test_closes_to_come_are_those_behind_any_number_of_ops_in_the_commit(others: int) -> None:
    town = Town(4)
    wish = WallMs(town.now + MINUTE)
    first = [town.say("bob", Away() if one % 2 else Back()) for one in range(others)]
    last = town.say("bob", wishing(wish))
    assert town.state.closes_to_come([*first, last], town.now) == [wish]
    assert town.state.closes_to_come([*first[1:], last], town.now) == []
    town.commit(*first, last, after_ms=0)
    assert town.state.closes_around(wish) == (wish, None)


@pytest.mark.parametrize("way", ["joins", "is bound", "is bound by who joins"])
def test_closes_to_come_are_those_of_keys_that_get_a_seat_in_the_commit(way: str) -> None:
    town = Town(4)
    town.invite("secret")
    wish = WallMs(town.now + MINUTE)
    match way:
        case "joins":
            makes_way = [town.join("zoe", "secret")]
            asks = town.say("zoe", wishing(wish))
        case "is bound":
            makes_way = [town.say("bob", bind(town, "bob", "phone"))]
            asks = town.say("bob", wishing(wish), device="phone")
        case _:
            makes_way = [town.join("zoe", "secret"), town.say("zoe", bind(town, "zoe", "phone"))]
            asks = town.say("zoe", wishing(wish), device="phone")
    assert town.state.closes_to_come([asks], town.now) == [], "a stranger's op does nothing"
    assert town.state.closes_to_come([*makes_way, asks], town.now) == [wish]
    town.commit(*makes_way, asks, after_ms=0)
    assert town.state.closes_around(wish) == (wish, None)


@pytest.mark.parametrize("what", ["invite", "rekey", "amendment", "removal"])
def test_closes_to_come_are_those_that_what_falls_due_makes_way_for(what: str) -> None:
    town = Town(found(5, constitutional=replace(found().tier("constitutional"), min_open_ms=HOUR)))
    actions: dict[str, Action] = {
        "invite": InviteAction("zoe", key_of("secret"), WallMs(town.now + DAY), 1),
        "rekey": rekey(town, "bob", "new"),
        # It cuts the wish: no charter before the commit says so.
        "amendment": AmendAction(
            tuple((f"tiers.implementation.{one}", 3 * SECOND) for one in ("window_ms", LONGEST))
        ),
        "removal": RemoveAction(town.id_of("bob")),
    }
    proposal = town.propose("alice", "constitutional", actions[what])
    for name in ("alice", "carol", "dave", "erin"):
        town.commit(town.vote(name, proposal, "yes"))
    assert town.outcome(proposal) == "open"
    due = town.state.due_of(proposal)
    assert due is not None
    body = wishing(WallMs(due + MINUTE))
    asks = [town.say("bob", body, device="new" if what == "rekey" else "")]
    if what == "invite":
        asks = [town.join("zoe", "secret"), town.say("zoe", body)]
    has_seat = what in ("amendment", "removal")
    assert town.state.closes_to_come(asks, WallMs(due - 1)) == [body.close_ms] * has_seat
    following = [due + 3 * SECOND] if what == "amendment" else [body.close_ms]
    foreseen = town.state.closes_to_come(asks, due)
    assert foreseen == ([] if what == "removal" else following)
    soon_ms = WallMs(due + PROMPT_MS)
    soon = town.state.closes_to_come(asks, due, soon_ms)
    assert soon == (foreseen if what == "amendment" else [])
    town.commit(*asks, after_ms=due - town.now)
    assert town.outcome(proposal) == "passed"
    assert [one.close_ms for one in town.state.open_proposals] == foreseen


def test_what_the_log_will_not_take_parts_no_votes_however_often_it_is_brought() -> None:
    """Else a liar would let each commit wait for an anchor, and pay for none."""
    town = Town(4)
    wish = WallMs(town.now + SECOND)
    far = WAITING_PER_DEVICE + 9
    town.invite("secret", uses=2)
    town.enter(town.join("zoe", "secret"))
    spent = [town.join(f"stranger {one}", "secret") for one in range(2)]
    town.commit(spent[0])
    liar = "bob"
    kept = [town.say(liar, Away(), nonce=nonce) for nonce in range(3, 40)]
    town.commit(*kept)
    brought = [
        # by a key that gets no seat: its invite is used up, its binding never takes effect, …
        [spent[1], town.say("stranger 1", wishing(wish))],
        [
            town.say(liar, bind(town, liar, "phone"), nonce=far),
            town.say(liar, wishing(wish), device="phone"),
        ],
        # … nor its rekeying now, if ever
        [
            town.say(liar, propose("constitutional", rekey(town, liar, "new")), nonce=1),
            town.say(liar, wishing(wish), device="new"),
        ],
        # in the place of what waits, and far behind it
        [town.say(liar, wishing(wish), nonce=9)],
        [town.say(liar, wishing(wish), nonce=far), *kept],
    ]
    for ops in brought:
        assert wish not in town.state.closes_to_come(ops, town.now)


def test_what_a_share_does_not_pay_for_parts_no_votes() -> None:
    charter = found(4)
    rules = replace(charter.rules, bytes_per_day=LEAST_BYTES_PER_DAY)
    town = Town(replace(charter, rules=rules))
    wish = WallMs(town.now + SECOND)
    asks = replace(wishing(wish), parts=(Part(1, TextRef(key_of("a text"), TEXT_BYTES)),))
    ops = [town.say("bob", asks) for _ in range(4)]
    paid = LEAST_BYTES_PER_DAY // (TEXT_BYTES + 1024)
    assert town.state.closes_to_come(ops, town.now) == [wish] * paid
    result = town.commit(*ops, after_ms=0)
    assert [code for _op, code in result.entries].count("ok") == paid
    assert town.state.closes_to_come([town.say("bob", asks)], town.now) == []


def test_trying_out_what_a_commit_opens_changes_nothing() -> None:
    town = Town(found(5, constitutional=replace(found().tier("constitutional"), min_open_ms=HOUR)))
    proposal = town.propose("alice", "constitutional", RemoveAction(town.id_of("bob")))
    for name in ("alice", "carol", "dave", "erin"):
        town.commit(town.vote(name, proposal, "yes"))
    early = town.say("carol", Away(), nonce=9)
    town.commit(early, town.say("dave", Vote(OpId(bytes(32)), OpId(bytes(32)), "no", None)))
    due = town.state.due_of(proposal)
    assert due is not None
    ops = [
        town.say("carol", wishing(WallMs(0))),
        town.say("erin", wishing(WallMs(town.now - 1))),
        town.say("dave", Vote(OpId(bytes(32)), OpId(bytes(32)), "aside", None)),
    ]
    twin = reread(town.state)
    for time_ms in (town.now, due, WallMs(due + 3 * DAY)):
        town.state.closes_to_come(ops, time_ms)
        assert town.state.to_bytes() == twin.to_bytes()
        assert town.state.closed_proposals == twin.closed_proposals
        assert town.state.proposal_ids[:] == twin.proposal_ids[:]
        assert town.state.next_due_ms() == twin.next_due_ms()
    assert town.commit(*ops) == twin.commit(ops, town.now, ROOT)
    assert town.state.to_bytes() == twin.to_bytes()


def rekey(town: Town, name: str, device: str) -> RekeyAction:
    message = crypto.signed_message(crypto.TAG_BIND, town.state.community, town.id_of(name))
    return RekeyAction(town.id_of(name), key_of(device), FakeSigner(key_of(device)).sign(message))


def wishing(close_ms: WallMs) -> Propose:
    return Propose("implementation", text_of("a title"), (), NoAction(), close_ms)
