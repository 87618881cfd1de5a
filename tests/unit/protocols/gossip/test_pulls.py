"""What a node asks one peer at a time for, and what an answer is worth: R7.7."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner

from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.gossip.asking.pulls import LEAST_PULL_BYTES, PULL_TIMEOUT_MS, PULLS_REFUSED
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello, Refused
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp
from p2pnode_protocols.wire.ids import DeviceKey, Round, WallMs
from p2pnode_protocols.wire.limits import PULL_BYTES

ROUNDS = 6


class Behind(Cluster):
    """Four members, of whom one has no block yet; the others say what a test lets them say."""

    def __init__(self) -> None:
        super().__init__(4)
        self.place = self.devices.index(max(self.devices))
        self.peers = [one for one in self.devices if one != self.devices[self.place]]
        for peer in self.peers:
            del self.nodes[peer]
        self.core = self.node(self.place).core
        self.blocks = self._draw()

    def _draw(self) -> list[list[Block]]:
        """Return the blocks of all four, by round: everyone on everyone's before."""
        epoch, rounds = self.core.epoch, []
        below: list[Block] = []
        for number in range(1, ROUNDS + 1):
            made = []
            for place, device in enumerate(self.devices):
                parents = below[place:] + below[:place]
                made.append(
                    sign_block(
                        self.charter.community_id,
                        FakeSigner(device),
                        epoch=epoch.id,
                        author=self.charter.members[place].id,
                        sequence=number,
                        round_=Round(number),
                        time_ms=WallMs(self.charter.created_ms + 10 * number),
                        parents=tuple(one.id for one in parents) or (epoch.genesis,),
                        ops=(),
                        final_index=0,
                        final_root=self.core.final_root,
                    )
                )
            below = made
            rounds.append(made)
        return rounds

    def call(self, peer: DeviceKey, rounds: int = ROUNDS) -> None:
        """Let a peer say that it has the blocks of so many rounds."""
        frontier = tuple((one.id, Round(rounds)) for one in self.charter.members if rounds)
        status = replace(self.core.status(), frontier=frontier)
        hello = Hello(PROTOCOL_VERSION, self.charter.community_id, status, None, "", ())
        self.give(self.devices[self.place], PeerUp(peer))
        self.tell(self.place, peer, hello)

    def asked(self, peer: DeviceKey) -> int:
        return len(self.pulls_of(self.place, peer))


@pytest.fixture
def behind() -> Behind:
    return Behind()


def test_who_has_more_is_asked_again_though_others_were_quicker(behind: Behind) -> None:
    first, second, _ = behind.peers
    behind.call(first)
    behind.call(second, rounds=0)
    head = [block for made in behind.blocks[:3] for block in made]
    behind.tell(behind.place, second, Push(blocks=tuple(head)))
    behind.answer_pull(behind.place, first, *head, more=True)
    assert behind.asked(first) == 2, "it has told of nothing beyond these"
    behind.answer_pull(behind.place, first, more=False)
    assert behind.asked(first) == 2


def test_who_brings_nothing_is_asked_once(behind: Behind) -> None:
    first, *_ = behind.peers
    behind.call(first)
    behind.answer_pull(behind.place, first, more=True)
    behind.run(10 * PULL_TIMEOUT_MS)
    assert behind.asked(first) == 1


def test_slow_link_is_asked_for_less(behind: Behind) -> None:
    first, *_ = behind.peers
    behind.call(first)
    behind.run(6 * PULL_TIMEOUT_MS)
    sizes = [pull.most_bytes for pull in behind.pulls_of(behind.place, first)]
    assert sizes[:5] == [PULL_BYTES, PULL_BYTES // 2, PULL_BYTES // 4, PULL_BYTES // 8, 16_384]
    assert min(sizes) == LEAST_PULL_BYTES
    behind.answer_pull(behind.place, first, *behind.blocks[0], more=True)
    assert behind.pulls_of(behind.place, first)[-1].most_bytes == PULL_BYTES


@pytest.mark.parametrize("code", sorted(PULLS_REFUSED))
def test_who_refuses_a_pull_keeps_nobody_from_being_asked(behind: Behind, code: str) -> None:
    first, second, _ = behind.peers
    behind.call(first)
    behind.call(second)
    assert (behind.asked(first), behind.asked(second)) == (1, 0)
    behind.tell(behind.place, first, Refused(code, "not now"))
    assert (behind.asked(first), behind.asked(second)) == (1, 1), "at once"
    for made in behind.blocks:
        behind.answer_pull(behind.place, second, *made, more=made is not behind.blocks[-1])
    assert behind.core.epoch.lace.max_round == ROUNDS


def test_the_only_one_that_refuses_is_asked_again_and_not_at_once(behind: Behind) -> None:
    first, *_ = behind.peers
    behind.call(first)
    for asked in range(1, 6):
        assert behind.asked(first) == asked
        for _ in range(100):
            behind.tell(behind.place, first, Refused("limit_rate", "not now"))
            behind.run(10)
        assert behind.asked(first) == asked
        behind.run(PULL_TIMEOUT_MS - 1_000)
    behind.answer_pull(behind.place, first, *behind.blocks[0], more=True)
    assert behind.core.epoch.lace.max_round == 1


def test_what_is_refused_of_something_else_ends_no_pull(behind: Behind) -> None:
    first, second, _ = behind.peers
    behind.call(first)
    behind.call(second)
    behind.tell(behind.place, first, Refused("conflicting_nonce", "some op"))
    assert (behind.asked(first), behind.asked(second)) == (1, 0)
    behind.tell(behind.place, second, Refused("limit_rate", "nobody asked it"))
    assert (behind.asked(first), behind.asked(second)) == (1, 0)


def test_who_lets_every_block_drip_costs_the_others_its_share_of_the_time(behind: Behind) -> None:
    # It has the lowest key, and each answer brings something just in time.
    drip, *others = behind.peers
    for peer in behind.peers:
        behind.call(peer)
    end_ms = behind.now_ms + 3 * PULL_TIMEOUT_MS
    left = [block for made in behind.blocks for block in made]
    while left and behind.now_ms < end_ms:
        for peer in behind.peers:
            if behind.core.sync.peers[peer].pull_until is not None:
                behind.run(PULL_TIMEOUT_MS - 100 if peer == drip else 20)
                behind.answer_pull(behind.place, peer, left.pop(0), more=True)
    assert not left
    assert behind.asked(drip) <= 3
    assert all(behind.asked(peer) > 5 for peer in others)


def test_who_hangs_up_and_calls_again_costs_no_more_than_who_is_mute(behind: Behind) -> None:
    liar, *others = behind.peers
    for peer in behind.peers:
        behind.call(peer)
    left = [block for made in behind.blocks for block in made]
    while left:
        behind.run(20)
        if behind.core.sync.peers[liar].pull_until is not None:
            behind.give(behind.devices[behind.place], PeerDown(liar))
            behind.call(liar)
            continue
        for peer in others:
            if behind.core.sync.peers[peer].pull_until is not None:
                behind.answer_pull(behind.place, peer, left.pop(0), more=True)
    assert behind.asked(liar) == 1
