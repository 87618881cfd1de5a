"""How documents of the API look to people: proposals, tallies, actions, committees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from p2pnode_protocols.wire.errors import CODES
from p2pnode_protocols.wire.lengths import show_length
from p2pnode_protocols.wire.limits import TITLE_CHARS

from .invocation import Invocation
from .shown.document import Document, make_printable
from .shown.spans import show_closing, show_left, show_span, show_time

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

    from .shown.terminal import Row

ECHOED_CHARS = 100  # of a title or name of others, in a line that says more than it
REASON_CHARS = 300  # in a table of votes
NOT_HERE = "(this part has not arrived here)"
NOT_ALL_HERE = "(not all of its words have arrived here)"
SHORT_CHARS = 8  # of an id, after its kind; as p2pnode_protocols.ids shows them

# Why a passed proposal changed nothing, where the words of its code say less.
_WITHOUT_EFFECT = {
    "bad_invite": "an earlier invite had its key",
    "invite_over": "the invite had expired",
    "seat_anew": "the seat had been given up, and given anew",
}


def short_id(full: str) -> str:
    """Return `pro_k3v7abcd` of a full id."""
    kind, mark, body = full.partition("_")
    return f"{kind}{mark}{body[:SHORT_CHARS]}"


def reference(proposal: Document) -> str:
    """Return what to type to name this proposal: its number, else its short id."""
    number = proposal.maybe_count("number")
    return short_id(proposal.text("id")) if number is None else str(number)


def label(proposal: Document) -> str:
    """Return `#12`, or the short id of one that has no number yet."""
    number = proposal.maybe_count("number")
    return short_id(proposal.text("id")) if number is None else f"#{number}"


def words_of(revision: Document) -> str | None:
    """Return the text of a revision, or what stands for it while nothing of it is here."""
    text = revision.prose("text")
    return NOT_ALL_HERE if text is None and not revision.flag("arrived") else text


def numbered(revision: Document) -> str:
    """Return the parts of a text, each below its number."""
    said = [
        f"[{one.count('number')}]\n{(one.prose('text') or NOT_HERE).strip(chr(10))}"
        for one in revision.subs("parts")
    ]
    return "\n\n".join(said)


def title(proposal: Document) -> str:
    """Return the title, whole if an honest node signed it; a liar's may be of 64 KiB, or blank."""
    said = proposal.maybe_text("title")
    if said is None:
        return "(the text has not arrived here)"
    is_plain = said.isascii() and said != ""
    return shorten(said, TITLE_CHARS) if is_plain or _is_visible(said) else "(the title is blank)"


def _is_visible(text: str) -> bool:
    from p2pnode_protocols.record.seats.names import is_visible  # noqa: PLC0415 (tables)

    return is_visible(text)


def shorten(text: str, chars: int = ECHOED_CHARS) -> str:
    """Return `text`, or its beginning and an ellipsis, at most `chars` characters."""
    return text if len(text) <= chars else f"{text[: chars - 1].rstrip()}…"


def titled(invocation: Invocation, proposal: Document) -> RenderableType:
    """Return a table's cell: the title, and what passing does.

    Both are whole, as who votes has seen no more than what was shown; only the title of what is
    final is cut to its column.
    """
    from rich.console import Group  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    is_over = proposal.text("grade") == "final"
    name = Text(title(proposal), no_wrap=is_over, overflow="ellipsis" if is_over else "fold")
    if not is_over and proposal.count("revision") > 1:
        name.append(f" (revision {proposal.count('revision')})", style="dim")
    effect = action_words(invocation, proposal.sub("action"))
    if not effect:
        return name
    if why := why_without_effect(proposal):
        effect = f"without effect: {why}"
    return Group(name, Text(f"→ {effect}", no_wrap=False, overflow="fold"))


def effect_rows(invocation: Invocation, action: Document) -> list[Row]:
    """Return what passing does by itself; no row where that is nothing."""
    effect = action_words(invocation, action)
    return [("effect", effect)] if effect else []


def person(someone: Document) -> str:
    return someone.maybe_text("name") or short_id(someone.text("id"))


