"""What becomes of records in one commit: changes, facts that follow, orders (R10.26 f.)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..wire.errors import UsageError
from ..wire.ids import OpId, TextId
from ..wire.limits import FACT_LEVELS, FACTS_PER_COMMIT, FACTS_WAITING
from .holdings import Holdings
from .ops import Op
from .planning import Planned, require_room
from .questions.proposal import Proposal
from .seam.practice import Change, Close, Fact, FactValue, Order, Practice
from .seam.reading import Reading
from .seats.charter import Member


class Changing:
    """The changes of one commit, carried out as they come; what they lead to is collected."""

    def __init__(self, holds: Holdings) -> None:
        self._holds = holds
        self._heard: deque[tuple[Fact, int]] = deque((fact, 1) for fact in holds.facts)
        holds.facts.clear()
        self._level = 1  # of the facts that come up now
        self._count = 0  # facts that were heard
        self._waiting: list[Fact] = []  # too far from what was said
        self.facts: list[Fact] = []  # all that came up
        self.changed: dict[tuple[str, bytes], None] = {}  # records, by practice
        self._touched: set[int] = set()  # questions that orders have changed
        self.dropped: list[tuple[OpId, TextId]] = []  # texts that these ops need no more
        self._released: list[Op] = []  # that waited for what is there now

    def take_released(self) -> list[Op]:
        """Return the ops that waited for what has come up since, in the order of the log."""
        released, self._released = self._released, []
        return released

    def take_touched(self) -> set[int]:
        """Return the numbers of the questions that orders have changed since."""
        touched, self._touched = self._touched, set()
        return touched

    # --- changes --------------------------------------------------------------------------

    def carry_out(self, planned: Planned) -> None:
        """Let a record become what an op, a passed question, a fact or a due makes of it."""
        practice, key, change = planned.practice, planned.key, planned.change
        holds, record = self._holds, planned.change.record
        held = holds.slices[practice.name]
        before = held.get_open(key)
        if record is not None:
            assert record.key == key
            held.put(key, record)
            if before is None and practice.has_items:
                self._released += holds.parking.release(OpId(key))
        elif before is not None:
            held.remove(key)
            if practice.has_items:  # who names it from now on waits in vain
                holds.parking.refuse(OpId(key))
        if before is not None:
            kept = set() if record is None else set(record.texts)
            self.dropped += [(op, ref.id) for ref, op in before.texts if (ref, op) not in kept]
        self.changed[practice.name, key] = None
        for fact in change.facts:
            self.tell(fact)
        for order in change.orders:
            self._carry_out_order(order)

    def _carry_out_order(self, order: Order) -> None:
        match order:
            case Close(question=question):
                found = self._holds.register.get_open(question)
                if found is not None and not found.is_closed:
                    ended = replace(found, outcome="withdrawn", decided_ms=self._holds.time_ms)
                    self._holds.register.put(ended)
                    self._touched.add(ended.number)

    # --- time -----------------------------------------------------------------------------

    def tick(self, name: str, key: bytes) -> None:
        """Let time change a record that is due (R10.28)."""
        holds = self._holds
        practice, record = holds.in_force.named(name), holds.slices[name].get_open(key)
        if record is None or record.due_ms is None or record.due_ms > holds.time_ms:
            return  # what was due before it has changed it
        assert practice.tick is not None
        change = practice.tick(record, holds.time_ms, Reading(holds, practice))
        self.carry_out(Planned(practice, key, change))

    # --- facts ----------------------------------------------------------------------------

    def tell(self, fact: Fact) -> None:
        """Take in that something happened; those who hear it do so in turn (R10.29)."""
        self.facts.append(fact)
        if self._holds.in_force.hearers_of(fact.name):
            self._heard.append((fact, self._level))

    def hear(self) -> None:
        """Let practices hear the facts that came up, in that order, as far as one commit goes."""
        while self._heard and self._count < FACTS_PER_COMMIT:
            fact, level = self._heard.popleft()
            if level > FACT_LEVELS:
                self._waiting.append(fact)
                continue
            self._count += 1
            self._level = level + 1
            for practice in self._holds.in_force.hearers_of(fact.name):
                self._let_hear(practice, fact)
        self._level = 1

    @property
    def has_more(self) -> bool:
        """Whether there is something that this commit still has to do."""
        is_heard = bool(self._heard) and self._count < FACTS_PER_COMMIT
        return is_heard or bool(self._released or self._touched)

    def leave_the_rest(self) -> None:
        """Let the next commit hear what is too much for this one."""
        rest = [*self._waiting, *(fact for fact, _ in self._heard)]
        self._holds.facts.extend(rest[:FACTS_WAITING])

    def _let_hear(self, practice: Practice[Any], fact: Fact) -> None:
        holds = self._holds
        for key, change in practice.hears[fact.name](fact, Reading(holds, practice)):
            if self._has_room(practice, key, change):
                self.carry_out(Planned(practice, key, change))

    def _has_room(self, practice: Practice[Any], key: bytes, change: Change[Any]) -> bool:
        try:
            if self._holds.slices[practice.name].get_open(key) is None:
                require_room(self._holds, practice, change)
        except UsageError:
            return False
        return True

    # --- facts of core --------------------------------------------------------------------

    def tell_of(self, what: str, proposal: Proposal) -> None:
        """Tell that a question was opened, revised or decided."""
        fields: list[tuple[str, FactValue]] = [
            ("author", proposal.author),
            ("kind", proposal.action.KIND),
            ("tier", proposal.tier.name),
        ]
        if proposal.is_closed:
            fields.append(("outcome", proposal.outcome))
        self.tell(Fact(f"proposal.{what}", proposal.id, tuple(sorted(fields))))

    def tell_of_seats(self, before: Iterable[Member], after: Iterable[Member]) -> None:
        """Tell who has got a seat, and whose is gone."""
        was, is_ = {one.id for one in before}, {one.id for one in after}
        for seat in sorted(is_ - was):
            self.tell(Fact("member.joined", seat))
        for seat in sorted(was - is_):
            self.tell(Fact("member.left", seat))


class _Nothing(Changing):
    """Stands where no practice is in force: nothing ever comes to it."""

    def __init__(self) -> None:
        self.facts = []
        self.changed = {}
        self.dropped = []
        self._released = []


NO_CHANGES = _Nothing()

# Facts that core tells itself, and what has happened then.
FACTS = {
    "member.joined": "somebody got a seat",
    "member.left": "a seat was given up or taken away",
    "proposal.decided": "a proposal was decided or withdrawn",
    "proposal.opened": "a proposal was opened",
    "proposal.revised": "a proposal got another text",
}
