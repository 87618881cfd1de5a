"""What a seed means: the community, its network, its people and its bad luck.

Everything is drawn here, before time begins, so that a seed can be described in one line
and a scenario can state its own plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from p2pnode_protocols.record.seam.in_force import NO_PRACTICES, Practices
from p2pnode_protocols.record.seats.charter import (
    Charter,
    FaultModel,
    Member,
    Rules,
    Tier,
    Timing,
    default_charter,
    founder_seat,
)
from p2pnode_protocols.record.seats.terms import Ratio
from p2pnode_protocols.wire.codec import encode
from p2pnode_protocols.wire.ids import WallMs
from p2pnode_protocols.wire.limits import EPOCH_OPS, LINKS_BYTES, PULL_BYTES

from .parts.clockwork import MS, SECOND
from .parts.keys import SimSigner
from .parts.network import Weather

START_MS = WallMs(1_750_000_000_000)  # wall time at virtual time 0
# fmt: off
NAMES = (
    "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "kim",
    "leo", "mia", "nina", "oscar", "peggy", "quinn", "rupert", "sybil", "trent", "ursula",
    "victor", "wendy", "xenia", "yann", "zoe",
)
# fmt: on
MINUTE_MS = 60_000


MILD = Weather()


@dataclass(frozen=True)
class Plan:
    """One run. Times in ms of virtual time unless the name says otherwise."""

    members: int = 4  # of the founding charter
    joiners: int = 0  # invited while it runs
    fault_model: FaultModel = "byzantine"
    neighbours: int | None = None  # links per node of a sparse topology; None: full mesh
    weather: Weather = MILD
    busy_ms: int = 20_000  # how long people act and faults happen
    acts: int = 20  # things people do in that time
    faults: int = 0  # things that go wrong in that time
    fault_kinds: tuple[str, ...] = ()
    structural: float = 0.0  # share of the acts that change who decides or who finalizes
    skewed: int = 0  # nodes whose wall clock is off by up to a year
    window_ms: int = 40_000  # tiers: open this long
    min_open_ms: int = 0
    delta_ms: int = 40
    delta_max_ms: int = 2_000
    linger_ms: int = 5_000
    epoch_rounds: int = 1_000
    epoch_ops: int = EPOCH_OPS  # as if the protocol's constant were this
    keep_epochs: int | None = None  # blocks of older ones are pruned; None: never
    close_s: int = 2 * 3600  # after healing: by then every window has closed
    liars: tuple[tuple[str, tuple[str, ...]], ...] = ()  # who lies, and by which strategies
    phones: int = 0  # further devices of each liar, which lie as well
    strangers: int = 0  # that come with an open invite, one after the other
    pull_bytes: int = PULL_BYTES  # asked for in one pull
    links_bytes: int = LINKS_BYTES  # of links that a leap holds
    shrinks: int | None = None  # acts that may take a seat off the committee; None: any number
    majority: bool = False  # structural questions need 3/5: liars need not agree
    practices: Practices = NO_PRACTICES  # that all have, and that are in force
    settings: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()  # of these

    def __str__(self) -> str:
        size = f"n={self.members}" + (f"+{self.joiners}" if self.joiners else "")
        mesh = "mesh" if self.neighbours is None else f"{self.neighbours} links each"
        return (
            f"{size} {self.fault_model}, {mesh}, {self.acts} acts, "
            f"{self.faults} faults, linger {self.linger_ms} ms"
            + "".join(f"; {name}: {' '.join(lies)}" for name, lies in self.liars)
            + (f"; {self.phones} phones a liar" if self.phones else "")
            + (f"; {self.strangers} strangers" if self.strangers else "")
            + (f"; pulls of {self.pull_bytes} bytes" if self.pull_bytes < PULL_BYTES else "")
        )


ALL_FAULTS = (
    "kill",
    "power",
    "blackout",
    "freeze",
    "suspend",
    "partition",
    "blip",
    "break",
    "flap",
    "slow",
    "clock",
)


def draw_plan(seed: int) -> Plan:
    """Return the plan of a seed; consecutive seeds cover n = 1 … 10 evenly."""
    rng = Random(f"plan/{seed}")
    members = 1 + seed % 10
    faults = (members - 1) // 3
    weather = Weather(
        latency_us=rng.choice(((1 * MS, 3 * MS), (1 * MS, 30 * MS), (20 * MS, 200 * MS))),
        jitter_us=rng.choice((200, 5 * MS, 40 * MS)),
        duplicates=rng.choice((0.0, 0.0, 0.1)),
        on_wire=rng.random() < 0.1,
    )
    structural = rng.choice((0.0, 0.0, 0.2, 0.5))
    return Plan(
        members=members,
        joiners=rng.randint(1, 3) if structural and members <= 8 else 0,
        fault_model="crash" if rng.random() < 0.15 else "byzantine",
        neighbours=rng.choice((None, None, 2, 3)),
        weather=weather,
        busy_ms=rng.choice((5_000, 20_000, 60_000)),
        acts=rng.randint(3, 24 if members < 8 else 12),
        faults=rng.choice((0, 4, 10, 20)),
        fault_kinds=tuple(rng.sample(ALL_FAULTS, rng.randint(1, len(ALL_FAULTS)))),
        structural=structural,
        skewed=rng.choice((0, 0, faults)),
        window_ms=rng.choice((10_000, 40_000, 120_000)),
        min_open_ms=rng.choice((0, 0, 3_000)),
        delta_ms=rng.choice((20, 40, 200)),
        delta_max_ms=rng.choice((1_000, 10_000)),
        linger_ms=rng.choice((0, 2_000, 10_000)),
        epoch_rounds=rng.choice((50, 50, 1_000)),
        keep_epochs=rng.choice((None, 2, 3)),
        epoch_ops=rng.choice((20, EPOCH_OPS, EPOCH_OPS)),
    )


def phones_of(plan: Plan) -> list[tuple[str, str, SimSigner]]:
    """Return name, owner and key of each further device of a liar."""
    names = [
        (f"{owner}-phone{number}", owner)
        for owner, _ in plan.liars
        for number in range(1, plan.phones + 1)
    ]
    return [(name, owner, SimSigner(name)) for name, owner in names]


def found_charter(plan: Plan) -> tuple[Charter, list[tuple[str, SimSigner]]]:
    """Return the founding charter and its members' names and keys."""
    people = [(name, SimSigner(name)) for name in NAMES[: plan.members]]
    seats: list[Member] = [founder_seat(name, signer.device) for name, signer in people]
    phones = {
        owner: [signer.device for _, one, signer in phones_of(plan) if one == owner]
        for owner, _ in plan.liars
    }
    seats = [
        replace(seat, devices=tuple(sorted((*seat.devices, *phones.get(seat.name, ())))))
        for seat in seats
    ]
    charter = default_charter(
        "simulated", seats[0], START_MS, plan.fault_model, plan.practices.versions
    )
    tiers: list[Tier] = [
        replace(
            tier,
            min_open_ms=plan.min_open_ms,
            window_ms=plan.window_ms,
            max_window_ms=4 * plan.window_ms,
        )
        for tier in charter.tiers
    ]
    if plan.majority:
        tiers = [
            replace(tier, threshold=Ratio(3, 5), floor=Ratio(1, 2))
            if tier.name in ("strategic", "constitutional")
            else tier
            for tier in tiers
        ]
    charter = replace(
        charter.with_members(seats),
        tiers=tuple(tiers),
        rules=Rules("strategic", "constitutional", 50, 8_000, 60 * MINUTE_MS, 5_000),
        timing=Timing(plan.delta_ms, plan.delta_max_ms, plan.linger_ms, plan.epoch_rounds),
        settings=tuple((name, encode(said)) for name, said in plan.settings),
    )
    charter.validate()
    return charter, people


SETTLE_US = 120 * SECOND  # after healing, within which everything said must be final
