"""Every bad request that reaches the API is refused with a status, a code and words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.processes.daemons import Daemon, Start, community


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A lone founder: her votes decide alone, so that every state is one request away."""
    one = Daemon(tmp_path_factory.mktemp("alone") / "alice")
    try:
        yield community([one], ["alice"])[0]
    finally:
        one.kill()


def propose(node: Daemon, tier: str = "tactical", **fields: object) -> str:
    body = {"tier": tier, "title": "Tea at four", **fields}
    proposal = node.post("proposals", body, wait="final")["proposal"]["id"]
    assert isinstance(proposal, str)
    return proposal


# --- votes ------------------------------------------------------------------------------------


def test_vote_on_superseded_revision_is_refused_and_names_the_current_one(alice: Daemon) -> None:
    proposal = propose(alice)
    revised = alice.post(f"proposals/{proposal}/revisions", {"title": "Tea at five"}, wait="final")
    answer = alice.refused(
        "POST", f"proposals/{proposal}/votes", {"choice": "yes", "revision": proposal}
    )
    assert (answer.status, answer["code"]) == (409, "superseded_revision")
    assert answer["current_revision"] == revised["proposal"]["revisions"][1]["id"]
    unnamed = alice.refused("POST", f"proposals/{proposal}/votes", {"choice": "yes"})
    assert (unnamed.status, unnamed["code"]) == (409, "revision_unnamed")
    assert unnamed["current_revision"] == answer["current_revision"]
    vote = {"choice": "yes", "revision": answer["current_revision"]}
    assert alice.post(f"proposals/{proposal}/votes", vote)["proposal"]["my_vote"] == "yes"


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("votes", {"choice": "yes"}),
        ("revisions", {"title": "Tea at six"}),
        ("withdrawal", {}),
        ("erasure", {}),
    ],
)
def test_what_is_signed_about_a_replaced_text_is_refused_and_names_the_current_one(
    alice: Daemon, what: str, body: dict[str, object]
) -> None:
    proposal = propose(alice)
    revised = alice.post(f"proposals/{proposal}/revisions", {"title": "Tea at five"}, wait="final")
    path, current = f"proposals/{proposal}/{what}", revised["proposal"]["revision_id"]
    answer = alice.refused("POST", path, {**body, "revision": proposal})
    assert (answer.status, answer["code"]) == (409, "superseded_revision")
    assert answer["current_revision"] == current
    wrong = alice.refused("POST", path, {**body, "revision": "pro_" + "a" * 20})
    assert wrong["code"] in ("unknown_proposal", "bad_id")
    assert alice.post(path, {**body, "revision": current})["op"] is not None


def test_vote_after_the_decision_is_refused(alice: Daemon) -> None:
    proposal = propose(alice, vote="yes")
    answer = alice.refused("POST", f"proposals/{proposal}/votes", {"choice": "no"})
    assert (answer.status, answer["code"]) == (409, "already_decided")


def test_vote_after_the_close_is_refused(alice: Daemon) -> None:
    proposal = propose(alice, closes_in="1s")
    shown = alice.get(f"proposals/{proposal}", wait="final")
    assert shown["outcome"] == "lapsed"
    answer = alice.refused("POST", f"proposals/{proposal}/votes", {"choice": "yes"})
    assert (answer.status, answer["code"]) == (409, "closed")


def test_vote_on_unknown_proposal_is_not_found(alice: Daemon) -> None:
    for reference in ("999", "pro_aaaaaaaa", "#400"):
        answer = alice.refused("POST", f"proposals/{reference.replace('#', '%23')}/votes", VOTE)
        assert (answer.status, answer["code"]) == (404, "unknown_proposal"), reference


VOTE = {"choice": "yes"}


def test_id_of_another_kind_is_refused(alice: Daemon) -> None:
    member = alice.get("members/me")["id"]
    answer = alice.refused("GET", f"proposals/{member}")
    assert (answer.status, answer["code"]) == (404, "bad_id")


def test_mistyped_id_is_refused_by_its_checksum(alice: Daemon) -> None:
    proposal = propose(alice)
    wrong = proposal[:-1] + ("a" if proposal[-1] != "a" else "b")
    answer = alice.refused("GET", f"proposals/{wrong}")
    assert (answer.status, answer["code"]) == (404, "bad_id")
    assert "checksum" in answer["detail"]


