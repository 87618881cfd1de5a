"""What a net keeps of devices that come and go."""

import trio

from p2pnode.net import Endpoint, Net, NetConfig, NetEvent
from p2pnode.net.dialling.book import FORGET
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey

COMMUNITY = CommunityId(b"c" * 32)


async def test_strangers_that_were_sent_away_are_forgotten_and_members_are_not() -> None:
    send, _ = trio.open_memory_channel[NetEvent](1)
    member = DeviceKey(b"m" * 32)
    endpoint = Endpoint(NetConfig(), b"s" * 32)
    net = Net(endpoint, COMMUNITY, member.__eq__, Opener(COMMUNITY), send)
    endpoint.add(net)
    for number in range(3 * FORGET):
        device = member if number == 0 else DeviceKey(number.to_bytes(32, "big"))
        net.unblock(device)  # which makes a record of it
        net.disconnect(device, "not_a_member", "", 60_000)
    states = {one.device: one.state for one in net.statistics().peers}
    assert len(states) <= FORGET + 1
    assert states[member] == "held"
