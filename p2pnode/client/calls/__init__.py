"""What can be asked of the daemon; docs/reference/api.md says more of each.

A call says nothing of which community is meant, where it is about one: the client knows that.

References (`proposal`, `member`) are what one types: a number, a name, an id or its beginning;
or the id's bytes, as answers have them. Lengths of time in requests are texts (`7d`), moments
are ms since the Unix epoch. `wait="final"` asks for finality at once, and lets the daemon
answer when it is reached, or after `timeout_s` with `timed_out`.

Whatever takes a reference raises `TypeError` for one that is none of these, such as a number
that is no text.
"""

from __future__ import annotations

from .asked import Change, Choice, Json, Wait
from .community import (
    apply_rebuild,
    charter,
    communities,
    epochs,
    found,
    give_up_joining,
    invite,
    invites,
    join,
    join_status,
    link,
    member,
    members,
    propose_rebuild,
    rebuilds,
    sign_rebuild,
    status,
    withdraw_rebuild,
)
from .node import (
    back_up,
    block,
    config,
    dial,
    health,
    hurry,
    mark_seen,
    node_status,
    own_ops,
    paths,
    peers,
    unblock,
    verify_log,
)
from .proposals import (
    amend,
    certificate,
    commit,
    commits,
    decisions,
    erase,
    explanation,
    note,
    notes,
    proposal,
    proposals,
    propose,
    rekey,
    revise,
    vote,
    withdraw,
)
from .ratings import rate, trends
from .seat import (
    add_device,
    away,
    back,
    bind_device,
    leave,
    request_binding,
    revoke_device,
    set_node_key,
)

__all__ = [
    "Change",
    "Choice",
    "Json",
    "Wait",
    "add_device",
    "amend",
    "apply_rebuild",
    "away",
    "back",
    "back_up",
    "bind_device",
    "block",
    "certificate",
    "charter",
    "commit",
    "commits",
    "communities",
    "config",
    "decisions",
    "dial",
    "epochs",
    "erase",
    "explanation",
    "found",
    "give_up_joining",
    "health",
    "hurry",
    "invite",
    "invites",
    "join",
    "join_status",
    "leave",
    "link",
    "mark_seen",
    "member",
    "members",
    "node_status",
    "note",
    "notes",
    "own_ops",
    "paths",
    "peers",
    "proposal",
    "proposals",
    "propose",
    "propose_rebuild",
    "rate",
    "rebuilds",
    "rekey",
    "request_binding",
    "revise",
    "revoke_device",
    "set_node_key",
    "sign_rebuild",
    "status",
    "trends",
    "unblock",
    "verify_log",
    "vote",
    "withdraw",
    "withdraw_rebuild",
]
