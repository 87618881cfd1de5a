"""What is sent when somebody proposes, votes, revises, withdraws; and what is said back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from p2pnode_cli.shown.document import make_printable


def _revised(daemon, samples) -> str:
    """Give proposal 7 a second revision; return its id."""
    second = samples["revision"](2, "Ten o'clock, but only in winter.")
    first = samples["revision"](1, "Half past nine is too early.")
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](
        revisions=[first, second], revision=2, revision_id=second["id"], text=second["text"]
    )
    return str(second["id"])


def _votes_path(daemon) -> tuple[str, str]:
    return "POST", f"/proposals/{daemon.answers['GET', '/proposals/7']['id']}/votes"


def test_the_difference_shows_what_was_changed_and_counts_as_seen(daemon, cli, samples):
    cli("show", "7")
    second = _revised(daemon, samples)
    shown = cli("show", "7", "--diff").out
    assert "-Half past nine is too early." in shown
    assert "+Ten o'clock, but only in winter." in shown
    cli("vote", "7", "yes")
    assert daemon.last("POST").body["revision"] == second


def test_parts_are_shown_with_their_numbers_and_what_is_missing_is_named(daemon, cli, samples):
    said = samples["revision"](1, "# When\n\nAt ten.\n\nWho comes late brings cake.")
    said["parts"][1] |= {"number": 7, "text": None, "state": "missing"}
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](revisions=[said])
    shown = cli("show", "7", "--parts").out
    assert "[1]\n# When\n\n[7]\n(this part has not arrived here)\n\n[3]\nWho comes" in shown
    assert "[1]" not in cli("show", "7").out


@pytest.mark.parametrize("by", ["1", "id"])
def test_a_revision_can_be_named_by_number_or_id(daemon, cli, samples, by):
    _revised(daemon, samples)
    first = daemon.answers["GET", "/proposals/7"]["revisions"][0]["id"]
    cli("vote", "7", "yes", "--revision", first if by == "id" else by)
    assert daemon.last("POST").body["revision"] == first


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        (["--wait"], {"wait": "final", "timeout": "30"}),
        (["--wait=final"], {"wait": "final", "timeout": "30"}),
        (["--wait", "provisional"], {"wait": "provisional", "timeout": "30"}),
        (["--wait", "--timeout", "2m"], {"wait": "final", "timeout": "120"}),
        (["--dry-run"], {"dry_run": "true"}),
        ([], {}),
    ],
)
def test_wait_and_dry_run_are_asked_of_the_daemon(daemon, cli, typed, asked):
    cli("show", "7")
    assert cli("vote", "7", "yes", *typed).code == 0
    assert daemon.last("POST").query == asked


def test_a_vote_that_is_not_final_in_time_exits_7_and_says_that_it_is_safe(daemon, cli, samples):
    daemon.answers[_votes_path(daemon)] = samples["receipt"](timed_out=True)
    cli("show", "7")
    result = cli("vote", "7", "yes", "--wait", "--timeout", "3s")
    assert result.code == 7
    assert "voted yes on #7" in result.out
    assert "not final after 3 s" in result.err
    assert "nothing has to be repeated" in " ".join(result.err.split())


def test_a_dry_run_says_that_nothing_was_signed(daemon, cli, samples):
    daemon.answers[_votes_path(daemon)] = samples["receipt"](op=None, state="dry_run")
    out = cli("vote", "7", "aside", "--dry-run").out
    assert out.splitlines()[:2] == [
        "would have stood aside on #7  Move the stand-up to ten",
        "Nothing was signed (--dry-run); the rules allow it.",
    ]


def test_a_receipt_says_how_certain_it_is(daemon, cli, samples):
    cli("show", "7")
    assert "queued: safe on this node's disk" in cli("vote", "7", "yes").out
    daemon.answers[_votes_path(daemon)] = samples["receipt"](state="final", code="ok")
    assert "final: everyone will count it" in cli("vote", "7", "yes").out
    daemon.answers[_votes_path(daemon)] = samples["receipt"](state="final", code=None)
    assert "final: in a part of the log that this node" in cli("vote", "7", "yes").out


def test_a_vote_that_another_of_the_seat_came_in_place_of_is_not_called_counted(
    daemon, cli, samples
):
    cli("show", "7")
    daemon.answers[_votes_path(daemon)] = samples["receipt"](
        state="final", code="ok", replaced_by="no"
    )
    said = " ".join(cli("vote", "7", "yes", "--wait").out.split())
    assert "everyone will count it" not in said
    assert "final: but not counted" in said
    assert "voted no as well" in said


def test_a_choice_that_is_none_is_refused_with_the_choices(daemon, cli):
    result = cli("vote", "7", "maybe")
    assert result.code == 2
    assert "'aside'" in result.err
    assert daemon.requests == []


# --- propose ------------------------------------------------------------------------------


def test_propose_sends_what_was_typed(daemon, cli, samples, tmp_path):
    daemon.answers["GET", "/charter"] = samples["charter"]()
    daemon.answers["POST", "/proposals"] = samples["receipt"](kind="propose")
    draft = tmp_path / "draft.md"
    draft.write_text("Why:\n\nbecause", encoding="utf-8")
    result = cli(
        "propose", "Buy a van", "-t", "strategic", "--text-file", str(draft), "--vote", "yes",
        "--closes", "2099-05-17T14:00+02:00",
    )  # fmt: skip
    assert result.code == 0
    assert daemon.last("POST").body == {
        "action": {"kind": "none"},
        "closes_at": "2099-05-17T12:00:00.000Z",
        "text": "Why:\n\nbecause",
        "tier": "strategic",
        "title": "Buy a van",
        "vote": "yes",
    }
    assert "closes in" in result.err


@pytest.mark.parametrize(
    ("mode", "least", "shown"),
    [
        ("threshold", 0, "closes in 5 min"),
        ("threshold", 3_600_000, "closes in 1 h"),
        ("objection", 0, "closes in 7 d"),
    ],
)
def test_a_close_sooner_than_the_tier_allows_is_not_promised(
    daemon, cli, samples, mode, least, shown
):
    charter = samples["charter"]()
    tier = charter["tiers"][1] | {"name": "quick", "mode": mode, "min_open_ms": least}
    daemon.answers["GET", "/charter"] = charter | {"tiers": [tier]}
    dry = samples["receipt"](kind="propose", state="dry_run", op=None, proposal=None)
    daemon.answers["POST", "/proposals"] = dry
    result = cli("propose", "Buy a van", "-t", "quick", "--closes", "5min", "--dry-run")
    assert shown in result.err
    assert ("questions of the tier quick" in result.err) == (shown != "closes in 5 min")


@pytest.mark.parametrize("command", ["propose", "revise"])
def test_a_close_that_is_refused_is_not_echoed(daemon, cli, samples, command):
    """40 d in a tier of 30 d: that it closes in 40 d would be false."""
    daemon.answers["GET", "/charter"] = samples["charter"]()
    refused = samples["problem"]("bad_field", 422, "at most 30 d")
    for path in [path for method, path in daemon.answers if method == "POST"]:
        daemon.answers["POST", path] = refused
    daemon.answers["POST", "/proposals"] = refused
    typed = ["Buy a van", "-t", "tactical"] if command == "propose" else ["7", "--yes"]
    result = cli(command, *typed, "--closes", "40d")
    assert result.code == 2
    assert "closes in" not in result.err
    assert "at most 30 d" in result.err


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_revision_echoes_the_close_that_comes_of_it(daemon, cli, samples, more):
    """A tier of objections keeps the question open for its whole window, whatever was wished."""
    charter = samples["charter"]()
    tier = charter["tiers"][1] | {"name": "quick", "mode": "objection"}
    daemon.answers["GET", "/charter"] = charter | {"tiers": [tier]}
    later = (datetime.now(UTC) + timedelta(days=7, minutes=1)).isoformat(timespec="milliseconds")
    asked = samples["proposal"](tier="quick", closes_at=later.replace("+00:00", "Z"))
    daemon.answers["GET", "/proposals/7"] = asked
    state = "dry_run" if more else "queued"
    receipt = samples["receipt"](proposal=asked, state=state, op=None if more else "op_" + "o" * 58)
    daemon.answers["POST", f"/proposals/{asked['id']}/revisions"] = receipt
    said = cli("revise", "7", "--closes", "5min", "--yes", *more).err
    assert "closes in 7 d" in said
    assert "5 min" not in said


@pytest.mark.parametrize(
    ("typed", "action"),
    [
        (["--remove", "erin"], {"kind": "remove", "member": "erin"}),
        (["--set-away", "erin"], {"kind": "set_away", "member": "erin", "away": True}),
        (["--set-back", "erin"], {"kind": "set_away", "member": "erin", "away": False}),
    ],
)
def test_a_proposal_can_do_something_by_itself(daemon, cli, samples, typed, action):
    daemon.answers["POST", "/proposals"] = samples["receipt"](kind="propose")
    cli("propose", "Erin has moved", "-t", "constitutional", *typed)
    assert daemon.last("POST").body["action"] == action


def test_without_a_tier_the_tiers_are_shown(daemon, cli, samples):
    daemon.answers["GET", "/charter"] = samples["charter"]()
    result = cli("propose", "Buy a van")
    assert result.code == 2
    assert "--tier tactical" in result.err
    assert "yes ≥ 3/5" in result.err
    assert all(one.method == "GET" for one in daemon.requests)


@pytest.mark.parametrize(
    "typed",
    [
        ["--closes", "2001-01-01T00:00Z"],
        ["--closes", "whenever"],
        ["--text", "a", "--text-file", "b"],
        ["--text-file", "/nowhere/at/all"],
        ["--remove", "bob", "--set-away", "bob"],
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_sent(daemon, cli, typed):
    assert cli("propose", "x", "-t", "tactical", *typed).code == 2
    assert daemon.requests == []


def test_revise_sends_only_what_changes(daemon, cli, samples):
    cli("show", "7")
    assert cli("revise", "7", "--title", "Ten past ten").code == 0
    expected = {"closes_at": None, "text": None, "title": "Ten past ten"}
    assert daemon.last("POST").body == expected | {"revision": samples["summary"]()["revision_id"]}
    assert cli("revise", "7").code == 2


def test_erase_asks_the_community(daemon, cli, samples):
    cli("show", "7")
    assert cli("erase", "7", "--text", "it names somebody").code == 0
    expected: dict[str, object] = {"part": None, "text": "it names somebody", "vote": "yes"}
    expected["revision"] = samples["summary"]()["revision_id"]
    assert daemon.last("POST").body == expected
    assert cli("erase", "7", "--part", "3", "--text", "it names somebody").code == 0
    assert daemon.last("POST").body == expected | {"part": 3}


def test_withdraw_sends_the_reason(daemon, cli, samples):
    cli("show", "7")
    assert cli("withdraw", "7", "--reason", "settled").code == 0
    revision = samples["summary"]()["revision_id"]
    assert daemon.last("POST").body == {"reason": "settled", "revision": revision}


# --- amend ---------------------------------------------------------------------------------


def test_amend_reads_ratios_percentages_durations_and_words(daemon, cli, samples):
    daemon.answers["POST", "/amendments"] = samples["receipt"](kind="propose")
    result = cli(
        "amend", "tiers.tactical.threshold=2/3", "tiers.strategic.threshold=80%",
        "tiers.tactical.window_ms=14d", "timing.linger_ms=0", "tiers.tactical.strict=true",
        "name=Ops",
    )  # fmt: skip
    assert result.code == 0
    assert daemon.last("POST").body["changes"] == {
        "name": "Ops",
        "tiers.strategic.threshold": {"num": 4, "den": 5},
        "tiers.tactical.strict": True,
        "tiers.tactical.threshold": {"num": 2, "den": 3},
        "tiers.tactical.window_ms": 14 * 86_400_000,
        "timing.linger_ms": 0,
    }


@pytest.mark.parametrize(
    ("typed", "num", "den"),
    [("60%", 3, 5), ("0.6", 3, 5), ("3/5", 3, 5), ("6 / 10", 3, 5), (".5", 1, 2), ("0,6", 3, 5),
     ("66.7%", 667, 1000), ("1", 1, 1), ("100 %", 1, 1), ("1.0", 1, 1), ("0", 0, 1)],
)  # fmt: skip
@pytest.mark.parametrize("path", ["tiers.tactical.threshold", "tiers.strategic.floor"])
def test_a_threshold_is_read_as_people_write_it(daemon, cli, samples, typed, num, den, path):
    daemon.answers["POST", "/amendments"] = samples["receipt"](kind="propose")
    assert cli("amend", f"{path}={typed}").code == 0
    assert daemon.last("POST").body["changes"] == {path: {"num": num, "den": den}}


@pytest.mark.parametrize("typed", ["60", "1/0", "most", "", "0.6.1", "1e2", "-1/2", "60 %%", "٣/٥"])
def test_a_threshold_that_is_none_is_refused_with_what_to_write(daemon, cli, typed):
    result = cli("amend", f"tiers.tactical.threshold={typed}")
    assert result.code == 2
    assert "60%" in result.err
    assert daemon.requests == []


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        ("16777216", 1 << 24),
        ("16 MiB", 1 << 24),
        ("16MiB", 1 << 24),
        ("16mb", 16_000_000),
        ("1 GB", 10**9),
        ("512k", 512_000),
        ("512 KiB", 1 << 19),
        ("7B", 7),
    ],
)
def test_a_size_is_read_as_people_write_it(daemon, cli, samples, typed, size):
    daemon.answers["POST", "/amendments"] = samples["receipt"](kind="propose")
    assert cli("amend", f"rules.bytes_per_day={typed}").code == 0
    assert daemon.last("POST").body["changes"] == {"rules.bytes_per_day": size}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("rules.bytes_per_day=lots", "write 16 MiB"),
        ("rules.bytes_per_day=1.5MB", "write 16 MiB"),
        ("rules.bytes_per_day=-1", "write 16 MiB"),
        ("rules.max_open_per_member=few", "not a whole number"),
        ("timing.epoch_rounds=" + "9" * 20, "not a whole number"),
        ("tiers.tactical.threshold=66.666%", "the nearest is 2/3"),
    ],
)
def test_a_number_that_is_none_is_refused_with_what_to_write(daemon, cli, change, said):
    result = cli("amend", change)
    assert result.code == 2
    assert said in " ".join(result.err.split())
    assert daemon.requests == []


def test_sizes_of_the_charter_are_shown_with_their_unit(daemon, cli, samples):
    daemon.answers["GET", "/charter"] = samples["charter"]()
    assert "16 MiB" in cli("charter").out


def test_a_change_that_looks_like_a_number_may_be_a_name(daemon, cli, samples):
    daemon.answers["POST", "/amendments"] = samples["receipt"](kind="propose")
    assert cli("amend", "name=2030").code == 0
    assert daemon.last("POST").body["changes"] == {"name": "2030"}


@pytest.mark.parametrize("change", ["name", "=3", "timing.linger_ms=soon", "x=1/0"])
def test_a_change_that_is_none_is_refused(daemon, cli, change):
    assert cli("amend", change).code == 2
    assert cli("amend", "name=a", "name=b").code == 2
    assert daemon.requests == []


# --- show ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "outcome", "code"),
    [
        ("final", "passed", 0),
        ("final", "rejected", 10),
        ("final", "withdrawn", 10),
        ("provisional", "passed", 11),
        ("open", "open", 11),
        ("final", "lapsed", 12),
    ],
)
def test_exit_code_answers_with_the_decision(daemon, cli, samples, grade, outcome, code):
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](grade=grade, outcome=outcome)
    assert cli("show", "7", "--exit-code").code == code
    assert cli("show", "7").code == 0


def test_show_never_calls_a_provisional_outcome_final(daemon, cli, samples):
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](
        grade="provisional", outcome="passed"
    )
    assert "provisional: passed" in cli("show", "7").out
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](grade="final", outcome="passed")
    assert "final: passed" in cli("show", "7").out


@pytest.mark.parametrize("outcome", ["passed", "rejected"])
def test_what_is_decided_by_this_nodes_count_alone_keeps_its_close(daemon, cli, samples, outcome):
    """Votes that nobody else has lapse with the close: until then it can turn out otherwise."""
    decided = {"outcome": outcome, "decided_at": "2030-05-17T11:00:00.000Z"}
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](grade="provisional", **decided)
    said = " ".join(cli("show", "7").out.split())
    assert "closes in " in said
    assert "only what is in the record by then counts" in said
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](grade="final", **decided)
    said = " ".join(cli("show", "7").out.split())
    assert "closes" not in said


def test_waiting_in_vain_for_a_decision_exits_7(daemon, cli, samples):
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](timed_out=True)
    result = cli("show", "7", "--wait=final", "--timeout", "2")
    assert result.code == 7
    assert daemon.last("GET").query == {"wait": "final", "timeout": "2"}
    assert "p2pnode explain 7" in result.err


def test_seen_revisions_survive_a_damaged_file(daemon, cli, home):
    (home / "seen.json").write_text("[1, 2", encoding="utf-8")
    assert cli("show", "7").code == 0
    assert json.loads((home / "seen.json").read_text(encoding="utf-8")) != {}


def test_votes_show_ids_where_names_look_alike(daemon, cli, samples):
    vote = samples["proposal"]()["votes"][0]
    people = [samples["person"](name) for name in ("Ana", "Аna", "Ana 2", "Bo", "نیک‌نام")]
    for number, one in enumerate(people):
        one["id"] = f"mem_{number}k3v7abcd" + "x" * 40
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](
        votes=[vote | {"member": one} for one in people[:4]], missing=people[4:]
    )
    shown = cli("show", "7").out
    for number, one in enumerate(people[:3]):
        assert f"{one['name']} (mem_{number}k3v7abc)" in shown
    assert "Bo (" not in shown
    assert "not voted: نیک‌نام\n" in shown


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("نیک‌نام", "نیک‌نام"),
        ("👩‍🌾", "👩‍🌾"),
        ("\u200cab\u200d c", "�ab� c"),
        ("a\u200c\u200db", "a��b"),
        ("a\u202eb\u200cc", "a�b\u200cc"),
    ],
)
def test_joiners_are_printed_within_words_only(title, shown):
    assert make_printable(title) == shown


@pytest.mark.parametrize(
    ("device", "said"),
    [
        (None, "replaces your no of before"),
        ("dev_" + "q" * 58, "replaces the no that another device of your seat said (dev_qqqqqqqq)"),
    ],
)
def test_a_vote_that_replaces_another_of_the_seat_says_so(daemon, cli, samples, device, said):
    vote = next(key for key in daemon.answers if key[1].endswith("/votes"))
    daemon.answers[vote] = samples["receipt"](replaces="no", replaces_device=device)
    assert said in " ".join(cli("vote", "7", "yes", "--yes").out.split())
    daemon.answers[vote] = samples["receipt"]()
    assert "replaces" not in cli("vote", "7", "yes", "--yes").out


def test_show_says_of_ones_own_vote_that_another_device_said_it(daemon, cli, samples):
    found = samples["proposal"]()
    assert "another device" not in cli("show", "7").out
    found["votes"][0]["elsewhere"] = True
    daemon.answers["GET", "/proposals/7"] = found
    assert "(said on another device of yours)" in cli("show", "7").out