def test_id_prefix_is_enough_and_too_short_a_one_is_not(alice: Daemon) -> None:
    proposal = propose(alice)
    assert alice.get(f"proposals/{proposal[:16]}")["id"] == proposal
    answer = alice.refused("GET", f"proposals/{proposal[:7]}")
    assert (answer.status, answer["code"]) == (404, "bad_id")


def test_member_of_one_name_only_may_be_meant_by_it(alice: Daemon) -> None:
    assert alice.get("members/ALICE")["me"] is True
    answer = alice.refused("GET", "members/zoe1")
    assert (answer.status, answer["code"]) == (404, "unknown_member")


@pytest.mark.parametrize("path", ["proposals", "decisions"])
def test_list_of_a_tier_that_is_none_is_refused_and_names_those_there_are(
    alice: Daemon, path: str
) -> None:
    answer = alice.refused("GET", path, tier="nope")
    assert (answer.status, answer["code"]) == (422, "unknown_tier")
    assert "implementation" in answer["detail"]
    assert answer["next"] == ["p2pnode charter"]
    assert alice.get(path, tier="implementation")["items"] == []


# --- fields -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": "no tier"}, "tier"),
        ({"tier": "tactical"}, "title"),
        ({"tier": "tactical", "title": ""}, "title"),
        ({"tier": "tactical", "title": 7}, "title"),
        ({"tier": "tactical", "title": "x", "colour": "red"}, "colour"),
        ({"tier": "tactical", "title": "x", "vote": "maybe"}, "vote"),
        ({"tier": "tactical", "title": "x", "closes_in": "soon"}, "closes_in"),
        ({"tier": "tactical", "title": "x", "closes_at": "tomorrow"}, "closes_at"),
        ({"tier": "tactical", "title": "x", "closes_at": "2030-01-01T00:00:00"}, "closes_at"),
        ({"tier": "tactical", "title": "x", "action": {"kind": "explode"}}, "action"),
        ({"tier": "tactical", "title": "x", "action": {"kind": "remove"}}, "action.remove.member"),
    ],
)
def test_wrong_field_is_named(alice: Daemon, body: dict[str, object], field: str) -> None:
    answer = alice.refused("POST", "proposals", body)
    assert (answer.status, answer["code"]) == (422, "invalid_request")
    assert [one["field"] for one in answer["errors"]] == [field]


@pytest.mark.parametrize("raw", [b"{", b"[]", b'"text"', b"null", b"\xff\xfe", b""])
def test_body_that_is_no_object_is_refused(alice: Daemon, raw: bytes) -> None:
    answer = alice.ask("POST", "proposals", raw=raw)
    assert (answer.status, answer["code"]) == (422, "invalid_request")
    assert answer["errors"]


def test_lone_surrogate_is_refused(alice: Daemon) -> None:
    raw = rb'{"tier": "tactical", "title": "\ud800"}'
    answer = alice.ask("POST", "proposals", raw=raw)
    assert (answer.status, answer["code"]) == (422, "invalid_request")


def test_unknown_query_value_is_refused_so_that_a_mistyped_dry_run_signs_nothing(
    alice: Daemon,
) -> None:
    before = alice.get("proposals")["items"]
    body = {"tier": "tactical", "title": "x"}
    answer = alice.refused("POST", "proposals", body, dryrun="true")
    assert (answer.status, answer["code"]) == (422, "invalid_request")
    assert alice.get("proposals")["items"] == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "node/backups", {}),
        ("POST", "node/device-bindings", {}),
        ("DELETE", "rebuilds/signature", None),
        ("GET", "charter", None),
    ],
)
def test_query_value_is_refused_by_a_route_that_takes_none(
    alice: Daemon, method: str, path: str, body: dict[str, object] | None
) -> None:
    answer = alice.refused(method, path, body, dry_run="true")
    assert (answer.status, answer["code"]) == (422, "invalid_request")
    assert {"field": "dry_run", "problem": "this route takes no query values"} in answer["errors"]
    answer = alice.refused(method, f"{path}?body=1&query=2", body)
    assert [one["field"] for one in answer["errors"]] == ["body", "query"]


def test_dry_run_signs_nothing_and_says_what_would_be_refused(alice: Daemon) -> None:
    before = alice.get("proposals")["items"]
    body = {"tier": "tactical", "title": "x"}
    receipt = alice.ask("POST", "proposals", body, dry_run="true")
    assert receipt.status == 200, "nothing is on its way"
    assert (receipt["state"], receipt["op"]) == ("dry_run", None)
    assert receipt["kind"] == "propose", "what would be signed"
    assert alice.ask("POST", "invites", {"name": "Zoe"}, dry_run="true").status == 200
    assert alice.get("proposals")["items"] == before
    answer = alice.refused("POST", "proposals", {**body, "tier": "royal"}, dry_run="true")
    assert (answer.status, answer["code"]) == (422, "unknown_tier")