def told_apart(someones: Sequence[Document]) -> dict[str, str]:
    """Return what to call each of these members, by id: with the id where names look alike.

    Names do that apart from a number too (R2.20 gives one), or when one of the seats is gone.
    """
    from p2pnode_protocols.record.seats.names import forms  # noqa: PLC0415 (its tables take 20 ms)

    names = {one.text("id"): person(one) for one in someones}
    holders: dict[str, set[str]] = {}
    for member, name in names.items():
        for form in forms(name.rstrip("0123456789").rstrip() or name):
            holders.setdefault(form, set()).add(member)
    alike = {member for members in holders.values() if len(members) > 1 for member in members}
    return {
        member: f"{name} ({short_id(member)})" if member in alike else name
        for member, name in names.items()
    }


def people(someones: Sequence[Document]) -> str:
    return ", ".join(sorted(person(one) for one in someones))


def tally(proposal: Document) -> str:
    """Return the votes in numbers; with a lone voter the words stay the same."""
    counts = proposal.sub("tally")
    said = f"{counts.count('yes')} yes, {counts.count('no')} no"
    if counts.count("aside"):
        said += f", {counts.count('aside')} aside"
    return f"{said} of {counts.count('electorate')}"


def outcome_words(invocation: Invocation, proposal: Document) -> Text:
    """Return grade and outcome, each in its colour: `provisional: passed`, `open`."""
    from rich.text import Text  # noqa: PLC0415

    grade, outcome = proposal.text("grade"), proposal.text("outcome")
    if outcome == "open":
        return invocation.terminal.state("open")
    without = ", without effect" if why_without_effect(proposal) else ""
    state = invocation.terminal.state
    return Text.assemble(state(grade), ": ", state(outcome), without)


def why_without_effect(proposal: Document) -> str:
    """Return why a proposal that passed changed nothing; empty where it did, or has not passed."""
    came = proposal.text("effect")
    if came in {"none", "done"}:
        return ""
    return _WITHOUT_EFFECT.get(came, CODES.get(came, came))


def action_words(invocation: Invocation, action: Document) -> str:
    """Return what happens by itself once the proposal has passed; empty for nothing."""
    match action.text("kind"):
        case "none":
            return ""
        case "invite":
            uses = action.count("uses")
            seats = "a seat" if uses == 1 else f"{uses} seats"
            expires_ms = action.time_ms("expires_at")
            until = (
                "; the invite never expires"
                if expires_ms is None
                else f"; the invite is good until {show_time(expires_ms, invocation.now_ms())}"
            )
            return f"opens {seats} for {action.text('name')}{until}"
        case "remove":
            return f"takes away the seat of {person(action.sub('member'))}"
        case "set_away":
            direction = "off" if action.flag("away") else "back on"
            return f"puts the node of {person(action.sub('member'))} {direction} the committee"
        case "rekey":
            return (
                f"gives {person(action.sub('member'))} the device key {action.text('device')} in "
                "place of all others; they can object with an old key"
            )
        case "erase":
            # A certificate does not hold the texts that its decision erases.
            words = [one for one in action.texts("words") if one] if "words" in action.raw else []
            said = "".join(f", “{shorten(one, 40)}”" for one in words)
            return f"erases {counted(len(action.texts('texts')), 'text')} at every node{said}"
        case "amend":
            changes = action.sub("changes")
            return "; ".join(
                f"sets {path} to {setting(path, value)}" for path, value in changes.pairs()
            )
        case other:
            return f"{other} (this command is older than the daemon and cannot describe it)"


def plain(value: object) -> str:
    """Return a value for people: ratios as `4/5`."""
    match value:
        case {"num": num, "den": den}:
            return f"{num}/{den}"
        case bool():
            return "yes" if value else "no"
        case None:
            return "–"
        case list():
            return ", ".join(plain(one) for one in value)
        case _:
            return make_printable(str(value))


def setting(path: str, value: object) -> str:
    """Return the value of a charter's setting for people: times and sizes with their unit."""
    if path.endswith("_ms") and isinstance(value, int) and not isinstance(value, bool):
        return show_length(value) if value >= 0 else f"{value} ms"
    if path.endswith("bytes_per_day") and isinstance(value, int) and value % 1024 == 0:
        return f"{value >> 20} MiB" if value % (1 << 20) == 0 else f"{value >> 10} KiB"
    return plain(value)


