"""Which community a command is about: -c, P2PNODE_COMMUNITY, the only one, what `use` chose."""

from __future__ import annotations

import json

import pytest
from support.hints import problems_of

from p2pnode.client.call import ONLY
from p2pnode.hints import OF_NODE, with_place
from p2pnode.home.paths import find_paths
from p2pnode.home.pending import PendingJoin, save_pending
from p2pnode_cli.asked.chosen import load_chosen, save_chosen
from p2pnode_cli.main import app
from p2pnode_protocols.wire.ids import CommunityId, to_text

MILL, LANE = "com_" + "m" * 58, "com_" + "l" * 58


@pytest.fixture
def several(daemon, samples):
    """A daemon with two communities; each is answered for by its id and its name."""
    statuses = {}
    for community, name, waiting in ((MILL, "Paper Mill", []), (LANE, "Lane 7", None)):
        known = samples["status"]()["community"] | {"id": community, "name": name}
        votes = [samples["summary"]()] if waiting is None else waiting
        status = samples["status"](id=community, community=known, needs_my_vote=votes)
        answers = dict(daemon.answers) | {("GET", "/status"): status}
        daemon.communities[community] = daemon.communities[name] = answers
        statuses[community] = status
    lines = [samples["line"](statuses[one]) for one in (LANE, MILL)]
    daemon.answers["GET", "/node"] = samples["node"](*lines)
    which = samples["problem"](
        "which_community", 409, "this home has several communities: Lane 7 is com_llllllllllll"
    )
    refusing = {(method, f"/{path}"): which for method in ("GET", "POST") for path in PATHS}
    daemon.communities[ONLY] = refusing
    unknown = samples["problem"]("unknown_community", 404, "no community here is called 'Shed'")
    daemon.communities["Shed"] = dict.fromkeys(refusing, unknown)
    return daemon


PATHS = ("charter", "status", "proposals/7", "decisions", "members", "members/me")


def asked_of(daemon) -> set[str | None]:
    """Return which communities were asked about something other than themselves."""
    return {one.community for one in daemon.requests if one.path == "/charter"}


def test_of_the_four_ways_the_first_that_says_one_counts(several, cli, home, monkeypatch):
    def which(*options: str) -> str:
        several.requests.clear()
        assert cli(*options, "charter").code == 0
        (found,) = asked_of(several)
        return found

    save_chosen(find_paths(home).state_dir, MILL)
    assert which() == MILL
    several.answers["GET", "/communities"] = {"items": [{}], "next_cursor": None}
    several.communities[ONLY] = several.communities[LANE]
    assert which() == ONLY, "where there is only one, it is meant whatever was chosen"
    monkeypatch.setenv("P2PNODE_COMMUNITY", "Lane 7")
    assert which() == "Lane 7"
    assert which("-c", "Paper Mill") == "Paper Mill"
    assert which("--community", MILL) == MILL
    several.requests.clear()
    assert cli("-c", "Paper Mill", "charter", "-c", LANE).code == 0
    assert asked_of(several) == {LANE}, "the later one counts"


def test_with_one_community_nothing_is_asked_but_what_is_wanted(daemon, cli):
    assert cli("charter").code == 0
    assert [(one.community, one.path) for one in daemon.requests] == [(ONLY, "/charter")]


def test_where_none_is_said_of_several_all_that_could_be_typed_is(several, cli):
    result = cli("charter")
    assert result.code == 6
    assert "[which_community]" in result.err
    assert "Lane 7 is com_llllllllllll" in " ".join(result.err.split())


@pytest.mark.parametrize("way", ["option", "variable", "use"])
def test_one_that_is_not_here_is_told_with_who_named_it(several, cli, home, monkeypatch, way):
    options: tuple[str, ...] = ()
    if way == "option":
        options = ("-c", "Shed")
    elif way == "variable":
        monkeypatch.setenv("P2PNODE_COMMUNITY", "Shed")
    else:
        gone = "com_" + "g" * 58
        several.communities[gone] = several.communities["Shed"]
        save_chosen(find_paths(home).state_dir, gone)
    result = cli("charter", *options)
    assert result.code == 4
    said = " ".join(result.err.split())
    assert ("P2PNODE_COMMUNITY names it" in said) is (way == "variable")
    assert ("p2pnode use --none" in said) is (way == "use")
    assert "-c Shed" not in said


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_name_is_a_variable_that_is_not_set(several, cli, monkeypatch, empty):
    assert cli("charter", "-c", empty).code == 2
    monkeypatch.setenv("P2PNODE_COMMUNITY", empty)
    assert cli("charter").code == 2
    assert asked_of(several) == set()


