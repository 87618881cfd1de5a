"""One community as this node takes part in it: its verbs and its questions."""

from __future__ import annotations

from .here import Here
from .questions import Questions
from .verbs.acting import Acting
from .verbs.peering import Peering
from .verbs.proposing import Proposing
from .verbs.rebuilding import Rebuilding
from .verbs.seating import Seating
from .verbs.submitting import Submitting


class Community:
    """Say something to a community, and ask what it knows.

    Each name below is a method of the part that has it: its arguments, and what it promises and
    raises, stand there.
    """

    def __init__(self, here: Here) -> None:  # noqa: PLR0915  a line a verb
        questions = Questions(here)
        submitting = Submitting(here, questions)
        proposing = Proposing(here, questions, submitting)
        acting = Acting(here, questions, proposing)
        seating = Seating(here, submitting)
        rebuilding = Rebuilding(here)
        peering = Peering(here)

        # Proposals: putting a question, and answering one.
        self.propose = proposing.propose
        self.vote = proposing.vote
        self.revise = proposing.revise
        self.withdraw = proposing.withdraw

        # Proposals that do something once they pass.
        self.invite = acting.invite
        self.amend = acting.amend
        self.rekey = acting.rekey
        self.erase = acting.erase
        self.removal = acting.removal
        self.absence = acting.absence

        # One's own seat, and what was said for it.
        self.away = seating.away
        self.back = seating.back
        self.leave = seating.leave
        self.add_device = seating.add_device
        self.revoke_device = seating.revoke_device
        self.set_node_key = seating.set_node_key
        self.own_ops = questions.own_ops
        self.mark_seen = questions.mark_seen
        self.hurry = submitting.hurry

        # Going on without nodes that are lost for good.
        self.propose_rebuild = rebuilding.propose_rebuild
        self.sign_rebuild = rebuilding.sign_rebuild
        self.apply_rebuild = rebuilding.apply_rebuild
        self.withdraw_rebuild = rebuilding.withdraw_rebuild

        # What stands in the record, and why.
        self.find_proposal = questions.find_proposal
        self.proposal = questions.proposal
        self.proposals = questions.proposals
        self.decisions = questions.decisions
        self.explain = questions.explain
        self.wait = questions.wait
        self.certificate = questions.certificate
        self.wait_for_certificate = questions.wait_for_certificate
        self.member = questions.member
        self.members = questions.members
        self.charter = questions.charter
        self.invites = questions.invites
        self.commits = questions.commits
        self.epochs = questions.epochs
        self.rebuilds = questions.rebuilds
        self.verify_log = questions.verify_log
        self.events = questions.events

        # The network.
        self.peers = questions.peers
        self.link = peering.link
        self.dial = peering.dial
        self.block = peering.block
        self.unblock = peering.unblock
