"""What a program has of practices, and which of that is in force (docs/protocol.md R6.17)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...wire.codec import Value
from ...wire.errors import NotYet, PeerFault, UsageError
from ..opaque import Opaque, OpaqueAction, OpaqueBody, refusal_of
from ..seats.charter import Charter, read_settings
from ..versions import CORE, CORE_ALONE, CORE_VERSION, Versions, is_practice_name
from .practice import Practice, Verb

Found = tuple[Practice[Any], Verb[Any, Any]]


class InForce:
    """The practices that a charter lists, each in the version that it lists."""

    def __init__(self, versions: Versions, practices: dict[str, Practice[Any]]) -> None:
        self.versions = versions
        self._practices = practices  # by name, sorted
        self._verbs = {verb.kind: (one, verb) for one in self for verb in one.verbs}
        self._deeds = {verb.kind: (one, verb) for one in self for verb in one.deeds}
        self._settings: dict[tuple[str, bytes], Any] = {}
        self.guards = tuple(one for one in self if one.guard is not None)
        self.is_empty = not practices

    def __iter__(self) -> Iterator[Practice[Any]]:
        """Yield them by name."""
        return iter(self._practices.values())

    def __contains__(self, name: str) -> bool:
        return name in self._practices

    def named(self, name: str) -> Practice[Any]:
        return self._practices[name]

    def find_verb(self, body: OpaqueBody) -> Found:
        """Return what an op of this kind does. Raises `not_active`, `unknown_kind`."""
        return self._find(body, self._verbs)

    def find_deed(self, action: OpaqueAction) -> Found:
        """Return what a passed question does. Raises as `find_verb`."""
        return self._find(action, self._deeds)

    def _find(self, one: Opaque, known: dict[str, Found]) -> Found:
        found = known.get(one.KIND)
        if found is None:
            raise refusal_of(one, self.versions)
        return found

    def hearers_of(self, fact: str) -> tuple[Practice[Any], ...]:
        """Return those that hear a fact of this name, by name."""
        return tuple(one for one in self if fact in one.hears)

    # --- settings -------------------------------------------------------------------------

    def settings_of(self, name: str, charter: Charter) -> Any:
        """Return what a charter sets for a practice, as that reads it; None: it has no settings."""
        shape = self._practices[name].settings
        if shape is None:
            return None
        data = dict(charter.settings).get(name, b"")
        held = self._settings.get((name, data))
        if held is None:
            held = _read(self._practices[name], charter)
            self._settings = {key: one for key, one in self._settings.items() if key[0] != name}
            self._settings[name, data] = held
        return held

    def check_settings(self, charter: Charter) -> None:
        """Refuse a charter whose settings the practices do not take (R2.28).

        Raises:
            UsageError: `bad_charter`, naming the path and what is allowed.
        """
        for one in self:
            _read(one, charter)


def _read(practice: Practice[Any], charter: Charter) -> Any:
    """Return the settings of a practice: its defaults, and what the charter says otherwise."""
    said: dict[str, Value] = dict(read_settings(charter, practice.name))
    shape = practice.settings
    if shape is None:
        known: tuple[str, ...] = ()
        wire: list[Value] = []
    else:
        known = tuple(one.name for one in shape.fields)
        wire = list(shape.write(shape.form()))
    for path, value in said.items():
        if path not in known:
            there = ", ".join(f"{practice.name}.{one}" for one in known) or "no settings"
            raise UsageError(
                "bad_charter", f"{practice.name}.{path}: {practice.name} knows {there}"
            )
        wire[known.index(path)] = value
        try:
            shape.read(wire)  # type: ignore[union-attr]
        except PeerFault as fault:
            detail = fault.detail.partition(": ")[2]
            raise UsageError("bad_charter", f"{practice.name}.{path}: {detail}") from fault
    return None if shape is None else shape.read(wire)


class Practices:
    """What a program has: a practice for each name and version, `core` besides.

    Whoever has version 2 of one has version 1, too: till a community raises it, that counts.
    """

    def __init__(self, *listed: Practice[Any]) -> None:
        self._listed = {(one.name, one.version): one for one in listed}
        assert len(self._listed) == len(listed), "one practice for each name and version"
        newest = dict(sorted(self._listed))
        for name, version in newest.items():
            assert is_practice_name(name), name
            assert name != CORE
            assert all((name, older) in self._listed for older in range(1, version)), name
        self.versions: Versions = tuple(sorted({**newest, CORE: CORE_VERSION}.items()))

    def __iter__(self) -> Iterator[Practice[Any]]:
        """Yield them by name and version."""
        return iter(self._listed[key] for key in sorted(self._listed))

    def in_force(self, versions: Versions) -> InForce:
        """Return those that a charter lists.

        Raises:
            NotYet: `update_needed`: this program lacks one (R6.20).
        """
        found: dict[str, Practice[Any]] = {}
        for name, version in versions:
            if name == CORE and version <= CORE_VERSION:
                continue
            practice = self._listed.get((name, version))
            if practice is None:
                raise NotYet(
                    "update_needed", f"{name} {version} is in force, and this program lacks it"
                )
            found[name] = practice
        return InForce(versions, found)


NO_PRACTICES = Practices()
CORE_IN_FORCE = NO_PRACTICES.in_force(CORE_ALONE)
