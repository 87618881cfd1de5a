"""One net as a process: told what to do in a line on stdin, tells its events on stdout."""

import json
import sys

import trio

from p2pnode.net import Endpoint, Net, NetConfig, NetEvent
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.steps.inputs import Received
from p2pnode_protocols.wire.ids import CommunityId

COMMUNITY = CommunityId(b"c" * 32)


def tell(**fields: object) -> None:
    print(json.dumps(fields), flush=True)


async def main() -> None:
    order = json.loads(sys.stdin.readline())
    send, events = trio.open_memory_channel[NetEvent](64)
    chosen = {"listen": ["/ip4/127.0.0.1/tcp/0"], **order["config"]}
    config = NetConfig(mdns=False, redial_first_s=0.05, redial_most_s=0.5, **chosen)
    seed = bytes([order["number"]]) * 32
    endpoint = Endpoint(config, seed)
    net = Net(endpoint, COMMUNITY, lambda _: True, Opener(COMMUNITY), send)

    async def stop_with_stdin(scope: trio.CancelScope) -> None:
        await trio.to_thread.run_sync(
            sys.stdin.read,
            abandon_on_cancel=True,  # type: ignore[call-arg]  # stubs of an older trio
        )
        scope.cancel()

    async with trio.open_nursery() as nursery:
        await nursery.start(endpoint.run)
        await nursery.start(net.run)
        tell(device=net.device.hex(), addresses=net.addresses)
        nursery.start_soon(stop_with_stdin, nursery.cancel_scope)
        async for event in events:
            tell(event=type(event).__name__, peer=event.peer.hex())
            if isinstance(event, Received):
                net.enqueue(event.peer, event.message)  # an echo


trio.run(main)
