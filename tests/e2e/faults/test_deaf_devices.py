"""One seat's devices ask a real node for all it has and read nothing: it pays with no memory.

Mallory binds six devices to her seat, which takes nobody's consent. Each calls alice's node and
asks for blocks and texts as often as it may without being blamed. (R7.21)
"""

from __future__ import annotations

import re
from pathlib import Path

import trio
from support.hosts.nets import Stranger
from support.processes.daemons import Daemon, Start

from p2pnode.community.links import Binding
from p2pnode_protocols.gossip.peers.peer import REQUESTS_PER_WINDOW
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello
from p2pnode_protocols.messages.spreading import Pull
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.crypto import Ed25519Signer
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, MemberId, from_text
from p2pnode_protocols.wire.limits import PULL_BYTES

DEVICES = 6
SEEDS = [bytes([70 + number]) * 32 for number in range(DEVICES)]
TEXTS, TEXT_BYTES = 24, 60_000
MOST_MIB = 24  # of memory for all of it: an answer for each device as it is written, and its blocks

Node = tuple[DeviceKey, *tuple[str, ...]]  # its key and its addresses


def memory_mib(daemon: Daemon, what: str) -> float:
    """Return what the process has resident (`VmRSS`) or had at most (`VmHWM`)."""
    assert daemon.process is not None
    told = Path(f"/proc/{daemon.process.pid}/status").read_text()
    (found,) = re.findall(rf"^{what}:\s+(\d+) kB$", told, re.MULTILINE)
    return int(found) / 1024


def bind_devices(mallory: Daemon, community: CommunityId) -> None:
    seat = MemberId(from_text("mem", mallory.get("members/me")["id"]))
    message = crypto.signed_message(crypto.TAG_BIND, community, seat)
    for seed in SEEDS:
        signer = Ed25519Signer(seed)
        binding = Binding(seat, signer.device, signer.sign(message)).to_text()
        bound = mallory.post("members/me/devices", {"binding": binding}, wait="final")
        assert bound["code"] == "ok"


async def ask_and_never_read(
    device: Stranger, node: Node, community: CommunityId, epoch: int, ready: trio.Event
) -> None:
    """Ask as much as a seat's share allows; return when alice has had enough."""
    async with device.session(*node, community=community) as link:
        await device.say(link, Hello(PROTOCOL_VERSION, community, None, None, "deaf", ()))
        pulls = [Pull(epoch, (), PULL_BYTES)] * (REQUESTS_PER_WINDOW // DEVICES - 10)
        await device.say(link, *pulls)
        ready.set()
        await link.wait_ended()


def test_six_devices_of_a_seat_that_never_read_cost_a_node_no_memory(start: Start) -> None:
    alice, bob, mallory = start("alice", "bob", "mallory")
    status = alice.get("status")
    community = CommunityId(from_text("com", status["community"]["id"]))
    told = alice.get("node")
    node = DeviceKey(from_text("dev", told["device"]["id"])), *told["addresses"]
    for number in range(TEXTS):
        body = {"tier": "tactical", "title": f"Plan {number}", "text": "x" * TEXT_BYTES}
        proposal = alice.post("proposals", body, wait="final")["proposal"]["id"]
        alice.post(f"proposals/{proposal}/withdrawal", {})
    bind_devices(mallory, community)
    index = mallory.get("status")["log"]["index"]
    assert not alice.get("status", min_index=index)["timed_out"]
    epoch = alice.get("status")["epoch"]["number"]
    before = memory_mib(alice, "VmRSS")

    async def attack() -> None:
        with trio.fail_after(90):
            async with trio.open_nursery() as nursery:
                asked = [trio.Event() for _ in SEEDS]
                for seed, ready in zip(SEEDS, asked, strict=True):
                    nursery.start_soon(
                        ask_and_never_read, Stranger(seed), node, community, epoch, ready
                    )
                for ready in asked:
                    await ready.wait()
                # Meanwhile the others decide.
                await trio.to_thread.run_sync(decide)

    def decide() -> None:
        body = {"tier": "tactical", "title": "Tea at four", "vote": "yes"}
        proposal = alice.post("proposals", body, wait="final")["proposal"]["id"]
        assert not bob.get("status", min_index=alice.get("status")["log"]["index"])["timed_out"]
        bob.post(f"proposals/{proposal}/votes", {"choice": "yes"}, wait="final")
        assert alice.get(f"proposals/{proposal}", wait="final")["outcome"] == "passed"

    trio.run(attack)
    cost = memory_mib(alice, "VmHWM") - before
    print(f"alice's node: {before:.0f} MiB before, at most {cost:.1f} MiB more")
    assert cost < MOST_MIB
