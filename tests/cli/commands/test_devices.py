"""What a seat's owner is told of its devices, and before one is revoked."""

from __future__ import annotations

import json

import pytest
from support.hosts.homes import has_file, only_community

from p2pnode.community.links import Binding, JoinLink
from p2pnode.home.paths import find_paths
from p2pnode_protocols.wire.ids import CommunityId, MemberId, WallMs

NODE, PHONE = "dev_" + "n" * 58, "dev_" + "p" * 58


def _seat(daemon, samples, **node):
    devices = [
        samples["device"](id=NODE, **node),
        samples["device"](id=PHONE, node=False, me=False),
    ]
    seat = samples["member"]("alice", devices=devices)
    daemon.answers |= {
        ("GET", "/members/me"): seat,
        ("DELETE", f"/members/me/devices/{NODE}"): samples["receipt"](proposal=None),
        ("DELETE", f"/members/me/devices/{NODE[:9]}"): samples["receipt"](proposal=None),
        ("DELETE", f"/members/me/devices/{PHONE}"): samples["receipt"](proposal=None),
    }


@pytest.mark.parametrize("typed", [NODE, NODE[:9]])
def test_revoking_the_node_warns_before(daemon, cli, samples, typed):
    _seat(daemon, samples)
    refused = cli("devices", "revoke", typed)
    assert refused.code == 2
    assert "It is your node" in refused.err
    assert all(one.method == "GET" for one in daemon.requests)
    done = cli("devices", "revoke", typed, "--yes")
    assert done.code == 0
    assert "It is your node" in done.err
    assert f"make one: p2pnode devices use {PHONE[:12]}" in " ".join(done.err.split())


def test_without_a_node_the_device_that_runs_here_is_named_not_the_first(daemon, cli, samples):
    """Another may be off: it would be accepted, and the right one is refused for a while then."""
    off, here = "dev_" + "a" * 58, "dev_" + "h" * 58
    devices = [samples["device"](id=off, node=False, me=False)]
    devices += [samples["device"](id=here, node=False, me=True)]
    daemon.answers["GET", "/members/me"] = samples["member"]("alice", devices=devices)
    said = " ".join(cli("devices").err.split())
    assert f"p2pnode devices use {here[:12]}" in said
    assert off[:12] not in said


def test_of_several_others_the_owner_chooses_one_that_runs(daemon, cli, samples):
    others = ["dev_" + one * 58 for one in "ab"]
    devices = [samples["device"](id=one, node=False, me=False) for one in others]
    devices.append(samples["device"](id=PHONE, node=False, me=True, forked=True))
    daemon.answers["GET", "/members/me"] = samples["member"]("alice", devices=devices)
    said = " ".join(cli("devices").err.split())
    assert "make one that runs your node: p2pnode devices use DEVICE" in said


def test_after_the_other_device_was_revoked_this_one_is_named(daemon, cli, samples):
    devices = [samples["device"](id=NODE, me=False)]
    devices.append(samples["device"](id=PHONE, node=False, me=True))
    _seat(daemon, samples)
    daemon.answers["GET", "/members/me"] = samples["member"]("alice", devices=devices)
    done = cli("devices", "revoke", NODE, "--yes")
    assert f"make one: p2pnode devices use {PHONE[:12]}" in " ".join(done.err.split())


def test_revoking_another_device_does_not_warn(daemon, cli, samples):
    _seat(daemon, samples)
    done = cli("devices", "revoke", PHONE, "--yes")
    assert "It is your node" not in done.err
    assert "make one" not in done.err


def test_forked_node_is_shown_and_what_helps_is_advised(daemon, cli, samples):
    _seat(daemon, samples, node=False, forked=True)
    shown = cli("devices")
    assert "forked: makes no blocks" in shown.out
    assert f"p2pnode devices use {PHONE[:12]}" in " ".join(shown.err.split())
    seat = samples["member"]("alice", devices=[samples["device"](node=False, forked=True)])
    daemon.answers["GET", "/members/me"] = seat
    assert "p2pnode devices renew" in " ".join(cli("devices").err.split())


def test_join_that_is_refused_says_why_and_that_it_is_over(daemon, cli, samples):
    answer = {"schema": "p2pnode/join/1", "stage": "refused", "timed_out": False}
    daemon.answers["POST", "/node/joins"] = (202, answer | {"detail": "the invite is used up"})
    result = cli("join", "p2pnode:join:1abc", "--name", "Bo", "--wait")
    assert result.code == 5
    assert "used up" in result.err
    assert "goes on by itself" not in result.err


def test_join_is_given_up_with_and_without_a_daemon(daemon, cli, home, samples):
    daemon.answers["DELETE", "/join"] = (204, {})
    assert "given up" in cli("join", "--give-up").out
    assert daemon.last("DELETE").path == "/join"


def test_link_for_a_further_device_says_what_comes_next(daemon, cli):
    daemon.answers["GET", "/link"] = {"schema": "p2pnode/link/1", "link": "p2pnode:join:1abc"}
    shown = cli("devices", "link")
    assert shown.out == "p2pnode:join:1abc\n"
    assert "p2pnode devices request LINK" in " ".join(shown.err.split())


def test_request_without_a_daemon_is_kept_for_it(home, cli):
    member = MemberId(b"m" * 32)
    link = JoinLink(CommunityId(b"c" * 32), None, WallMs(0), ("/ip4/1.1.1.1/p2p/x",), member)
    assert cli("init").code == 0
    asked = cli("devices", "request", link.to_text())
    assert asked.code == 0, asked.err
    code = asked.out.strip()
    assert Binding.from_text(code).member == member
    assert "p2pnode run" in asked.err
    kept = json.loads((only_community(home).data_dir / "binding.json").read_text(encoding="utf-8"))
    assert kept == {"code": code, "member_name": ""}
    assert has_file(home, "joining.json")
    again = cli("devices", "request", link.to_text(), "--json")
    assert again.json["binding"] == code


@pytest.mark.parametrize("is_cut", [True, False])
def test_request_by_a_link_that_is_cut_or_names_no_seat_keeps_nothing(home, cli, is_cut):
    text = JoinLink(CommunityId(b"c" * 32), None, WallMs(0), ()).to_text()
    assert cli("init").code == 0
    asked = cli("devices", "request", text[:-9] if is_cut else text)
    assert asked.code == 2
    assert "[bad_link]" in asked.err
    assert not has_file(home, "binding.json")


def test_renew_takes_wait_and_nothing_less_than_final(home, cli):
    assert cli("devices", "renew", "--wait").code == 3
    refused = cli("devices", "renew", "--wait=provisional")
    assert refused.code == 2
    assert "what is final only" in refused.err


def test_join_that_waits_for_the_daemon_is_given_up(home, cli):
    place = find_paths(home).of(CommunityId(b"c" * 32))
    place.prepare()
    (place.data_dir / "joining.json").write_text("{}")
    assert cli("join", "--give-up").code == 0
    assert not place.data_dir.exists(), "nothing else was in it"


def test_join_without_a_link_says_that_it_is_missing(home, cli):
    result = cli("join", "--name", "bob")
    assert result.code == 2
    assert "LINK is missing" in result.err


def test_revoking_does_not_promise_more_than_the_rules_do(daemon, cli, samples):
    """`devices add` binds the same key again."""
    daemon.answers["GET", "/members/me"] = samples["member"]("alice")
    result = cli("devices", "revoke", "dev_aaaa")
    assert "never" not in result.err
    assert "counts no more, unless you add it again" in " ".join(result.err.split())
