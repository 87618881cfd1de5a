"""practices: which are in force, adding one, raising one."""

from __future__ import annotations

from dataclasses import fields

import pytest

from p2pnode.answers import PracticeHere


def practice(name, **more):
    seat = {"id": "mem_" + "m" * 58, "name": "Ana"}
    return {
        "name": name,
        "in_force": 1,
        "here": 1,
        "next": 2,
        "ready": [],
        "not_ready": [seat],
        "needed": 1,
        **more,
    }


def listed(*items):
    return {"schema": "p2pnode/practices/1", "items": list(items)}


@pytest.fixture(autouse=True)
def some(daemon, samples):
    daemon.answers["GET", "/practices"] = listed(
        practice("core"),
        practice("garden", in_force=0, here=0, next=1),
        practice("ratings", here=2, ready=practice("x")["not_ready"], not_ready=[]),
    )
    daemon.answers["POST", "/amendments"] = samples["receipt"]()


def sent(daemon):
    return [one.body["changes"] for one in daemon.requests if one.path.endswith("/amendments")]


def test_the_sample_has_the_fields_of_its_answer():
    assert set(practice("core")) == {one.name for one in fields(PracticeHere)}


def test_the_list_says_what_is_in_force_and_who_would_stop(cli):
    out = cli("practices").out
    rows = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert "0 of 1, 1 needed" in rows["core"]
    assert "Ana" in rows["core"]
    assert "no" in rows["garden"].split()
    assert "lacks it" in rows["garden"]
    assert "1 of 1, 1 needed" in rows["ratings"]
    assert "nobody" in rows["ratings"]


def test_adding_and_raising_are_amendments(daemon, cli):
    assert cli("practices", "add", "garden", "--vote", "yes").code == 0
    assert cli("practices", "raise", "ratings").code == 0
    assert sent(daemon) == [{"practices.garden": 1}, {"practices.ratings": 2}]


def test_what_is_in_force_is_not_added_and_what_is_not_is_not_raised(daemon, cli):
    for command, name, step in (("add", "ratings", "raise"), ("raise", "garden", "add")):
        result = cli("practices", command, name)
        assert result.code == 6
        assert f"p2pnode practices {step} {name}" in result.err
    assert sent(daemon) == []