# --- hints ------------------------------------------------------------------------------------


def test_hints_carry_the_community_that_was_named(several, cli):
    result = cli("show", "7", "-c", "Lane 7")
    assert "p2pnode -c 'Lane 7' explain 7" in " ".join(result.err.split())
    assert problems_of(["p2pnode -c 'Lane 7' explain 7"]) == []
    both = cli("--home", str(several.home), "-c", "Lane 7", "show", "7").err
    assert f"p2pnode --home {several.home} -c 'Lane 7' explain 7" in " ".join(both.split())
    assert " -c " not in cli("show", "7", "-c", "Lane 7", "--json").out


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("see: p2pnode show 7", "see: p2pnode -c Ops show 7"),
        ("p2pnode devices use DEVICE", "p2pnode -c Ops devices use DEVICE"),
        ("p2pnode join --give-up", "p2pnode -c Ops join --give-up"),
        ("p2pnode verify FILE --community com_x", "p2pnode verify FILE --community com_x"),
        ("p2pnode join LINK --name NAME", "p2pnode join LINK --name NAME"),
        ("p2pnode devices renew", "p2pnode devices renew"),
        ("p2pnode config check", "p2pnode config check"),
        ("on another device of it: p2pnode devices", "on another device of it: p2pnode devices"),
    ],
)
def test_only_commands_about_a_community_get_its_name(said, shown):
    assert with_place(said, community="Ops") == shown


def test_those_of_the_node_are_the_ones_that_take_no_community():
    import typer  # noqa: PLC0415

    def takes_none(command, name=""):
        inner = getattr(command, "commands", None)
        if inner:
            return {one for key, part in inner.items() for one in takes_none(part, f"{name} {key}")}
        takes = any("-c" in one.opts for one in command.params)
        return set() if takes else {name.strip()}

    found = takes_none(typer.main.get_command(app))
    assert {one for one in found if not one.startswith("config ")} == set(OF_NODE) - {"config"}
    assert {one for one in found if one.startswith("config ")} == {"config show", "config check"}


def test_a_command_of_the_node_refuses_a_community_that_is_named_before_it(several, cli):
    for command in (("paths",), ("communities",), ("doctor",), ("config", "show")):
        result = cli("-c", "Lane 7", *command)
        assert (result.code, result.out) == (2, ""), command
        assert "about this node" in result.err


# --- communities, use -------------------------------------------------------------------------


def test_communities_are_listed_with_what_needs_their_member(several, cli, home):
    save_chosen(find_paths(home).state_dir, MILL)
    lines = cli("communities").out.splitlines()
    assert lines[1].split("  ")[0] == "Lane 7"
    assert "1 vote" in lines[1]
    assert "Paper Mill (in use)" in lines[2]
    assert "nothing" in lines[2]
    assert [one["id"] for one in cli("communities", "--json").json["items"]] == [LANE, MILL]


def test_use_keeps_the_id_says_which_and_forgets_it(several, cli, home):
    state_dir = find_paths(home).state_dir
    assert "no community is chosen" in cli("use").out
    assert "Lane 7 (com_llllllll)" in cli("use", "Lane 7").out
    assert load_chosen(state_dir) == LANE
    assert "in use: Lane 7" in cli("use").out
    assert cli("use", "--json").json["community"] == LANE
    assert cli("use", "Shed").code == 4
    assert load_chosen(state_dir) == LANE
    assert cli("use", "--none").code == 0
    assert load_chosen(state_dir) is None
    assert cli("use", "Lane 7", "--none").code == 2


@pytest.mark.parametrize("content", ["", "\0", "no id", "é" * 200])
def test_a_choice_that_somebody_edited_is_none(home, content):
    (find_paths(home).state_dir / "community").write_text(content)
    assert load_chosen(find_paths(home).state_dir) is None


# --- status and watch -------------------------------------------------------------------------


def test_status_of_several_says_what_needs_you_in_each_and_names_it(several, cli):
    for command in ((), ("status",)):
        result = cli(*command)
        assert result.code == 0
        lines = result.out.splitlines()
        assert lines[0] == "Lane 7: needs your vote (1)"
        assert "Paper Mill: needs nothing of you" in lines
        assert "p2pnode -c 'Lane 7' show 7" in result.err
    whole = cli("status", "--json").json
    assert [one["id"] for one in whole["communities"]] == [LANE, MILL]
    assert cli("status", "-c", "Lane 7", "--json").json["id"] == LANE
    assert "decided lately" not in cli("status", "-c", "Lane 7").out.splitlines()[0]


