"""A made-up practice: beds in a garden. It uses every part of the seam, in a few lines.

Version 1: members plant beds, whose labels are texts; a bed withers when nobody waters it, and can
be cleared by decision. Seeds fall, and others after them. Version 2 counts weeds as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from p2pnode_protocols.record.bodies import Note, Vote
from p2pnode_protocols.record.opaque import OpaqueAction, OpaqueBody
from p2pnode_protocols.record.seam.in_force import Practices
from p2pnode_protocols.record.seam.practice import (
    Base,
    Change,
    Close,
    Fact,
    Need,
    Practice,
    Reason,
    Said,
    Verb,
    said_of,
)
from p2pnode_protocols.record.texts import TextRef, Texts
from p2pnode_protocols.wire.codec import Value, encode
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import MemberId, OpId, WallMs
from p2pnode_protocols.wire.kinds import Whole
from p2pnode_protocols.wire.shapes import Ms, Shaped, shape_of, shaped

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
CORE_AND_GARDEN = (("core", 1), ("garden", 1))


@shaped("bed")
@dataclass(frozen=True, slots=True)
class Bed(Shaped):
    id: OpId
    owner: MemberId
    label: TextRef | None
    dies_ms: WallMs

    is_closed: ClassVar[bool] = False

    @property
    def key(self) -> bytes:
        return self.id

    @property
    def texts(self) -> tuple[tuple[TextRef, OpId], ...]:
        return () if self.label is None else ((self.label, self.id),)

    @property
    def due_ms(self) -> WallMs | None:
        return self.dies_ms


@shaped("bed with weeds")
@dataclass(frozen=True, slots=True)
class WeedyBed(Bed):
    weeds: Ms


@shaped("garden settings")
@dataclass(frozen=True, slots=True)
class Settings(Shaped):
    longest_ms: Annotated[int, Whole(HOUR_MS, 366 * DAY_MS)] = 30 * DAY_MS


# --- what is said ---------------------------------------------------------------------------------


@shaped("planting")
@dataclass(frozen=True, slots=True)
class Plant(Shaped):
    KIND: ClassVar[str] = "garden.plant"
    texts: Texts  # a label, perhaps
    lasts_ms: Ms


@shaped("watering")
@dataclass(frozen=True, slots=True)
class Water(Shaped):
    KIND: ClassVar[str] = "garden.water"
    texts: Texts
    bed: OpId
    lasts_ms: Ms


@shaped("uprooting")
@dataclass(frozen=True, slots=True)
class Uproot(Shaped):
    """Let a bed go, and with it the question about it."""

    KIND: ClassVar[str] = "garden.uproot"
    texts: Texts
    bed: OpId
    question: OpId


@shaped("sowing")
@dataclass(frozen=True, slots=True)
class Sow(Shaped):
    """Let seeds fall, after each of which others fall."""

    KIND: ClassVar[str] = "garden.sow"
    texts: Texts
    seeds: Annotated[int, Whole(1, 200)]
    after: Annotated[int, Whole(0, 20)]


@shaped("weeding")
@dataclass(frozen=True, slots=True)
class Weed(Shaped):
    KIND: ClassVar[str] = "garden.weed"
    texts: Texts
    bed: OpId


@shaped("clearing")
@dataclass(frozen=True, slots=True)
class Clear(Shaped):
    KIND: ClassVar[str] = "garden.clear"
    bed: OpId


def _plant(record: Bed | None, said: Said[Plant], base: Base) -> Change[Bed]:
    assert record is None
    if len(said.body.texts) > 1:
        raise UsageError("bad_field", "a bed has one label")
    label = said.body.texts[0] if said.body.texts else None
    bed = Bed(said.op, said.author, label, _until(said.body.lasts_ms, said, base))
    return Change(bed, (Fact("bed.planted", bed.id, (("author", said.author),)),))


def _until(lasts_ms: int, said: Said[Any], base: Base) -> WallMs:
    if not 0 < lasts_ms <= base.settings.longest_ms:
        raise UsageError("bad_field", f"a bed lasts {base.settings.longest_ms} ms at most")
    return WallMs(said.at_ms + lasts_ms)


def _require(record: Bed | None) -> Bed:
    if record is None:
        raise UsageError("unknown_item", "no bed has this id")
    return record


def _water(record: Bed | None, said: Said[Water], base: Base) -> Change[Bed]:
    bed = _require(record)
    return Change(replace(bed, dies_ms=max(bed.dies_ms, _until(said.body.lasts_ms, said, base))))


def _uproot(record: Bed | None, said: Said[Uproot], base: Base) -> Change[Bed]:
    if _require(record).owner != said.author:
        raise UsageError("not_allowed", "it is somebody else's bed")
    return Change(None, orders=(Close(said.body.question),))


def _weed(record: WeedyBed | None, said: Said[Weed], base: Base) -> Change[WeedyBed]:
    bed = _require(record)
    assert isinstance(bed, WeedyBed)
    return Change(replace(bed, weeds=bed.weeds + 1))


def _clear(record: Bed | None, said: Said[Clear], base: Base) -> Change[Bed]:
    return Change(None, (Fact("bed.cleared", _require(record).id),))


def _seed(subject: bytes, number: int) -> bytes:
    return hashlib.sha256(subject + bytes([number])).digest()


def _sow(record: Bed | None, said: Said[Sow], base: Base) -> Change[Bed]:
    fell = (("after", said.body.after), ("author", said.author))
    seeds = (_seed(said.op, number) for number in range(said.body.seeds))
    return Change(record, tuple(Fact("seed.fell", one, fell) for one in seeds))


# --- what happens ---------------------------------------------------------------------------------


def _wither(bed: Bed, time_ms: WallMs, base: Base) -> Change[Bed]:
    return Change(None, (Fact("bed.withered", bed.id),))


def _fell(fact: Fact, base: Base) -> Sequence[tuple[bytes, Change[Bed]]]:
    said = dict(fact.fields)
    after, author = said["after"], said["author"]
    assert isinstance(after, int)
    assert isinstance(author, bytes)
    far = WallMs(base.charter.created_ms + 40 * 366 * DAY_MS)
    bed = Bed(OpId(fact.subject), MemberId(author), None, far)
    fields = (("after", after - 1), ("author", author))
    more = (Fact("seed.fell", _seed(fact.subject, 0), fields),) if after else ()
    return [(bed.key, Change(bed, more))]


def _left(fact: Fact, base: Base) -> Sequence[tuple[bytes, Change[Bed]]]:
    beds = [one for one in base.records("garden") if one.owner == fact.subject]
    gone: Change[Bed] = Change(None)
    return [(one.key, gone) for one in beds]


def _guard(said: Said[Any], base: Base) -> None:
    if isinstance(said.body, Note) and said.body.namespace == "keep.off":
        raise UsageError("not_allowed", "the grass")
    has_bed = any(one.owner == said.author for one in base.records("garden"))
    if isinstance(said.body, Vote) and said.body.choice == "aside" and has_bed:
        raise UsageError("not_allowed", "who has a bed has an opinion")


def _view(bed: Bed, base: Base, now_ms: WallMs) -> dict[str, object]:
    return {"id": bed.id, "owner": base.roster.name_of(bed.owner), "dies_ms": bed.dies_ms}


def _explain(bed: Bed, base: Base, now_ms: WallMs) -> Sequence[Reason]:
    return [Reason("dry", "nobody has watered it", (bed.owner,), bed.dies_ms)]


def _needs(bed: Bed, member: MemberId, base: Base, now_ms: WallMs) -> Sequence[Need]:
    if bed.owner != member or bed.dies_ms - now_ms > HOUR_MS:
        return ()
    return [Need("dry", bed.id, bed.dies_ms, "your bed withers")]


_FIRST: tuple[Verb[Any, Any], ...] = (
    Verb(Plant.KIND, shape_of(Plant), lambda said: said.op, _plant),
    Verb(
        Water.KIND,
        shape_of(Water),
        lambda said: said.body.bed,
        _water,
        awaits=lambda said: said.body.bed,
        urgent=lambda bed, said, base: bed is not None and bed.dies_ms - said.at_ms < HOUR_MS,
    ),
    Verb(
        Uproot.KIND,
        shape_of(Uproot),
        lambda said: said.body.bed,
        _uproot,
        awaits=lambda said: said.body.bed,
    ),
    Verb(Sow.KIND, shape_of(Sow), lambda said: said.op, _sow),
)


def _make(version: int, record: type[Any], verbs: tuple[Verb[Any, Any], ...]) -> Practice[Any]:
    return Practice(
        name="garden",
        version=version,
        record=shape_of(record),
        most_open=300,
        verbs=verbs,
        deeds=(Verb(Clear.KIND, shape_of(Clear), lambda said: said.body.bed, _clear),),
        settings=shape_of(Settings),
        tick=_wither,
        hears={"seed.fell": _fell, "member.left": _left},
        guard=_guard,
        view=_view,
        explain=_explain,
        needs_me=_needs,
        facts={
            "bed.cleared": "a bed was cleared by decision",
            "bed.planted": "somebody planted a bed",
            "bed.withered": "nobody watered a bed",
            "seed.fell": "a seed fell",
        },
        codes=("bad_field", "not_allowed", "unknown_item"),
        reasons={"dry": "nobody has watered it [when it withers]"},
        upgrade=_upgrade if version == 2 else None,
    )


def _upgrade(bed: Value) -> Value:
    assert isinstance(bed, list)
    return [*bed, 0]


GARDEN_1 = _make(1, Bed, _FIRST)
GARDEN_2 = _make(
    2,
    WeedyBed,
    (
        replace(
            _FIRST[0],
            apply=lambda record, said, base: _weedy(_plant(record, said, base)),
        ),
        *_FIRST[1:3],
        Verb(
            Weed.KIND,
            shape_of(Weed),
            lambda said: said.body.bed,
            _weed,
            awaits=lambda said: said.body.bed,
        ),
    ),
)


def _weedy(change: Change[Bed]) -> Change[Bed]:
    bed = change.record
    assert bed is not None
    return replace(change, record=WeedyBed(bed.id, bed.owner, bed.label, bed.dies_ms, 0))


OLDER = Practices(GARDEN_1)
NEWER = Practices(GARDEN_1, GARDEN_2)


def say(body: Plant | Water | Uproot | Sow | Weed) -> OpaqueBody:
    return said_of(body.KIND, body)


def clear(bed: OpId) -> OpaqueAction:
    return OpaqueAction(Clear.KIND, encode([bed]))
