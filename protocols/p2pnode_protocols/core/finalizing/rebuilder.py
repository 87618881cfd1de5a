"""Going on without a quorum: when a rebuild may be signed and applied (R6.11–R6.15).

Nothing here happens by itself: each step is asked for by the local user, as no node can
tell a node that is lost from one that is cut off.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ...agreement.rebuild import Rebuild, sign_rebuild
from ...agreement.receipts import Statement
from ...gossip.peers.peer import Peer
from ...gossip.peers.peers import Peers
from ...gossip.proofs import Proofs
from ...steps.inputs import Now
from ...steps.notices import RebuildApplied, RebuildHeard
from ...steps.writes import SaveEpoch, SaveVow
from ...wire.errors import PeerFault, UsageError
from ...wire.ids import MemberId, to_short
from ...wire.lengths import show_about, show_length
from ...wire.limits import REBUILDS_HEARD
from ..clock import Clock
from ..identity import Identity
from ..log.epoch import rebuild_epoch
from ..log.ledger import Ledger
from ..log.rebuilds import Rebuilds
from ..outbox import Outbox
from ..own.chain import SETTLE_MS, OwnChain
from ..peers.sightings import Sightings
from .epochs import Epochs


class Rebuilder:
    """End an epoch whose committee has lost its quorum for good."""

    def __init__(
        self,
        me: Identity,
        ledger: Ledger,
        peers: Peers,
        proofs: Proofs,
        rebuilds: Rebuilds,
        sightings: Sightings,
        own_chain: OwnChain,
        epochs: Epochs,
        now: Clock,
        out: Outbox,
    ) -> None:
        self._me = me
        self._ledger = ledger
        self._peers = peers
        self._proofs = proofs
        self._rebuilds = rebuilds
        self._sightings = sightings
        self._own_chain = own_chain
        self._epochs = epochs
        self._now = now
        self._writes = out.writes
        self._notices = out.notices

    # --- questions ------------------------------------------------------------------------

    def plan(self, kept: frozenset[MemberId], now: Now) -> Rebuild:
        """Return the rebuild that leaves these seats on the committee, not signed yet.

        Raises:
            UsageError: as `check_signing`.
        """
        self._require_lost(kept, now)
        members = self._ledger.epoch.committee.members
        record = self._checkpoint_without(kept)
        statement = Statement(
            self._ledger.epoch.id, self._ledger.final_index, self._ledger.final_root, record.id
        )
        lost = tuple(one for one in members if one not in kept)
        return Rebuild(statement, record.id, tuple(sorted(kept)), lost)

    def check_signing(self, rebuild: Rebuild, now: Now) -> None:
        """Raise what signing it would be refused for (R6.12).

        Raises:
            UsageError: `bad_rebuild` when it does not fit this node's log, `not_allowed`
                when the quorum is not lost or another rebuild is signed, `not_on_committee`.
        """
        self._require_fit(rebuild)
        self._require_lost(frozenset(rebuild.kept), now)
        if self._rebuilds.vow is not None and self._rebuilds.vow.statement != rebuild.statement:
            raise UsageError(
                "not_allowed",
                "this node has signed another rebuild of this epoch; withdraw that first",
            )

    def check_applying(self, rebuild: Rebuild, now: Now) -> None:
        """Raise what applying it would be refused for (R6.13). Raises as `check_signing`."""
        self._require_fit(rebuild)
        self._require_signed(rebuild)
        if self._rebuilds.vow is not None and self._rebuilds.vow.statement != rebuild.statement:
            raise UsageError(
                "not_allowed", "this node has signed another rebuild of this epoch than this one"
            )
        others_went = any(
            peer.member in rebuild.kept
            and peer.status is not None
            and peer.status.epoch == rebuild.next_epoch
            for peer in self._peers.greeted
        )
        if self._ledger.member in rebuild.kept and not others_went:
            self._require_lost(frozenset(rebuild.kept), now)
        self._require_settled(now)
        self._require_no_quorum(rebuild)

    def _require_fit(self, rebuild: Rebuild) -> None:
        """Refuse a rebuild of another epoch, or of another log than this node's."""
        statement, committee = rebuild.statement, self._ledger.epoch.committee
        if rebuild.next_epoch == self._ledger.epoch.id:
            raise UsageError("bad_rebuild", "this node has applied this rebuild already")
        if statement.epoch != self._ledger.epoch.id:
            raise UsageError(
                "bad_rebuild",
                f"it ends the epoch {to_short('epo', statement.epoch)}; this node is in "
                f"{to_short('epo', self._ledger.epoch.id)}, number {self._ledger.epoch.number}",
            )
        if statement.index > self._ledger.final_index:
            raise UsageError(
                "bad_rebuild",
                f"it ends the log at commit {statement.index}; here {self._ledger.final_index} is "
                "the last: let this node catch up with those who signed, then try again",
            )
        if statement.index < self._ledger.final_index:
            raise UsageError(
                "bad_rebuild",
                f"it ends the log at commit {statement.index}; here the log goes up to "
                f"{self._ledger.final_index}, and what is final is never taken back: let the "
                "others catch up with this node, and propose the rebuild anew",
            )
        if sorted((*rebuild.kept, *rebuild.lost)) != sorted(committee.members):
            raise UsageError("bad_rebuild", "it names other seats than this epoch's committee")
        if statement.root != self._ledger.final_root:
            raise UsageError(
                "bad_rebuild", f"its log up to commit {statement.index} is another than this node's"
            )
        if self._checkpoint_without(frozenset(rebuild.kept)).id != rebuild.next_epoch:
            raise UsageError("bad_rebuild", "the epoch it begins does not follow from this log")

    def _require_signed(self, rebuild: Rebuild) -> None:
        """Refuse a rebuild that not just the seats it keeps have signed, and all of them."""
        committee = self._ledger.epoch.committee
        keys = dict(zip(committee.members, committee.keys, strict=True))
        if not rebuild.kept or not set(rebuild.kept) <= set(keys):
            raise UsageError("bad_rebuild", "it keeps seats that are not on the committee")
        missing = [member for member in rebuild.kept if not rebuild.signed_by(keys[member])]
        if missing:
            raise UsageError(
                "bad_rebuild",
                f"not signed yet by {self._names(missing)}: each has to sign it before it can be "
                "applied",
            )
        if {key for key, _ in rebuild.signatures} != {keys[member] for member in rebuild.kept}:
            raise UsageError("bad_rebuild", "it has signatures of keys that it does not keep")

    def in_this_epoch(self) -> list[MemberId]:
        """Return whose nodes on the committee stand in this epoch, connected here; own included.

        Who has gone on by a rebuild is connected as well, and stands in another epoch.
        """
        committee = self._ledger.epoch.committee
        here = {
            peer.device
            for peer in self._peers.greeted
            if peer.status is not None and peer.status.epoch == self._ledger.epoch.id
        }
        keys = zip(committee.members, committee.keys, strict=True)
        return [member for member, key in keys if key == self._me.device or key in here]

    @property
    def has_quorum_here(self) -> bool:
        """Whether those who stand in this epoch can end it by themselves."""
        return len(self.in_this_epoch()) >= self._ledger.epoch.committee.quorum

    def _require_no_quorum(self, rebuild: Rebuild) -> None:
        """Refuse while a quorum of this epoch is here: those who signed are not what is left."""
        committee, present = self._ledger.epoch.committee, self.in_this_epoch()
        if self.has_quorum_here:
            raise UsageError(
                "not_allowed",
                f"the nodes of {self._names(present)} are connected and in this epoch, and "
                f"{committee.quorum} of {len(committee)} are a quorum: nothing is lost. By this "
                f"rebuild {self._names(list(rebuild.kept))} alone would make the record; ask them "
                "why they signed it",
            )

    def _require_settled(self, now: Now) -> None:
        if now.mono_ms < self._own_chain.settle_at:
            raise UsageError(
                "not_allowed",
                f"this node started less than {SETTLE_MS // 1000} s ago; others may be about "
                "to connect",
            )

    def _require_lost(self, kept: frozenset[MemberId], now: Now) -> None:
        """Refuse while the nodes left out may only be silent for a moment (R6.12)."""
        committee, member = self._ledger.epoch.committee, self._ledger.member
        strangers = sorted(kept - set(committee.members))
        if strangers:
            raise UsageError(
                "not_on_committee", f"{self._names(strangers)} has no node on the committee"
            )
        if self._ledger.epoch.me is None or member not in kept:
            raise UsageError(
                "not_on_committee",
                "only nodes of this epoch's committee that stay on it sign a rebuild; others "
                "apply it when it is complete",
            )
        if len(kept) >= committee.quorum:
            raise UsageError(
                "not_allowed",
                f"{len(kept)} of {len(committee)} nodes are a quorum ({committee.quorum}): "
                "nothing is lost. Take the other nodes off the committee by a decision: "
                "propose … --set-away NAME",
            )
        silence_ms = self._ledger.state.charter.rules.away_interval_ms
        for author, (one, key) in enumerate(zip(committee.members, committee.keys, strict=True)):
            if one in kept:
                continue
            if key in self._peers.connected:
                raise UsageError(
                    "not_allowed",
                    f"the node of {self._names([one])} is connected to this one: it is not lost",
                )
            heard = self._sightings.last(key)
            ago = silence_ms if heard is None else now.mono_ms - heard
            tip = self._ledger.epoch.lace.tips[author]
            if tip is not None:
                ago = min(ago, abs(now.wall_ms - tip.block.time_ms))
            if ago < silence_ms:
                since = show_length(ago // 1000 * 1000)
                raise UsageError(
                    "not_allowed",
                    f"the node of {self._names([one])} was heard of {since} ago; one "
                    f"counts as lost after {show_length(silence_ms)} (the charter's "
                    f"rules.away_interval_ms): try again in {show_about(silence_ms - ago)}",
                )
        self._require_settled(now)

    def _names(self, members: list[MemberId]) -> str:
        return ", ".join(sorted(self._ledger.state.roster.name_of(one) for one in members))

    def _checkpoint_without(self, kept: frozenset[MemberId]) -> SaveEpoch:
        """Return the epoch that a rebuild here and now would begin; nothing changes."""
        state = self._ledger.state.rebuilt(kept)
        return rebuild_epoch(
            self._ledger.epoch.record, state, self._ledger.final_index, self._ledger.final_root
        )

    # --- what the local user asks for -------------------------------------------------------

    def sign(self, rebuild: Rebuild) -> None:
        self._ledger.require_versions()
        self.check_signing(rebuild, self._now.now)
        if self._rebuilds.vow is not None:
            return  # signed before
        signature = sign_rebuild(self._me.community, self._me.signer, rebuild)
        self._rebuilds.vow = rebuild.with_signatures([signature])
        self._writes.append(SaveVow(self._rebuilds.vow))

    def withdraw(self) -> None:
        if self._rebuilds.vow is None:
            raise UsageError("bad_rebuild", "this node has signed no rebuild of this epoch")
        self._rebuilds.vow = None
        self._writes.append(SaveVow(None))

    def apply(self, rebuild: Rebuild) -> None:
        self._ledger.require_versions()
        self.check_applying(rebuild, self._now.now)
        kept = frozenset(rebuild.kept)
        record = self._checkpoint_without(kept)
        ended = self._ledger.epoch.id
        self._ledger.state.rebuild(kept)
        self._proofs.give_up((ended,))
        self._rebuilds.applied[record.number] = rebuild
        self._notices.append(RebuildApplied(record.number, rebuild))
        self._epochs.enter(replace(record, rebuild=rebuild))
        for peer in self._peers.greeted:
            self._rebuilds.tell(peer)

    # --- what peers say -----------------------------------------------------------------------

    def on_rebuilt(self, peer: Peer, rebuild: Rebuild) -> None:
        """Keep a rebuild that others have gone on by; never follow it unasked (R6.15)."""
        peer.count_request(self._now.mono_ms)
        if rebuild.statement.epoch != self._ledger.epoch.id:
            return  # it is told again in its own
        held = self._rebuilds.heard.get(rebuild.next_epoch)
        if held is not None and len(held.kept) >= len(rebuild.kept):
            return  # what follows from whom it keeps; a liar may name it for itself alone
        try:
            self._require_signed(rebuild)
        except UsageError as error:
            raise PeerFault(error.code, error.detail) from error
        if held is not None or self._has_place(rebuild):
            self._rebuilds.heard[rebuild.next_epoch] = rebuild
            self._notices.append(RebuildHeard(rebuild))

    def _has_place(self, rebuild: Rebuild) -> bool:
        """Return whether one of the seats that signed it has a place left: liars fill their own."""
        taken = Counter(seat for one in self._rebuilds.heard.values() for seat in one.kept)
        return any(taken[seat] < REBUILDS_HEARD for seat in rebuild.kept)