def test_what_to_do_about_a_warning_names_the_community_it_is_of(several, cli):
    warning = {"name": "name", "detail": "another name", "next": ["p2pnode members"]}
    node = several.answers["GET", "/node"]
    for severity in ("critical", "warning"):
        node["warnings"] = [warning | {"severity": severity, "community": MILL}]
        assert "p2pnode -c 'Paper Mill' members" in " ".join(cli("status").out.split())
        node["warnings"] = [warning | {"severity": severity, "community": None}]
        assert "— p2pnode members" in " ".join(cli("status").out.split())


def test_doctor_names_the_community_in_what_to_do(several, cli):
    check = {"name": "name", "severity": "warning", "detail": "-", "next": ["p2pnode members"]}
    several.answers["GET", "/node/health"] = {
        "schema": "p2pnode/health/1",
        "status": "warning",
        "checks": [check | {"community": LANE}, check | {"community": None}],
    }
    found = [one for one in cli("doctor", "--json").json["checks"] if one["name"] == "name"]
    told = ["p2pnode -c 'Lane 7' members", "p2pnode members"]
    assert [one["next"] for one in found] == [[one] for one in told]


def test_watch_of_all_names_the_community_of_each_event(several, cli):
    def event(kind, **data):
        return f"event: {kind}\ndata: {json.dumps(data)}\n\n"

    both = [{"id": one, "state": "member", "index": 1} for one in (LANE, MILL)]
    several.streams = [
        event("hello", communities=both, community=None)
        + event("state_changed", state="halted", community=MILL)
    ]
    result = cli("watch", "--all")
    assert "watching 2 communities" in result.out
    assert "Paper Mill: this node is now: halted" in result.out
    assert several.requests[0].path == "/node/events"
    for wrong in (("--after", "3"), ("-c", "Lane 7")):
        assert cli("watch", "--all", *wrong).code == 2


# --- joins ------------------------------------------------------------------------------------


def test_of_several_joins_the_one_to_give_up_is_named(several, cli, samples):
    joining = {"schema": "p2pnode/join/1", "stage": "syncing", "detail": "-", "community": LANE}
    lines = several.answers["GET", "/node"]["communities"]
    for answers in several.communities.values():
        answers["DELETE", "/join"] = (204, {})
    lines[0]["joining"] = joining
    assert cli("join", "--give-up").code == 0
    assert several.last("DELETE").community == LANE, "the only one that is not done"
    lines[1]["joining"] = joining
    several.requests.clear()
    result = cli("join", "--give-up")
    assert (result.code, "[which_community]" in result.err) == (6, True)
    assert "p2pnode join --give-up -c 'Lane 7'" in " ".join(result.err.split())
    assert cli("join", "--give-up", "-c", "Paper Mill").code == 0
    assert several.last("DELETE").community == "Paper Mill"
    assert cli("join", "p2pnode:join:1abc", "-c", "Lane 7").code == 2


def test_hints_of_a_founding_beside_others_name_the_new_one(several, cli, samples):
    made = {
        "schema": "p2pnode/community/1",
        "id": LANE,
        "name": "Lane 7",
        "member": samples["member"]("alice"),
        "committee": samples["committee"](),
    }
    several.answers["POST", "/communities"] = (201, made)
    result = cli("found", "Lane 7", "--name", "alice")
    assert "p2pnode -c 'Lane 7' invite NAME" in " ".join(result.err.split())


def test_where_no_join_is_under_way_that_is_said(several, cli):
    assert "no join is under way here" in cli("join", "--give-up").out
    assert all(one.method == "GET" for one in several.requests)


def test_joins_that_wait_for_the_daemon_are_given_up_one_by_one(home, cli):
    places = [find_paths(home).of(CommunityId(letter * 32)) for letter in (b"a", b"b")]
    for place in places:
        place.prepare()
        save_pending(place.data_dir, PendingJoin("p2pnode:join:1abc", "bob"))
    assert cli("join", "--give-up").code == 6
    assert cli("join", "--give-up", "-c", "Lane 7").code == 4
    assert all(place.data_dir.exists() for place in places)
    assert cli("join", "--give-up", "-c", to_text("com", places[0].community)).code == 0
    assert [place.data_dir.exists() for place in places] == [False, True]
    assert cli("join", "--give-up").code == 0
    assert not places[1].data_dir.exists()
