"""Closed proposals one after the other, as they are sent and proved (docs/protocol.md R7.22).

A state that receipts prove counts the closed proposals and names a hash chain over them (R6.4).
So they are taken from the last one back: what comes with the chain before it is proved as it
comes, whoever sent it, and nothing of it is lost when another is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...record.questions.proposal import RECORD_BYTES, Proposal
from ...record.questions.register import Closed, extend_closed_hash
from ...wire.codec import Scroll, Value
from ...wire.errors import PeerFault

_HASH_BYTES = 32
_FIRST_CHAIN = bytes(_HASH_BYTES)  # before the first closed proposal


def write_piece(last_first: Iterable[Closed], held: int, least: int) -> Value:
    """Return closed proposals, and the chain before the first of them.

    Args:
        last_first: from the last one wanted back, one by one, to the `held`-th, if that is any.
        held: what the asker has: no more are wanted.
        least: bytes of records; there are fewer if all that are wanted have fewer.
    """
    records: list[Value] = []
    size = 0
    for one in last_first:
        if one.place <= held or size >= least:
            return [one.chain, records[::-1]]
        records.append([one.record, one.said])
        size += len(one.record)
    return [_FIRST_CHAIN, records[::-1]]


@dataclass(slots=True)
class Run:
    """Closed proposals one after the other, proved by the chain over all up to the last one."""

    last: int  # its place
    last_chain: bytes
    before: int  # the place before the first that is here
    chain: bytes  # over those up to there
    last_first: list[Closed] = field(default_factory=list)

    @classmethod
    def begin(cls, count: int, chain: bytes) -> Run:
        """Return one without any, for all that a state counts."""
        return cls(count, chain, count, chain)

    @property
    def closed(self) -> tuple[Closed, ...]:
        """What is here, in the order of closing."""
        return tuple(reversed(self.last_first))

    def take(self, scroll: Scroll, held: int, least: int) -> None:
        """Take in the piece that comes before what is here; nothing is decoded before the proof.

        Args:
            held: the place up to which nothing was asked for.
            least: bytes of records that were asked for.

        Raises:
            PeerFault: `bad_proof`, or what is wrong with a part.
        """
        if scroll.items(2) != 2:
            raise PeerFault("bad_field", "closed proposals: two fields expected")
        chain = scroll.blob(len(_FIRST_CHAIN))
        records = [_read_record(scroll) for _ in range(scroll.items(self.before - held))]
        before = self.before - len(records)
        if before > held and sum(len(record) for record, _said in records) < least:
            raise PeerFault("bad_proof", f"closed proposals: {least} bytes were asked for")
        chains: list[bytes] = []
        for record, said in records:
            chains.append(extend_closed_hash(chains[-1] if chains else chain, record, said))
        if (chains[-1] if chains else chain) != self.chain:
            raise PeerFault("bad_proof", "the closed proposals are not those that the state counts")
        found = [
            _open_closed(record, said, before + number, after)
            for number, ((record, said), after) in enumerate(zip(records, chains, strict=True), 1)
        ]
        self.before, self.chain = before, chain
        self.last_first.extend(reversed(found))

    def join(self, other: Run) -> None:
        """Take in what another state has proved, if it comes right before what is here."""
        if (other.last, other.last_chain) == (self.before, self.chain):
            self.before, self.chain = other.before, other.chain
            self.last_first.extend(other.last_first)

    def chain_at(self, place: int) -> bytes:
        """Return the chain over those up to a place, from `before` to `last`."""
        return self.chain if place == self.before else self.last_first[self.last - place].chain

    def cut(self, count: int) -> Run:
        """Return it without those after a place."""
        if count >= self.last:
            return self
        left = [one for one in self.last_first if one.place <= count]
        if not left:
            return Run.begin(self.before, self.chain)
        return Run(left[0].place, left[0].chain, self.before, self.chain, left)


def _read_record(scroll: Scroll) -> tuple[bytes, bytes | None]:
    """Return a closed proposal's record, and what it says to outsiders."""
    if scroll.items(2) != 2:
        raise PeerFault("bad_field", "closed proposal: two fields expected")
    record, said = scroll.blob(RECORD_BYTES), scroll.maybe_blob(_HASH_BYTES)
    if said is not None and len(said) != _HASH_BYTES:
        raise PeerFault("bad_field", f"closed proposal: a hash of {_HASH_BYTES} bytes expected")
    return record, said


def _open_closed(record: bytes, said: bytes | None, place: int, chain: bytes) -> Closed:
    proposal = Proposal.from_bytes(record)
    if proposal.outcome == "open":
        raise PeerFault("bad_proof", f"closed proposal {place} is open")
    return Closed.of(proposal, place, record, chain, said)


def chain_of(held: Sequence[Closed], place: int) -> bytes:
    """Return the chain over the first so many of the closed proposals here."""
    return held[place - 1].chain if place else _FIRST_CHAIN
