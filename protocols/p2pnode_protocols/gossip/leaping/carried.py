"""What a leap carries, and what it proves (docs/protocol.md R7.17).

Links from one epoch to a later one, the state in which that begins, closed proposals, and the log
from what is final here on. Written for who asks, and read as it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...agreement.chain import Followed, Follower, read_link
from ...agreement.log import LoggedCommit
from ...agreement.roots import compute_root_of, compute_state_hash
from ...record.questions.proposal import MAX_NUMBER
from ...record.questions.register import Closed
from ...record.seam.in_force import NO_PRACTICES, Practices
from ...record.seats.charter import Charter
from ...record.snapshot import read_closed
from ...record.state import State
from ...steps.writes import SaveEpoch
from ...wire import crypto
from ...wire.codec import Fields, Scroll, Value, decode, encode, list_header
from ...wire.errors import PeerFault
from ...wire.ids import CommunityId, EpochId
from ...wire.limits import LINK_BYTES, SNAPSHOT_BYTES
from .pieces import Run, chain_of

UNREAD_BYTES = 2 * LINK_BYTES  # of links, that are collected before they are looked at
_FIELDS = 5
_FIVE_FIELDS = encode([None] * 5)[:1]  # how a list of five begins
_COMMIT = encode([None] * 7)[:1]  # how a commit begins: a list of seven
_HASH_BYTES = 34  # encoded; nil takes one


@dataclass(frozen=True, slots=True)
class Way:
    """How far links lead, proved; from there on more are asked for."""

    passed: tuple[Followed, ...]  # the epochs in order
    roots: tuple[tuple[int, bytes], ...]  # of the log that was asked for, ascending


@dataclass(frozen=True, slots=True)
class Reached(Way):
    """Where a leap leads, proved; closed proposals may lack that its state counts."""

    snapshot: bytes  # in which the last epoch begins
    run: Run  # the closed proposals that are here

    def land(
        self, held: Sequence[Closed], verify: crypto.Verify, practices: Practices = NO_PRACTICES
    ) -> Landing:
        """Return what there is to take over once all closed proposals are here.

        Args:
            held: those closed here, in the order of closing.
            practices: that this program has.

        Raises:
            NotYet: `update_needed`: what is in force there is not among these.
            PeerFault: `bad_proof`: those in between lack, or do not follow; or what is wrong with
                a part.
        """
        run = self.run
        if len(held) < run.before or chain_of(held, run.before) != run.chain:
            raise PeerFault("bad_proof", "the closed proposals do not follow from those here")
        value = decode(self.snapshot, SNAPSHOT_BYTES)
        state = State.read(value, (*held[: run.before], *run.closed), verify, practices)
        last = self.passed[-1]
        record = SaveEpoch(
            last.number,
            last.id,
            last.index,
            last.root,
            state.time_ms,
            last.link.round,
            last.link.author,
            last.charter,
            self.snapshot,
        )
        return Landing(self.passed, record, state, run.closed)


@dataclass(frozen=True, slots=True)
class Landing:
    """What a leap led to, all of it: proved, and not yet taken over."""

    passed: tuple[Followed, ...]  # the epochs in order, the last one begins in `state`
    record: SaveEpoch  # of the last
    state: State
    closed: tuple[Closed, ...]  # proposals that closed since, in the order of closing


def write_leap(
    links: Sequence[bytes],
    snapshot: bytes | None,
    piece: Value,
    log: Sequence[LoggedCommit],
) -> bytes:
    """Return what answers a leap, whole; `log` is what the asker lacks.

    Args:
        links: encoded.
        snapshot: the first state of the epoch to which they lead; None: more links follow.
        piece: the last closed proposals before the snapshot (`write_piece`); None without one.
    """
    root = log[0].previous_root if log else None
    commits: list[Value] = [one.to_short_wire() for one in log]
    rest = (encode(one) for one in (snapshot, piece, root, commits))
    return b"".join((_FIVE_FIELDS, list_header(len(links)), *links, *rest))


class LeapReader:
    """Read a leap as it comes (R7.17).

    Nothing but a link is decoded before a quorum's signatures vouch for it: each link names the
    next epoch's committee, the last one the state, that the closed proposals, the first one the
    root to which the log leads. And no more is collected of links that prove nothing than
    `UNREAD_BYTES` and a part.
    """

    def __init__(
        self,
        community: CommunityId,
        begin: SaveEpoch,
        verify: crypto.Verify,
        way: Way | None = None,
    ) -> None:
        """Args: `begin`: the epoch from which it is to lead on, or from where `way` leads to."""
        self._community = community
        self._begin = begin
        self._way = way
        last = None if way is None else way.passed[-1]
        self.number = begin.number if last is None else last.number  # where it begins
        self._follower = Follower(
            community,
            self.number,
            begin.id if last is None else last.id,
            Charter.from_bytes(begin.charter if last is None else last.charter),
            begin.genesis_index if last is None else last.index,
            verify,
        )
        self._place = 0  # what is before it has been read
        self._left: int | None = None  # links after it; None: not known yet

    def read_links(self, data: bytes | bytearray, *, is_whole: bool) -> None:
        """Check the links that are here.

        Args:
            data: all that has come.
            is_whole: no more comes. Else something is read once there is enough of it.

        Raises:
            PeerFault: `bad_proof`, or what is wrong with a part.
        """
        if self._left == 0 or (len(data) - self._place < UNREAD_BYTES and not is_whole):
            return
        unread = bytes(data[self._place :])
        scroll = Scroll(unread, SNAPSHOT_BYTES, "leap")
        if self._left is None:
            if scroll.items(_FIELDS) != _FIELDS:
                raise PeerFault("bad_field", f"leap: {_FIELDS} fields expected")
            self._left = scroll.items(MAX_NUMBER)
            if not self._left:
                raise PeerFault("bad_proof", "a leap that leads nowhere")
        while self._left and (is_whole or len(unread) - scroll.place >= LINK_BYTES):
            self._follower.follow(read_link(scroll.value(LINK_BYTES), Charter.read))
            self._left -= 1
        self._place += scroll.place

    def finish(self, data: bytes, held: int, after: int | None) -> Way | Reached:
        """Return where the leap leads, from `begin` on, every part of it checked.

        Args:
            data: the whole.
            held: how many proposals were closed here when it was asked for.
            after: the commit of the epoch from after which on its log was asked for; None: it was
                not.

        Raises:
            PeerFault: `bad_proof`, or what is wrong with a part.
        """
        self.read_links(data, is_whole=True)
        found, way = self._follower.reached, self._way
        first, last = found[0], found[-1]
        passed = (*(() if way is None else way.passed), *found)
        scroll = Scroll(data[self._place :], SNAPSHOT_BYTES, "leap")
        snapshot = scroll.maybe_blob(SNAPSHOT_BYTES)
        if snapshot is None:
            scroll.nil()
            return Way(passed, self._read_log(scroll, first, after))
        if compute_state_hash(snapshot) != last.link.state_hash:
            raise PeerFault(
                "bad_proof", f"the state is not the one that epoch {last.number} begins in"
            )
        count, chain = read_closed(decode(snapshot, SNAPSHOT_BYTES))
        run = Run.begin(count, chain)
        run.take(scroll, min(held, count), least=0)
        return Reached(passed, self._read_log(scroll, first, after), snapshot, run)

    def _read_log(
        self, scroll: Scroll, first: Followed, after: int | None
    ) -> tuple[tuple[int, bytes], ...]:
        """Return the roots that were asked for, here or on the way; they stand last."""
        wanted = after if self._way is None else None
        roots = _follow_log(self._community, self._begin.id, first, wanted, scroll)
        scroll.end()
        return tuple(roots) if self._way is None else self._way.roots


def read_leap(
    community: CommunityId,
    begin: SaveEpoch,
    held: Sequence[Closed],
    after: int | None,
    data: bytes,
    verify: crypto.Verify,
) -> Landing:
    """Return what the leap in `data` leads to from the epoch `begin`, all in one piece.

    Raises:
        PeerFault: `bad_proof`, also where closed proposals are to come; what is wrong with a part.
    """
    reached = LeapReader(community, begin, verify).finish(data, len(held), after)
    if not isinstance(reached, Reached):
        raise PeerFault("bad_proof", f"it leads no further than epoch {reached.passed[-1].number}")
    return reached.land(held, verify)


def _follow_log(
    community: CommunityId, epoch: EpochId, end: Followed, after: int | None, scroll: Scroll
) -> list[tuple[int, bytes]]:
    """Return the roots of an epoch's log from commit `after` to its end, which is proved."""
    root = Fields([scroll.value(_HASH_BYTES)], "leap").maybe_hash()
    count = scroll.items(MAX_NUMBER)
    last = end.index if after is None else min(after, end.index)
    if count != end.index - last or (root is None) != (last == end.index):
        raise PeerFault("bad_proof", f"the log from commit {last} to {end.index} was asked for")
    if root is None:
        return []
    roots = [(last, root)]
    for index in range(last + 1, end.index + 1):
        wire = scroll.raw(SNAPSHOT_BYTES)
        if wire[:1] != _COMMIT:
            raise PeerFault("bad_field", f"leap, commit {index}: a list of seven fields expected")
        root = compute_root_of(community, root, epoch, wire)
        roots.append((index, root))
    if root != end.root:
        raise PeerFault(
            "bad_proof", f"the log after commit {last} does not lead to the epoch's end"
        )
    return roots