def proposal_table(invocation: Invocation, proposals: Sequence[Document]) -> Table:
    """Return one line per proposal, and under it what passing does; at most 80 columns wide."""
    now_ms = invocation.now_ms()
    table = invocation.terminal.table("id", "tier", "title", "votes", "state", "when", grow="title")
    for one in proposals:
        counts = one.sub("tally")
        table.add_row(
            label(one),
            one.text("tier")[:14],
            titled(invocation, one),
            f"{counts.count('yes')}:{counts.count('no')}/{counts.count('electorate')}",
            short_state(invocation, one),
            _when(one, now_ms),
        )
    return table


def _when(proposal: Document, now_ms: int) -> str:
    """Return how long ago it was decided for good, or how soon it closes."""
    decided_ms, closes_ms = proposal.time_ms("decided_at"), proposal.time_ms("closes_at")
    if is_closed_unsaid(proposal, now_ms):
        return "closed"
    if decided_ms is not None and proposal.text("grade") == "final":
        return f"{show_span(now_ms - decided_ms, units=1)} ago"
    return "" if closes_ms is None else show_remaining(closes_ms, now_ms)


def show_remaining(closes_ms: int, now_ms: int) -> str:
    """Return how soon a window closes, or that it has."""
    return f"in {show_left(closes_ms - now_ms)}" if closes_ms > now_ms else "closed"


def is_closed_unsaid(proposal: Document, now_ms: int) -> bool:
    """Return whether the window has closed, and the record does not say yet what came of it."""
    closes_ms = proposal.time_ms("closes_at")
    return (
        closes_ms is not None
        and closes_ms <= now_ms
        and proposal.text("grade") != "final"
        and proposal.text("outcome") != "withdrawn"
    )


def can_turn_out_otherwise(proposal: Document, now_ms: int) -> bool:
    """Whether its window is open, and what decides it by this node's count is not final yet."""
    closes_ms = proposal.time_ms("closes_at")
    return (
        closes_ms is not None
        and closes_ms > now_ms
        and proposal.text("grade") != "final"
        and proposal.text("outcome") not in {"open", "withdrawn"}
    )


def short_state(invocation: Invocation, proposal: Document) -> Text:
    """Return the outcome when it is final or open, else `provisional: passed`."""
    outcome = proposal.text("outcome")
    is_certain = outcome == "open" or proposal.text("grade") == "final"
    return invocation.terminal.state(outcome) if is_certain else outcome_words(invocation, proposal)


def proposal_fields(invocation: Invocation, proposal: Document) -> list[Row]:
    """Return the head of one proposal: state, tier, author, times, formula, action."""
    now_ms = invocation.now_ms()
    rows: list[Row] = [("state", outcome_words(invocation, proposal))]
    rows.append(("tier", proposal.text("tier")))
    opened_ms = proposal.time_ms("opened_at")
    closes_ms, decided_ms = proposal.time_ms("closes_at"), proposal.time_ms("decided_at")
    came_late = opened_ms is not None and closes_ms is not None and opened_ms >= closes_ms
    opened = "" if opened_ms is None or came_late else f", {show_time(opened_ms, now_ms)}"
    rows.append(("by", f"{person(proposal.sub('author'))}{opened}"))
    if came_late and closes_ms is not None and proposal.text("grade") == "final":
        # Opened and decided are one moment then, later than the close.
        rows.append(("closed", show_closing(closes_ms, now_ms)))
        if opened_ms is not None:
            when = show_time(opened_ms, now_ms)
            rows.append(
                ("but", f"it came into the record after that ({when}): no vote could count")
            )
    elif closes_ms is not None and is_closed_unsaid(proposal, now_ms):
        closed = f"{show_closing(closes_ms, now_ms)}; the outcome waits for the next commit"
        rows.append(("closed", closed))
    elif closes_ms is not None and can_turn_out_otherwise(proposal, now_ms):
        left = f"{show_closing(closes_ms, now_ms)}; only what is in the record by then counts"
        rows.append(("closes", left))
    elif decided_ms is not None and proposal.text("grade") == "final":
        rows.append(("decided", show_closing(decided_ms, now_ms)))
    elif closes_ms is not None:
        rows.append(("closes", show_closing(closes_ms, now_ms)))
    rows.append(("votes", tally(proposal)))
    formula = proposal.prose("formula")
    if formula is not None:
        rows.append(("counts", formula))
    rows += effect_rows(invocation, proposal.sub("action"))
    rows += concerned_rows(proposal)
    rows += void_rows(proposal)
    withdrawn_for = proposal.maybe_text("withdrawn_for")
    if withdrawn_for is not None:
        rows.append(("withdrawn", withdrawn_for))
    rows.append(("id", proposal.text("id")))
    return rows