def test_body_beyond_the_limit_is_refused(alice: Daemon) -> None:
    answer = alice.ask("POST", "proposals", raw=b" " * (256 * 1024 + 1))
    assert (answer.status, answer["code"]) == (413, "limit_size")


def test_text_beyond_the_limit_is_refused(alice: Daemon) -> None:
    body = {"tier": "tactical", "title": "x", "text": "y" * (64 * 1024 + 1)}
    answer = alice.refused("POST", "proposals", body)
    assert (answer.status, answer["code"]) == (413, "limit_size")


def test_unknown_route_and_method_are_problems_too(alice: Daemon) -> None:
    answer = alice.refused("GET", "nothing/here")
    assert (answer.status, answer["code"]) == (404, "not_found")
    answer = alice.refused("DELETE", "charter")
    assert (answer.status, answer["code"]) == (405, "method_not_allowed")


def test_cursor_that_this_node_did_not_give_is_refused(alice: Daemon) -> None:
    answer = alice.refused("GET", "proposals", cursor="../etc")
    assert (answer.status, answer["code"]) == (422, "bad_cursor")


# --- charter, invites, joining ----------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"tiers.tactical.threshold": {"num": 3, "den": 2}},
        {"tiers.royal.threshold": {"num": 1, "den": 2}},
        {"rules.membership_tier": "royal"},
        {"timing.delta_ms": 0},
        {"members": 3},
    ],
)
def test_amendment_that_makes_no_sense_is_refused(alice: Daemon, changes: object) -> None:
    answer = alice.refused("POST", "amendments", {"changes": changes})
    assert (answer.status, answer["code"]) == (422, "bad_charter")
    assert next(iter(changes)).split(".")[0] in answer["detail"]  # type: ignore[call-overload]


def test_invite_beyond_what_the_charter_allows_is_refused(alice: Daemon) -> None:
    answer = alice.refused("POST", "invites", {"name": "bob", "expires_in": "52w"})
    assert answer.status == 422


@pytest.mark.parametrize(
    "link", ["x", "p2pnode:join:1", "p2pnode:join:1abcdefgh", "https://example.org/join"]
)
def test_damaged_link_is_refused(home: Daemon, link: str) -> None:
    home.start()
    answer = home.refused("POST", "node/joins", {"link": link, "member_name": "bob"})
    assert (answer.status, answer["code"]) == (422, "bad_link")
    assert home.get("node")["communities"] == []


def test_member_cannot_join_again(alice: Daemon) -> None:
    link = alice.get("link")["link"]
    answer = alice.refused("POST", "node/joins", {"link": link, "member_name": "alice"})
    assert (answer.status, answer["code"]) == (409, "already_in_community")


def test_idle_home_says_what_to_do_first(home: Daemon) -> None:
    home.start()
    for method, path, body in (
        ("GET", "proposals", None),
        ("POST", "proposals", {"tier": "tactical", "title": "x"}),
        ("POST", "members/me/absence", {}),
        ("POST", "invites", {"name": "bob"}),
    ):
        answer = home.refused(method, path, body)
        assert (answer.status, answer["code"]) == (409, "no_community")
        assert "found" in answer["next"][0]


def test_bad_charter_founds_nothing(home: Daemon) -> None:
    home.start()
    body = {"name": "Ops", "member_name": " ", "changes": {}}
    answer = home.refused("POST", "communities", body)
    assert (answer.status, answer["code"]) == (422, "bad_charter")
    assert home.get("node")["communities"] == []
    home.found("alice")


def test_invite_that_ends_before_others_can_have_voted_is_refused(start: Start) -> None:
    (alice, _bob) = start("alice", "bob")
    for dry_run in ("true", "false"):
        asked = {"name": "Zoe", "expires_in": "1s"}
        answer = alice.ask("POST", "invites", asked, dry_run=dry_run)
        assert (answer.status, answer["code"]) == (422, "bad_field")
        assert "before other members can have voted on it" in answer["detail"]
    assert not [one for one in alice.get("invites")["items"] if one["name"] == "Zoe"]


