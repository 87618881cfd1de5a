"""What the finalized log means: proposals, votes, seats (docs/protocol.md §10)."""

from .explain import REASONS, Explanation, Reason, explain, is_closed_unsaid
from .preview import Preview
from .proposal import Ballot, Outcome, Proposal, Revision
from .register import Closed, compute_closed_hash, extend_closed_hash
from .roster import Invite, Roster
from .state import CommitResult, InviteFate, State
from .tally import Rule, Tally
from .view import Grade, ProposalView, RevisionView, VoteView, compute_view

__all__ = [
    "REASONS",
    "Ballot",
    "Closed",
    "CommitResult",
    "Explanation",
    "Grade",
    "Invite",
    "InviteFate",
    "Outcome",
    "Preview",
    "Proposal",
    "ProposalView",
    "Reason",
    "Revision",
    "RevisionView",
    "Roster",
    "Rule",
    "State",
    "Tally",
    "VoteView",
    "compute_closed_hash",
    "compute_view",
    "explain",
    "extend_closed_hash",
    "is_closed_unsaid",
]
