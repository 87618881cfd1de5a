"""kill -9 at random moments, under load: no fork, and nothing acknowledged is lost.

Four members, each with somebody who proposes and votes all the time. A random one of their
nodes is killed at a random moment, or two, or all four as by one power cut; now and then also
while they start; and they are started again. In the end every op of which anyone got a receipt
is in the log of all; and no two blocks in any of the four stores are by one device and of one
round, or of one sequence.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.hosts.homes import only_community
from support.processes.daemons import Daemon, community

from p2pnode.store.store import Store
from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.wire.ids import DeviceKey

KILLS = 60  # unless --kills says otherwise
NAMES = ("alice", "bob", "carol", "dave")
SEEDS = (20_261_122,)
UP_S = 0.2  # at most so long a node runs undisturbed; a decision takes a tenth of it
STARTING_S = 0.2  # a start takes about so long
STRUCK = (1, 1, 1, 2, 2, 4)  # how many are down together: mostly few enough to decide without
PAUSE_S = 0.1  # of a person between two things said
CHARTER = {"rules.max_open_per_member": 100}


class Person(threading.Thread):
    """Proposes and votes through one node, and keeps every receipt."""

    def __init__(self, daemon: Daemon, stop: threading.Event, seed: int) -> None:
        super().__init__(daemon=True)
        self.receipts: set[str] = set()
        self._daemon = daemon
        self._stopping = stop
        self._random = random.Random(seed)

    def run(self) -> None:
        while not self._stopping.wait(PAUSE_S):
            # Its node may be killed meanwhile: no receipt, so nothing is promised.
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                self._say()

    def _say(self) -> None:
        asked = self._daemon.ask("GET", "proposals", needs_my_vote="true", limit=5)
        waiting = asked["items"] if asked.status == 200 else []
        if waiting and self._random.random() < 0.8:
            proposal = self._random.choice(waiting)["id"]
            choice = self._random.choice(("yes", "yes", "no"))
            self._keep("POST", f"proposals/{proposal}/votes", {"choice": choice})
        else:
            body = {"tier": "tactical", "title": f"Number {self._random.random()}"}
            self._keep("POST", "proposals", body)

    def _keep(self, method: str, path: str, body: object) -> None:
        answer = self._daemon.ask(method, path, body)
        if answer.status < 300:
            self.receipts.add(answer["op"])


@pytest.fixture
def daemons(tmp_path: Path) -> Iterator[list[Daemon]]:
    settings = {"P2PNODE_LOG_LEVEL": "info", "P2PNODE_LIMITS_OPS_PER_MINUTE": "60000"}
    made = [Daemon(tmp_path / name, **settings) for name in NAMES]
    community(made, NAMES, CHARTER)
    for one in made:  # as people's nodes: each is found again where it was
        address = one.get("node")["addresses"][0]
        one.set("P2PNODE_NET_PORT", address.split("/tcp/")[1].split("/")[0])
    yield made
    for one in made:
        one.kill()
        print(f"--- {one.paths.home}\n{one.log[-4000:]}")


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_random_moments_nobody_forks_and_nothing_said_is_lost(
    daemons: list[Daemon], seed: int, request: pytest.FixtureRequest
) -> None:
    most = request.config.getoption("--kills", None) or KILLS
    print(f"seed {seed}")
    chance = random.Random(seed)
    stop = threading.Event()
    people = [Person(one, stop, seed + place) for place, one in enumerate(daemons)]
    for person in people:
        person.start()
    kills = 0
    with ThreadPoolExecutor(len(daemons)) as together:
        while kills < most:
            victims = chance.sample(daemons, chance.choice(STRUCK))
            stop.wait(chance.uniform(0, UP_S))
            for victim in victims:
                victim.kill()
            kills += len(victims)
            for victim in victims:
                if chance.random() < 0.25:
                    victim.process = victim.launch()
                    stop.wait(chance.uniform(0, STARTING_S))
                    victim.kill()
                    kills += 1
            list(together.map(Daemon.start, victims))
    stop.set()
    for person in people:
        person.join()

    index = settle(daemons)
    receipts = set[str]().union(*(person.receipts for person in people))
    assert len(receipts) > most
    logs = [log_of(one) for one in daemons]
    assert len({root for _ops, root in logs}) == 1
    for one, (ops, _root) in zip(daemons, logs, strict=True):
        assert receipts - ops == set(), f"{one.paths.home} at {index}"
        assert one.post("log/verification", {})["ok"]
    for one in daemons:
        one.stop()
    require_no_fork(daemons)
    print(f"{kills} kills, {len(receipts)} receipts, {index} commits")


def settle(daemons: list[Daemon]) -> int:
    """Return the last index once nothing is on its way any more at any node."""
    while True:
        for one in daemons:
            for _event in one.events():
                if one.get("status")["pending_ops"] == 0:
                    break
        index = max(one.get("status")["log"]["index"] for one in daemons)
        found = [one.get("status", min_index=index, timeout=60) for one in daemons]
        if all(one["log"]["index"] == index and one["pending_ops"] == 0 for one in found):
            return int(index)
        assert not any(one["timed_out"] for one in found)


def log_of(daemon: Daemon) -> tuple[set[str], str]:
    """Return every op in a node's log, and the log's root."""
    ops: set[str] = set()
    after, root = 0, ""
    while items := daemon.get("commits", after=after, limit=200)["items"]:
        ops.update(entry["op"] for one in items for entry in one["entries"])
        after, root = items[-1]["index"], items[-1]["root"]
    return ops, root


def require_no_fork(daemons: list[Daemon]) -> None:
    """Assert that all blocks in all stores make one chain for each device and epoch."""
    found: dict[bytes, Block] = {}
    for one in daemons:
        with Store.open(only_community(one.paths).store_file) as store:
            assert store.forks() == ()
            for block in store.all_blocks():
                found[block.id] = block
    chains: dict[tuple[bytes, DeviceKey], list[Block]] = {}
    for block in found.values():
        chains.setdefault((block.epoch, block.device), []).append(block)
    for chain in chains.values():
        chain.sort(key=lambda block: block.sequence)
        assert [block.sequence for block in chain] == list(range(1, len(chain) + 1))
        for before, after in itertools.pairwise(chain):
            assert before.round < after.round
            assert after.parents[0] == before.id
