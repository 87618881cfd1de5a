"""How the core is cut: no file is long, no room crowded; no part inherits, or is forgotten."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from types import ModuleType

import pytest
from support.cores.parts import Parts

import p2pnode_protocols
import p2pnode_protocols.core
import p2pnode_protocols.gossip
from p2pnode_protocols.core import Core

PACKAGES = (p2pnode_protocols.core, p2pnode_protocols.gossip)
MODULES = [
    importlib.import_module(found.name)
    for package in PACKAGES
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]
MOST_LINES = 500
MOST_MODULES = 15
PROJECT = Path(__file__).parents[4] / "pyproject.toml"
GENERATED = {"p2pnode_protocols.record.seats.name_tables"}
FILES = sorted(
    found.name
    for found in pkgutil.walk_packages(p2pnode_protocols.__path__, "p2pnode_protocols.")
    if found.name not in GENERATED
)


def classes() -> Iterator[type]:
    for module in MODULES:
        for one in vars(module).values():
            if inspect.isclass(one) and one.__module__ == module.__name__:
                yield one


@pytest.mark.parametrize("one", list(classes()), ids=lambda one: one.__name__)
def test_no_part_inherits_from_another(one: type) -> None:
    ours = [base for base in one.__bases__ if base.__module__.startswith("p2pnode")]
    assert all(is_dataclass(base) for base in ours), "values may, parts may not"


@pytest.mark.parametrize("name", FILES)
def test_no_file_is_long(name: str) -> None:
    module = importlib.import_module(name)
    assert len(inspect.getsource(module).splitlines()) <= MOST_LINES


def test_no_room_is_crowded() -> None:
    found = pkgutil.walk_packages(p2pnode_protocols.__path__, "p2pnode_protocols.")
    counts = Counter(one.name.rpartition(".")[0] for one in found if not one.ispkg)
    assert {room: count for room, count in counts.items() if count > MOST_MODULES} == {}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda one: one.__name__.rpartition(".")[2])
def test_each_part_has_its_place_in_the_order_of_all(package: ModuleType) -> None:
    linted = tomllib.loads(PROJECT.read_text())["tool"]["importlinter"]["contracts"]
    (order,) = (
        contract["layers"]
        for contract in linted
        if contract.get("containers") == [package.__name__] and "exhaustive" not in contract
    )
    placed = [part.strip() for layer in order for part in layer.split("|")]
    parts = [one.__name__ for one in MODULES if not hasattr(one, "__path__")]
    own = [one.removeprefix(f"{package.__name__}.") for one in parts if package.__name__ in one]
    assert sorted(placed) == sorted(own)


def make_core() -> Core:
    parts = Parts(4)
    me = parts.me
    return Core(me.community, me.signer, parts.restored, parts.now.now, verify=me.verify)


def test_the_core_looks_again_for_the_sake_of_every_part_that_says_when() -> None:
    core = make_core()
    asked = {wake_times.__self__ for wake_times in core._wakers}  # type: ignore[attr-defined]
    held = [*vars(core).values(), *vars(core.sync).values()]
    parts = [one for one in held if hasattr(one, "wake_times")]
    assert asked == set(parts)


def test_each_part_acts_once_a_step_and_says_why_there() -> None:
    order = make_core()._order
    assert len({work for work, _why in order}) == len(order)
    assert all(len(why) > 10 for _work, why in order)


def test_each_part_of_the_core_can_be_made_by_itself() -> None:
    names = {name for name in vars(make_core()) if not name.startswith("_")}
    known = names - {"community", "device", "fates"}
    assert all(hasattr(Parts(4), name) for name in known)
