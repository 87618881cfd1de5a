"""The rules of the protocol, each weakened once, and the tests that must notice.

A mutant is an exact replacement in one file of a copy of the packages. What stands in `caught_by`
is run until the first failure; all of it is part of the ordinary suite, or one of its seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

CORE = "protocols/p2pnode_protocols/"
UNIT = "tests/unit/protocols/"
RULE = "tests/property/test_commit_rule.py"
LIARS = "tests/sim/test_byzantine_runs.py"
LUCK = "tests/sim/test_random_runs.py"


@dataclass(frozen=True)
class Mutant:
    name: str
    rule: str  # of docs/protocol.md
    file: str
    old: str  # stands in the file once
    new: str
    caught_by: tuple[str, ...]  # pytest arguments


MUTANTS = (
    Mutant(
        "quorum of one less",
        "R1.8",
        CORE + "committee.py",
        "return (members + faults) // 2 + 1",
        "return max(1, (members + faults) // 2)",
        (RULE,),
    ),
    Mutant(
        "certificate with Q - 1 votes",
        "R3.3",
        CORE + "commit.py",
        "return count >= self._committee.quorum",
        "return count >= self._committee.quorum - 1",
        (RULE,),
    ),
    Mutant(
        "commit with Q - 1 certificates",
        "R3.4",
        CORE + "commit.py",
        "block.certifier_mask.bit_count() >= quorum:",
        "block.certifier_mask.bit_count() >= quorum - 1:",
        (RULE,),
    ),
    Mutant(
        "skip rule dropped",
        "R3.5",
        CORE + "commit.py",
        "if not slot.is_decided and slot.skippers.bit_count() >= self._committee.quorum:",
        "if slot.skippers < 0:",
        (RULE,),
    ),
    Mutant(
        "indirect rule ignores the anchor",
        "R3.6",
        CORE + "commit.py",
        "        if not candidates:\n            return None\n",
        "        return candidates[0] if candidates else None\n",
        ("tests/property/test_small_scope.py",),
    ),
    Mutant(
        "anchor one round too early",
        "R3.6",
        CORE + "commit.py",
        "anchors.get(Round(round_ + 3))",
        "anchors.get(Round(round_ + 2))",
        (RULE,),
    ),
    Mutant(
        "ties in the log left to arrival",
        "R3.8",
        CORE + "commit.py",
        "return vertex.round, place, vertex.id",
        'return vertex.round, 0, b""',
        (RULE,),
    ),
    Mutant(
        "latest time instead of the median",
        "R3.9",
        CORE + "commit.py",
        "times[(len(times) - 1) // 2]",
        "times[-1]",
        ("tests/sim/test_wrong_clock.py",),
    ),
    Mutant(
        "time not held to what it was",
        "R3.9",
        CORE + "decisions/state.py",
        "WallMs(max(self._time_ms, time_ms)), round_",
        "time_ms, round_",
        (UNIT + "test_proposals.py",),
    ),
    Mutant(
        "log root without the one before",
        "R3.10",
        CORE + "roots.py",
        "        previous,\n        epoch,\n        round_,\n        author,",
        "        bytes(32),\n        epoch,\n        round_,\n        author,",
        (LUCK, "--sim-seed", "3"),
    ),
    Mutant(
        "own block left out of the parents",
        "R4.8",
        CORE + "epoch.py",
        "parents = [] if own is None else [own]",
        "parents: list[Vertex] = []",
        (LUCK, "--sim-seed", "3"),
    ),
    Mutant(
        "two parents by one author",
        "R2.15",
        CORE + "blocklace.py",
        "if seen & bit:",
        "if seen < 0:",
        (UNIT + "test_blocklace.py",),
    ),
    Mutant(
        "too few parents",
        "R2.15",
        CORE + "blocklace.py",
        "if strong.bit_count() < self.committee.quorum:",
        "if strong.bit_count() < 1:",
        (UNIT + "test_blocklace.py",),
    ),
    Mutant(
        "time of a block may run back",
        "R2.16",
        CORE + "blocklace.py",
        "if block.time_ms <= parent.block.time_ms:",
        "if block.time_ms < 0:",
        (UNIT + "test_blocklace.py",),
    ),
    Mutant(
        "block count unchecked",
        "R2.15",
        CORE + "blocklace.py",
        "if block.sequence != expected:",
        "if block.sequence < 0:",
        (UNIT + "test_blocklace.py",),
    ),
    Mutant(
        "third fork kept unasked",
        "R2.19",
        CORE + "blocklace.py",
        "len(self.slot(block.round, author)) >= FORKS_PER_SLOT",
        "len(self.slot(block.round, author)) >= 1_000",
        (UNIT + "test_core.py", UNIT + "test_core_regressions.py"),
    ),
    Mutant(
        "signature of a block unchecked",
        "R2.13",
        CORE + "blocks.py",
        "if not verify(header.device, message, header.signature):",
        "if not header.signature:",
        (UNIT + "test_blocks.py",),
    ),
    Mutant(
        "signature of an op unchecked",
        "R2.9",
        CORE + "ops.py",
        "if not verify(device, crypto.signed_message(crypto.TAG_OP, community, content), "
        "signature):",
        "if not signature:",
        (UNIT + "test_ops.py",),
    ),
    Mutant(
        "any key makes a member's blocks",
        "R2.13",
        CORE + "blocklace.py",
        "if author is None or committee.keys[author] != block.device:",
        "if author is None:",
        (UNIT + "test_blocklace.py",),
    ),
    Mutant(
        "nonce unchecked",
        "R2.10",
        CORE + "decisions/nonces.py",
        "        used = self._used[op.device]\n        farthest",
        "        return [op]\n        used = self._used[op.device]\n        farthest",
        (UNIT + "test_proposals.py",),
    ),
    Mutant(
        "vote counts for a replaced revision",
        "R10.8",
        CORE + "decisions/proposal.py",
        "if vote.revision != self.current.id:",
        'if vote.revision == self.id == b"":',
        (UNIT + "test_proposals.py",),
    ),
    Mutant(
        "electorate unpinned",
        "R6.6",
        CORE + "decisions/state.py",
        "electorate = tuple(one.id for one in self._epoch_charter.members)",
        "electorate = tuple(one.id for one in self.charter.members)",
        (UNIT + "test_proposals.py",),
    ),
    Mutant(
        "late votes count",
        "R10.7",
        CORE + "decisions/state.py",
        "        for number in self._proposals.due_by(self._time_ms):\n",
        "        for number in ():\n",
        (UNIT + "test_proposals.py",),
    ),
    Mutant(
        "own block not saved",
        "R4.5",
        CORE + "finalizing.py",
        "        self._writes.append(SaveBlock(block, epoch.number, own=is_own))\n",
        "        if not is_own:\n"
        "            self._writes.append(SaveBlock(block, epoch.number, own=is_own))\n",
        (LUCK, "--sim-seed", "3"),
    ),
    Mutant(
        "own words not flushed to the disk",
        "R4.5",
        "p2pnode/drive.py",
        "        case SaveOp(own=own) | SaveBlock(own=own)",
        "        case SaveOp(own=own) if own and False",
        ("tests/sim/test_crash_after_acknowledging.py",),
    ),
    Mutant(
        "own chain not compared first",
        "R4.6",
        CORE + "making.py",
        "        committee = self.epoch.committee\n        heard",
        "        return True\n        committee = self.epoch.committee\n        heard",
        ("tests/sim/test_lost_disk.py",),
    ),
    Mutant(
        "later slots of an ended epoch count",
        "R6.2",
        CORE + "finalizing.py",
        "                if self.epoch.number != number:\n                    break",
        "                if self.epoch.number < number:\n                    break",
        ("tests/sim/test_epoch_change_under_load.py",),
    ),
    Mutant(
        "divergence heard in one's own epoch only",
        "R7.13",
        CORE + "finalizing.py",
        "        self._hear_root(block)\n",
        "        if block.epoch == self.epoch.id:\n            self._hear_root(block)\n",
        (UNIT + "test_divergence.py",),
    ),
    Mutant(
        "pull answered by what nobody asked for",
        "R7.7",
        CORE + "sync.py",
        "        if asked != peer.pulled:\n            return",
        "        if asked < 0:\n            return",
        (UNIT + "test_leaps_and_peers.py",),
    ),
    Mutant(
        "epoch of any number of ops",
        "R6.3",
        CORE + "epoch.py",
        " or self.ops >= EPOCH_OPS",
        "",
        (UNIT + "test_epochs.py",),
    ),
    Mutant(
        "leap from mid-epoch goes on from any log",
        "R7.17",
        CORE + "hearing.py",
        "            if self._roots.get(index, root) != root:\n",
        "            if not self._roots:\n",
        ("tests/sim/test_overrun_runs.py", "--sim-seed", "113"),
    ),
    Mutant(
        "log of a leap not followed to its end",
        "R7.17",
        CORE + "leaps.py",
        "    if root != end.root:\n",
        "    if root is None:\n",
        (UNIT + "test_leap_from_mid_epoch.py",),
    ),
    Mutant(
        "forks at the end not searched",
        "R7.18",
        CORE + "sync.py",
        "is_turn and self._search_forks(now, final_index)",
        "is_turn and not self._greeted",
        (UNIT + "test_forks_at_the_end.py",),
    ),
    Mutant(
        "forks searched before every pull",
        "R7.7",
        CORE + "sync.py",
        "(chosen.unanswered > 0 and not self._has_searched)",
        "chosen.unanswered > 0",
        (UNIT + "test_forks_at_the_end.py",),
    ),
    Mutant(
        "forks not searched beside a mute peer",
        "R7.18",
        CORE + "sync.py",
        "chosen is None or (chosen.unanswered > 0 and not self._has_searched)",
        "chosen is None",
        (UNIT + "test_forks_at_the_end.py",),
    ),
    Mutant(
        "forks not kept as evidence",
        "R2.19",
        CORE + "blocklace.py",
        "rival = held[0] if held else twin if twin is not vertex else None",
        "rival = None",
        (UNIT + "test_blocklace.py",),
    ),
    Mutant(
        "evidence of others trusted for ever",
        "R6.9",
        CORE + "accuser.py",
        "and (op.device == self._device or not had_turn)",
        "",
        (UNIT + "test_evidence.py",),
    ),
    Mutant(
        "receipts ahead make nobody ask",
        "R7.15",
        CORE + "core.py",
        "self._is_active() or self._lags()",
        "self._is_active()",
        (UNIT + "test_receipts.py",),
    ),
    Mutant(
        "one receipt ahead is believed",
        "R7.15",
        CORE + "core.py",
        "return len(ahead & committee.key_index.keys()) > committee.faults",
        "return len(ahead & committee.key_index.keys()) > 0",
        (UNIT + "test_receipts.py",),
    ),
    Mutant(
        "status that counts unknown ops not answered",
        "R7.15",
        CORE + "hearing.py",
        "if self.pool.highest_nonce(device, self.state) < nonce:",
        "if False:",
        (LIARS, "-k", "showed"),
    ),
    Mutant(
        "receipts that nobody claims not asked for",
        "R8.3",
        CORE + "proofs.py",
        "GUESSES = 6",
        "GUESSES = 0",
        (UNIT + "test_receipts.py",),
    ),
    Mutant(
        "rebuild signed for others than it keeps",
        "R6.12",
        CORE + "rebuild.py",
        "encode([self.statement.to_bytes(), list(self.kept), list(self.lost)])",
        "encode([self.statement.to_bytes(), [], []])",
        (UNIT + "test_rebuild.py",),
    ),
)
