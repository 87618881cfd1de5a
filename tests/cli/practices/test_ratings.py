"""rate and ratings: what matters."""

from __future__ import annotations

from functools import partial

import pytest


@pytest.fixture
def item(samples):
    """Make an item: number, weight, names of raters, their state, and fields of the proposal."""
    return partial(make_item, samples["summary"])


def make_item(summary, number, weight, *names, state="final", **more):
    raters = [
        {
            "person": {"id": "mem_" + "m" * 58, "name": name},
            "since": "2030-05-17T12:00:00.000Z",
            "state": state,
        }
        for name in names
    ]
    return {
        "kind": "proposal",
        "item": "ab" * 32,
        "proposal": summary(number=number, **more),
        "weight": weight,
        "final_weight": weight,
        "raters": raters,
        "rated_by_me": False,
    }


def trends(*items):
    at = "2030-05-17T12:00:00.000Z"
    return {"schema": "p2pnode/trends/1", "at": at, "half_life_ms": 604_800_000, "items": [*items]}


def test_a_rating_says_what_is_rated_and_whether_it_is_taken_back(daemon, cli, samples):
    receipt = samples["receipt"](kind="ratings.rate", proposal=None, action=None)
    daemon.answers["POST", "/ratings"] = receipt
    assert "rated 12" in cli("rate", "12", "--wait").out
    assert "taken back 12" in cli("rate", "12", "--off", "--wait").out
    sent = [one.body for one in daemon.requests if one.path.endswith("/ratings")]
    assert sent == [{"item": "12", "on": True}, {"item": "12", "on": False}]


def test_ratings_show_what_matters_most_first_and_by_whom(daemon, cli, item):
    daemon.answers["GET", "/ratings"] = trends(
        item(7, 1_572_864, "Ana", "Bo"), item(None, 524_288, "Cy", title=None)
    )
    lines = cli("ratings").out.splitlines()
    assert "1.50" in lines[1]
    assert "Ana, Bo" in lines[1]
    assert "0.50" in lines[2]


def test_what_is_not_final_yet_is_said_to_be_so(daemon, cli, item):
    daemon.answers["GET", "/ratings"] = trends(
        item(7, 1_048_576, "Ana", state="queued"), item(8, 0, "Bo", state="leaving")
    )
    out = " ".join(cli("ratings").out.split())
    assert "Ana (not final yet)" in out
    assert "Bo (taken back, not final yet)" in out


def test_what_passing_does_stands_beside_the_title(daemon, cli, item):
    action = {"kind": "remove", "member": {"id": "mem_" + "m" * 58, "name": "Bo"}}
    daemon.answers["GET", "/ratings"] = trends(item(7, 1, "Ana", title="Paint", action=action))
    out = " ".join(cli("ratings").out.split())
    assert "Paint" in out
    assert "→" in out
    assert "Bo" in out


def test_what_is_no_proposal_is_listed_by_its_id(daemon, cli, item):
    daemon.answers["GET", "/ratings"] = trends(
        item(7, 1, "Ana") | {"kind": "record", "proposal": None}
    )
    assert "(abababab)" in cli("ratings").out


def test_where_nothing_is_rated_it_is_said_how(daemon, cli):
    daemon.answers["GET", "/ratings"] = trends()
    assert "p2pnode rate" in cli("ratings").out