def void_rows(proposal: Document) -> list[Row]:
    """Return why a proposal that passed changed nothing; no row where it did, or has not passed."""
    if why := why_without_effect(proposal):
        return [("but", f"passed without effect: {why} [{proposal.text('effect')}]")]
    return []


def concerned_rows(proposal: Document) -> list[Row]:
    """Return whose vote does not count, as the proposal is about that seat."""
    concerned = proposal.maybe_sub("concerned")
    if concerned is None:
        return []
    return [("about", f"the seat of {person(concerned)}, whose own vote does not count")]


def called_in(community: Document, beside: Sequence[Document]) -> str:
    """Return what to type for a community: its name, or its id where others are called alike."""
    from p2pnode_protocols.record.seats.names import is_same  # noqa: PLC0415 (tables)

    name, short = community.maybe_text("name"), short_id(community.text("id"))
    if name is None or name != community.raw["name"]:  # not printable as it is
        return short
    others = [one.maybe_text("name") for one in beside if one.raw["id"] != community.raw["id"]]
    return short if any(other is not None and is_same(name, other) for other in others) else name


def needs_words(community: Document) -> str:
    """Return what needs its member in a community, in short."""
    votes, refused = community.count("needs_my_vote"), community.count("refused_ops")
    said = [counted(votes, "vote")] if votes else []
    said += [f"{refused} of yours refused"] if refused else []
    joining = community.maybe_sub("joining")
    if joining is not None:
        said.append(f"joining: {joining.text('stage').replace('_', ' ')}")
    if community.maybe_text("trouble") is not None:
        said.append("does not run")
    return ", ".join(said) or "nothing"


def committee_lines(committee: Document, now_ms: int) -> list[Row]:
    """Return whether decisions can become final, and whose node is missing."""
    rows: list[Row] = [("nodes", committee.text("message"))]
    missing = committee.subs("missing")
    if missing:
        rows.append(("missing", ", ".join(_absent(one, now_ms) for one in missing)))
    return rows


def _absent(someone: Document, now_ms: int) -> str:
    if someone.raw.get("connected") is True:
        return f"{person(someone)} (here, makes no blocks)"
    seen_ms = someone.time_ms("last_seen_at")
    ago = "" if seen_ms is None else show_span(now_ms - seen_ms, units=1)
    since = f"seen {ago} ago" if ago else "not seen yet"
    return f"{person(someone)} ({since})"


def budget_words(committee: Document) -> list[str]:
    """Return the fault budget in plain words: who has to be there, how many may lie or sleep."""
    size, quorum = committee.count("size"), committee.count("quorum")
    liars, sleepers = committee.count("faults_tolerated"), committee.count("sleepers_tolerated")
    if size == 1:
        return [
            "Yours is the only node so far, so what you decide is final at once.",
            "With two or three nodes everyone must be trusted to run an honest one. A home that "
            "runs twice, as a copy or an old backup, lies as well, and can part the record for "
            "good. From four nodes on, fewer than a third may lie or be off.",
        ]
    asleep = f"any {sleepers} may be off" if sleepers else "none may be off"
    lying = f"{counted(liars, 'liar')} cannot bend it" if liars else "none may lie"
    said = [
        f"{size} nodes, {quorum} of them make a decision final: {asleep} meanwhile, and {lying}."
    ]
    if liars == 0 and size < 4:
        said.append("A fourth node changes this: then one may lie.")
    return said


def joining_words(stage: str) -> str:
    """Return what becomes of a join that is under way."""
    if stage == "waiting_for_invite":
        return "It asks on, and after restarts, as another member may know better."
    return (
        "It goes on by itself, and after restarts, until one member is reachable and the invite "
        "has passed."
    )


def counted(number: int, noun: str) -> str:
    """Return how many there are, in words: 1 node, 2 nodes."""
    return f"no {noun}" if number == 0 else f"{number} {noun}" + ("" if number == 1 else "s")


def least_open_ms(tier: Document) -> int:
    """Return for how long a question of this tier is open at least (R10.20)."""
    is_objection = tier.text("mode") == "objection"  # nobody may cut its window short
    return tier.count("window_ms" if is_objection else "min_open_ms")
