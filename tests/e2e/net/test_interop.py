"""The net is a libp2p endpoint: a stock host of the library talks with it, over Noise + yamux.

And over nothing else: hosts that offer only another security or multiplexer are refused.
"""

import logging

import pytest
import trio
from libp2p import new_host
from libp2p.abc import IHost, INetStream
from libp2p.crypto import ed25519, x25519
from libp2p.custom_types import TMuxerOptions, TProtocol, TSecurityOptions
from libp2p.network.config import ConnectionConfig
from libp2p.network.exceptions import SwarmException
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.security.insecure.transport import PLAINTEXT_PROTOCOL_ID, InsecureTransport
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE
from libp2p.security.noise.transport import Transport as NoiseTransport
from libp2p.stream_muxer.mplex.mplex import MPLEX_PROTOCOL_ID, Mplex
from libp2p.stream_muxer.yamux.yamux import PROTOCOL_ID as YAMUX
from libp2p.stream_muxer.yamux.yamux import Yamux
from multiaddr import Multiaddr  # type: ignore[import-untyped]
from support.hosts.nets import COMMUNITY, DEADLINE_S, Rig

from p2pnode.net.connection.pair import name_protocol
from p2pnode.net.framing import FrameReader, add_length
from p2pnode_protocols.messages.frames import read_frame, write_frame
from p2pnode_protocols.messages.greeting import Ping
from p2pnode_protocols.messages.spreading import Want
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.steps.inputs import PeerUp
from p2pnode_protocols.wire.ids import DeviceKey

GOOD = Want((b"w" * 32,))
KEYS = ed25519.create_new_key_pair(b"s" * 32)
STOCK = DeviceKey(KEYS.public_key.to_bytes())


def make_host(security: str, muxer: str) -> IHost:
    securities: dict[str, TSecurityOptions] = {
        "noise": {NOISE: NoiseTransport(KEYS, x25519.create_new_key_pair().private_key)},
        "plaintext": {PLAINTEXT_PROTOCOL_ID: InsecureTransport(KEYS)},
    }
    muxers: dict[str, TMuxerOptions] = {
        "yamux": {TProtocol(YAMUX): Yamux},
        "mplex": {MPLEX_PROTOCOL_ID: Mplex},
    }
    return new_host(
        key_pair=KEYS,
        sec_opt=securities[security],
        muxer_opt=muxers[muxer],
        connection_config=ConnectionConfig(min_connections=0, low_watermark=0),
    )


async def test_stock_host_exchanges_frames(rig: Rig) -> None:
    alice = await rig.start(1)
    rig.known.add(STOCK)
    host, gossip = make_host("noise", "yamux"), name_protocol(COMMUNITY)
    heard: list[object] = []
    done = trio.Event()

    async def on_gossip(stream: INetStream) -> None:
        reader = FrameReader()
        while GOOD not in heard:
            for frame in reader.feed(await stream.read(4096)):
                heard.extend(read_frame(frame, Opener(b"c" * 32)))  # type: ignore[arg-type]
        done.set()

    host.set_stream_handler(gossip, on_gossip)
    async with host.run([]):
        with trio.fail_after(DEADLINE_S):
            await host.connect(info_from_p2p_addr(Multiaddr(alice.net.addresses[0])))
            stream = await host.new_stream(host.get_connected_peers()[0], [gossip])
            await stream.write(add_length(write_frame([GOOD])))
            assert await alice.hear(PeerUp) == PeerUp(STOCK)
            assert await alice.hear_message() == GOOD
            alice.net.enqueue(STOCK, GOOD)
            await done.wait()
        with trio.CancelScope(shield=True):
            await host.close()
    assert isinstance(heard[0], Ping)
    assert heard[-1] == GOOD


async def test_program_of_the_version_before_is_told_by_name(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "p2pnode.net")
    alice = await rig.start(1)
    rig.known.add(STOCK)
    alice.net.set_peers({STOCK: ()})
    alice.net.set_peers({STOCK: ()})
    host = make_host("noise", "yamux")

    async def on_former(_stream: INetStream) -> None:
        """Say nothing."""

    host.set_stream_handler(TProtocol("/p2pnode/gossip/1.0.0"), on_former)
    async with host.run([]):
        with trio.fail_after(DEADLINE_S):
            await host.connect(info_from_p2p_addr(Multiaddr(alice.net.addresses[0])))
            await alice.until(lambda: "needs version 2 of the protocol" in caplog.text)
        with trio.CancelScope(shield=True):
            await host.close()
    assert not [one for one in alice.net.statistics().peers if one.sessions]


@pytest.mark.parametrize(("security", "muxer"), [("plaintext", "yamux"), ("noise", "mplex")])
async def test_other_security_or_multiplexer_is_refused(
    rig: Rig, security: str, muxer: str
) -> None:
    alice = await rig.start(1)
    rig.known.add(STOCK)
    host = make_host(security, muxer)
    async with host.run([]):
        with pytest.raises((SwarmException, Exception)) as refusal, trio.fail_after(DEADLINE_S):
            await host.connect(info_from_p2p_addr(Multiaddr(alice.net.addresses[0])))
        assert not isinstance(refusal.value, trio.TooSlowError)
        with trio.CancelScope(shield=True):
            await host.close()
    assert alice.net.statistics().refused_connections >= 1
    assert not [one for one in alice.net.statistics().peers if one.sessions]