def test_used_invite_admits_nobody_else_and_expired_link_is_told_at_once(
    start: Start, home: Daemon
) -> None:
    (alice,) = start("alice")
    link = alice.post("invites", {"name": "bob"}, wait="final")["link"]
    short = alice.post("invites", {"name": "carol", "expires_in": "1s"}, wait="final")["link"]
    home.start()
    joined = home.post("node/joins", {"link": link, "member_name": "bob"}, wait="final")
    assert joined["stage"] == "admitted"

    late = Daemon(alice.paths.data_dir.parent / "late")
    late.start()
    try:
        expiry = alice.get("invites")["items"]
        assert [one["state"] for one in expiry if one["name"] == "bob"] == ["used_up"]
        tried = late.post("node/joins", {"link": link, "member_name": "eve"}, wait="final")
        assert tried["stage"] == "refused"
        assert "used" in tried["detail"]
        assert late.ask("DELETE", "join").status == 204
        assert late.get("node")["communities"] == []
        alice.get("status", state="joining", timeout=1)  # never: the second is over
        answer = late.refused("POST", "node/joins", {"link": short, "member_name": "eve"})
        assert (answer.status, answer["code"]) == (403, "invite_over")
    finally:
        late.kill()


def test_former_member_can_say_nothing(start: Start) -> None:
    alice, bob = start("alice", "bob")
    bob.post("members/me/departure", wait="final")
    assert bob.get("status", state="removed")["state"] == "removed"
    answer = bob.refused("POST", "proposals", {"tier": "tactical", "title": "x"})
    assert (answer.status, answer["code"]) == (403, "removed")
    assert not alice.get("status", min_index=1)["timed_out"]
    assert [one["name"] for one in alice.get("members")["items"]] == ["alice"]


def test_what_nobody_could_read_is_refused_in_every_field_that_people_write(alice: Daemon) -> None:
    proposal = alice.post("proposals", {"tier": "tactical", "title": "Tea"}, wait="final")
    proposal = proposal["proposal"]["id"]
    body = {"tier": "tactical", "title": "Tea"}
    change = {"changes": {"name": "x"}}
    fields: list[tuple[str, dict[str, object], str]] = [
        ("proposals", body, "title"),
        ("proposals", body, "text"),
        (f"proposals/{proposal}/revisions", {}, "title"),
        (f"proposals/{proposal}/revisions", {}, "text"),
        (f"proposals/{proposal}/votes", {"choice": "no"}, "reason"),
        (f"proposals/{proposal}/withdrawal", {}, "reason"),
        (f"proposals/{proposal}/erasure", {}, "text"),
        ("amendments", change, "title"),
        ("amendments", change, "text"),
        ("invites", {"name": "Zoe"}, "text"),
        ("invites", {"uses": 1}, "name"),
    ]
    before = alice.get("status")["log"]["index"]
    for path, given, name in fields:
        for words in (" ", "\u3164", "a\x1b[2Jb", "a\u202eb", "x" * 70_000):
            answer = alice.refused("POST", path, {**given, name: words})
            assert answer.status in (413, 422), (path, name, words[:9])
            assert name in answer["detail"], (path, name, answer["detail"])
            assert len(answer["detail"]) < 400
    alice.post("proposals", body, wait="final")  # whatever had been signed would be in by now
    finals = [one for one in alice.get("commits", after=before)["items"] if one["entries"]]
    assert sum(len(one["entries"]) for one in finals) == 1


# A word of the command line, what is read as a reference, a number, what lists have between names.
NO_SEATS_NAMES = ("me", "Me", "#1", "mem_abcd", "-x", "42", "members", "a; b", "A: b", "a  b")


def test_a_name_that_no_seat_can_have_is_refused_wherever_one_is_given(
    alice: Daemon, home: Daemon
) -> None:
    link = alice.post("invites", {"name": "bob"}, wait="final")["link"]
    alone = Daemon(home.paths.data_dir.parent / "alone2")
    home.start()
    alone.start()
    try:
        for name in NO_SEATS_NAMES:
            for node, path, body in (
                (alice, "invites", {"name": name}),
                (home, "node/joins", {"link": link, "member_name": name}),
                (alone, "communities", {"name": "x", "member_name": name, "fault_model": "crash"}),
            ):
                answer = node.refused("POST", path, body)
                assert answer.status == 422, (path, name)
                assert answer["code"] in ("bad_field", "bad_charter")
        assert [one["name"] for one in alice.get("invites")["items"]] == ["bob"]
        # Several seats are for people of any names: theirs are looked at when they join.
        assert alice.post("invites", {"name": "Tuesdays: all", "uses": 3})["link"]
    finally:
        alone.kill()
