"""certificate and verify: files in, words and exit codes out. `verify` asks no daemon."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import subprocess
import sys
from dataclasses import replace

import pytest
from support.certified.certificates import Paper, digest
from support.certified.tampering import CASES, Genuine
from support.certified.verifier import VERIFIER, load_verifier

from p2pnode.home.paths import find_paths
from p2pnode.store.store import Store
from p2pnode_cli.asked.chosen import save_chosen
from p2pnode_protocols.record.actions import (
    AmendAction,
    EraseAction,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.certificates.links import RebuildLink
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, TextId, WallMs, to_text


@pytest.fixture(scope="module")
def genuine():
    return Genuine.make()


@pytest.fixture
def file(genuine, tmp_path):
    path = tmp_path / "shed.p2pcert"
    path.write_bytes(genuine.it.to_bytes())
    return path


@pytest.fixture(scope="module")
def community(genuine):
    return to_text("com", genuine.paper.community)


def words(text):
    return " ".join(text.split())


def name_of(genuine, member):
    seat = genuine.paper.charter.member(member)
    return seat.name


def test_verify_says_what_was_decided_when_by_whom(home, cli, genuine, file, community):
    result = cli("verify", str(file), "--community", community)
    assert result.code == 0, result.err
    said = words(result.out)
    assert "certificate genuine" in said
    assert f"Paper Mill {community}" in said
    assert f"#12 Paint the shed green {to_text('pro', genuine.proposal.id)}" in said
    assert "outcome passed" in said
    assert "2023-11-14T23:14:20.000Z, tier tactical" in said
    assert "3 yes, 1 no, 0 aside, of 5; 1 had not voted when it was decided" in said
    assert "(4 of 5 nodes, 4 needed)" in said
    assert "3 epochs, each proved" in said
    assert "# By when Green, on all sides. In May." in said


def test_verify_json_is_what_the_single_file_verifier_prints(home, cli, file, community):
    ours = cli("verify", str(file), "--community", community, "--json")
    theirs = subprocess.run(
        [sys.executable, "-I", VERIFIER, file, "--community", community, "--json"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert ours.json == json.loads(theirs.stdout)


@pytest.mark.parametrize("name", ["cut short", "a vote flipped", "a receipt left out"])
def test_verify_refuses_a_forgery_with_exit_code_8_and_its_name(
    home, cli, genuine, community, tmp_path, name
):
    code, forge = CASES[name]
    file = tmp_path / "forged"
    file.write_bytes(forge(genuine))
    result = cli("verify", str(file), "--community", community)
    assert result.code == 8
    assert f"[{code}]" in result.err
    assert "proves nothing" in words(result.err)
    shown = cli("verify", str(file), "--community", community, "--json")
    assert (shown.code, shown.json["ok"], shown.json["code"]) == (8, False, code)


def test_verify_takes_the_community_of_this_home_never_that_of_the_file(
    home, cli, genuine, file, community
):
    result = cli("verify", str(file))
    assert result.code == 2
    assert "[community_needed]" in result.err
    place = find_paths(home).of(genuine.paper.founding.community_id)
    place.prepare()
    with Store.create(place.store_file) as store:
        store.adopt(genuine.paper.founding.to_bytes())
    assert cli("verify", str(file)).code == 0


def test_verify_takes_a_name_for_a_community_of_this_home_and_no_other(
    home, cli, genuine, file, monkeypatch
):
    founding = genuine.paper.founding
    for charter in (founding, replace(founding, name="Shed")):
        place = find_paths(home).of(charter.community_id)
        place.prepare()
        with Store.create(place.store_file) as store:
            store.adopt(charter.to_bytes())
    several = cli("verify", str(file))
    assert (several.code, "[community_needed]" in several.err) == (2, True)
    assert cli("verify", str(file), "-c", founding.name).code == 0
    assert cli("verify", str(file), "-c", founding.name.upper()).code == 0
    wrong = cli("verify", str(file), "-c", "Shed")
    assert (wrong.code, "[wrong_community]" in wrong.err) == (8, True)
    nobody = cli("verify", str(file), "-c", "Elsewhere")
    assert (nobody.code, "[bad_id]" in nobody.err) == (2, True)
    save_chosen(find_paths(home).state_dir, to_text("com", founding.community_id))
    assert cli("verify", str(file)).code == 0
    monkeypatch.setenv("P2PNODE_COMMUNITY", "Shed")
    assert cli("verify", str(file)).code == 8


def test_verify_refuses_the_certificate_of_another_community(home, cli, file):
    other = to_text("com", CommunityId(digest("another")))
    result = cli("verify", str(file), "--community", other)
    assert result.code == 8
    assert "[wrong_community]" in result.err


def test_verify_reads_standard_input(home, cli, genuine, community, monkeypatch):
    raw = io.BytesIO(genuine.it.to_bytes())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))
    assert cli("verify", "-", "--community", community).code == 0


def test_verify_names_a_missing_file_and_a_mistyped_id(home, cli, file, community):
    missing = cli("verify", str(file) + "x", "--community", community)
    assert (missing.code, "[cannot_read]" in missing.err) == (2, True)
    mistyped = cli("verify", str(file), "--community", community[:-1])
    assert (mistyped.code, "[bad_id]" in mistyped.err) == (2, True)


def test_vote_receipt_of_a_member_is_found_by_name_id_and_op(home, cli, genuine, file, community):
    naysayer = genuine.naysayer
    name, op = name_of(genuine, naysayer), to_text("op", genuine.votes[naysayer].op)
    for wanted in (
        ("--member", name),
        ("--member", to_text("mem", naysayer)),
        ("--vote", op),
        ("--vote", op[:11]),
    ):
        result = cli("verify", str(file), "--community", community, *wanted)
        assert result.code == 0, result.err
        assert f"{name}'s vote is counted: no, signed as {op}" in words(result.out)


def test_vote_that_is_not_counted_ends_with_8_though_the_file_is_genuine(
    home, cli, genuine, file, community
):
    silent = name_of(genuine, genuine.silent)
    for wanted in (
        ("--member", silent),
        ("--vote", to_text("op", digest("op"))),
        ("--vote", "op_"),
    ):
        result = cli("verify", str(file), "--community", community, *wanted)
        assert result.code == 8
        assert "[not_counted]" in result.err
        assert "certificate genuine" in words(result.out)


ASKED = {  # what was asked, and whether such a vote is counted
    "--vote": {"op of the no": True, "op of nobody": False, "name of the no": True},
    "--member": {
        "name of the no": True,
        "id of the no": True,
        "id of a yes": True,
        "name of the silent": False,
        "id of the silent": False,
        "op of the no": True,
        "name of nobody": False,
    },
}


def asked_text(genuine, what):
    yes = next(one for one in genuine.votes if one != genuine.naysayer)
    return {
        "op of the no": to_text("op", genuine.votes[genuine.naysayer].op),
        "op of nobody": to_text("op", digest("op")),
        "name of the no": name_of(genuine, genuine.naysayer),
        "id of the no": to_text("mem", genuine.naysayer),
        "id of a yes": to_text("mem", yes),
        "name of the silent": name_of(genuine, genuine.silent),
        "id of the silent": to_text("mem", genuine.silent),
        "name of nobody": "Zenobia",
    }[what]


def told_alone(*typed):
    """Return how the single-file verifier ends, and what it prints."""
    stream = io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(stream):
        code = load_verifier().main(typed)
    stream.seek(0)
    return code, stream.read()


@pytest.mark.parametrize("member", [None, *ASKED["--member"]])
@pytest.mark.parametrize("vote", [None, *ASKED["--vote"]])
def test_each_vote_that_was_asked_for_is_answered_for_itself(
    home, cli, genuine, file, community, vote, member
):
    asked = {"--vote": vote, "--member": member}
    given = {name: asked_text(genuine, one) for name, one in asked.items() if one is not None}
    lacking = [given[name] for name in given if not ASKED[name][asked[name]]]
    options = [part for pair in given.items() for part in pair]
    code, told = told_alone(str(file), "--community", community, *options)
    document = json.loads(told_alone(str(file), "--community", community, *options, "--json")[1])
    shown = cli("verify", str(file), "--community", community, *options)
    ours = cli("verify", str(file), "--community", community, *options, "--json")
    expected = 8 if lacking else 0
    assert [code, shown.code, ours.code] == [expected] * 3
    assert ours.json == document
    assert document.get("not_counted", []) == lacking
    for one in lacking:
        assert f"NOT COUNTED: no vote {'' if one.startswith('op_') else 'of '}{one} is in" in words(
            told
        )
        assert one in words(shown.err)
    assert told.count("\nCOUNTED:") == len(document.get("counted", []))


def test_names_and_texts_cannot_steer_the_terminal(home, cli, tmp_path):
    paper = Paper(4)
    it = paper.decide(("yes",) * 4, title="Paint \x1b[31mred\x07 \u202e")
    file, community = tmp_path / "it", to_text("com", paper.community)
    file.write_bytes(it.to_bytes())
    ours = cli("verify", str(file), "--community", community).out
    theirs = subprocess.run(
        [sys.executable, "-I", VERIFIER, file, "--community", community],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    ).stdout
    for out in (ours, theirs):
        assert "Paint �[31mred�" in words(out)
        assert not {"\x1b", "\x07", "\u202e"} & set(out)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (lambda seat: NoAction(), None),
        (lambda seat: RemoveAction(seat.id), "takes away the seat of {name}"),
        (lambda seat: SetAwayAction(seat.id, away=True), "puts the node of {name} off"),
        (
            lambda seat: RekeyAction(seat.id, DeviceKey(b"d" * 32), bytes(64)),
            "gives {name} the device key dev_",
        ),
        (
            lambda seat: InviteAction("Zoe", DeviceKey(b"i" * 32), WallMs(1 << 52), 3),
            "opens 3 seats for Zoe",
        ),
        (lambda seat: EraseAction((TextId(b"t" * 32),)), "erases"),
        (lambda seat: AmendAction((("name\x1b", "x\x1b"),)), "sets name� to x�"),
    ],
)
def test_effect_stands_beside_the_title_in_both_verifiers(home, cli, tmp_path, action, said):
    """A title says what its author likes; what is done, and to whom, says the decision itself."""
    paper = Paper(4)
    seat = paper.founding.members[0]
    it = paper.decide(
        ("yes",) * 4, tier="constitutional", action=action(seat), after_ms=8 * 86_400_000
    )
    file, community = tmp_path / "it", to_text("com", paper.community)
    file.write_bytes(it.to_bytes())
    ours = cli("verify", str(file), "--community", community)
    assert ours.code == 0, ours.err
    theirs = subprocess.run(
        [sys.executable, "-I", VERIFIER, file, "--community", community],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    ).stdout
    for out in (ours.out, theirs):
        if said is None:
            assert "effect" not in out
            continue
        assert said.format(name=seat.name) in words(out).replace(
            f" ({to_text('mem', seat.id)[:12]})", ""
        )
        assert "\x1b" not in out


def test_what_passed_without_effect_is_told_in_both_verifiers(home, cli, tmp_path):
    paper = Paper(4)
    action = RemoveAction(paper.founding.members[0].id)
    for effect in ("done", "seat_anew"):
        it = paper.decide(("yes",) * 4, tier="constitutional", action=action, effect=effect)
        file, community = tmp_path / effect, to_text("com", paper.community)
        file.write_bytes(it.to_bytes())
        ours = cli("verify", str(file), "--community", community).out
        theirs = subprocess.run(
            [sys.executable, "-I", VERIFIER, file, "--community", community],
            capture_output=True,
            check=True,
            text=True,
            timeout=60,
        ).stdout
        for out in (ours, theirs):
            assert ("seat_anew" in out) == (effect == "seat_anew")


def test_member_whose_seat_it_is_about_is_not_counted(home, cli, tmp_path):
    paper = Paper(4)
    seat = paper.founding.members[0]
    action = RemoveAction(seat.id)
    it = paper.decide(("no", "yes", "yes", "yes"), tier="constitutional", action=action)
    file, community = tmp_path / "it", to_text("com", paper.community)
    file.write_bytes(it.to_bytes())
    result = cli("verify", str(file), "--community", community, "--member", seat.name)
    assert (result.code, "[not_counted]" in result.err) == (8, True)
    assert "(not counted)" in result.out
    alone = [sys.executable, "-I", VERIFIER, file, "--community", community, "--member", seat.name]
    theirs = subprocess.run(alone, capture_output=True, check=False, text=True, timeout=60)
    assert theirs.returncode == 8
    assert "NOT COUNTED" in theirs.stdout


def test_what_is_typed_for_a_member_means_the_same_to_both(home, cli, tmp_path):
    paper = Paper(4, names=("Äsa", "bo", "cleo", "dan"))
    file, community = tmp_path / "it", to_text("com", paper.community)
    file.write_bytes(paper.decide(("yes",) * 4).to_bytes())
    alone = [sys.executable, "-I", VERIFIER, file, "--community", community, "--member"]
    for typed, code in (("Äsa", 0), (" ÄSA", 0), ("bо", 0), ("Asa", 8), ("mem_", 8)):
        ours = cli("verify", str(file), "--community", community, "--member", typed)
        theirs = subprocess.run(
            [*alone, typed], capture_output=True, check=False, text=True, timeout=60
        )
        assert (ours.code, theirs.returncode) == (code, code), (typed, ours.err, theirs.stderr)


def test_one_is_not_told_in_the_plural(home, cli, tmp_path):
    paper = Paper(1)
    file, community = tmp_path / "it", to_text("com", paper.community)
    file.write_bytes(paper.decide(("yes",)).to_bytes())
    shown = words(cli("verify", str(file), "--community", community).out)
    assert "(1 of 1 node, 1 needed)" in shown
    assert "; 1 epoch, proved" in shown


def test_certificate_without_texts_is_as_good(home, cli, genuine, community, tmp_path):
    file = tmp_path / "it"
    file.write_bytes(replace(genuine.it, texts=()).to_bytes())
    result = cli("verify", str(file), "--community", community)
    assert (result.code, "(no title in it)" in words(result.out)) == (0, True)


# --- certificate ---------------------------------------------------------------------------------


@pytest.fixture
def answer(daemon, genuine, community):
    document = {
        "schema": "p2pnode/certificate_file/1",
        "community": community,
        "proposal": to_text("pro", genuine.proposal.id),
        "number": 12,
        "outcome": "passed",
        "commit": genuine.it.commit.index,
        "epochs": 3,
        "rebuilds": [],
        "receipts": 4,
        "committee": 5,
        "quorum": 4,
        "content": base64.b64encode(genuine.it.to_bytes()).decode(),
    }
    daemon.answers["GET", "/proposals/12/certificate"] = document
    return document


def test_certificate_writes_the_file_and_says_how_to_check_it(
    answer, cli, genuine, community, tmp_path
):
    file = tmp_path / "shed.p2pcert"
    result = cli("certificate", "12", "-o", str(file))
    assert result.code == 0, result.err
    assert file.read_bytes() == genuine.it.to_bytes()
    assert "#12 passed, in commit 17 Paint the shed green" in words(result.out)
    assert "by 4 of 5 nodes, 4 needed" in words(result.out)
    assert f"p2pnode verify {file} --community {community}" in result.err
    shown = cli("certificate", "12", "-o", str(file), "--force", "--json").json
    assert "content" not in shown
    assert shown["receipts"] == 4


def test_certificate_never_replaces_a_file_unasked(answer, cli, genuine, tmp_path):
    file = tmp_path / "diary.txt"
    file.write_text("dear diary", encoding="utf-8")
    result = cli("certificate", "12", "-o", str(file))
    assert result.code == 6
    assert "[file_exists]" in result.err
    assert "--force" in result.err
    assert file.read_text(encoding="utf-8") == "dear diary"
    assert cli("certificate", "12", "-o", str(file), "--force").code == 0
    assert file.read_bytes() == genuine.it.to_bytes()
    assert cli("certificate", "12", "-o", "/dev/null").code == 0
    assert cli("certificate", "12", "-o", "").code == 2


def test_certificate_to_standard_output_is_nothing_but_the_file(answer, cli, genuine):
    written = subprocess.run(
        [sys.executable, "-m", "p2pnode_cli", "certificate", "12", "-o", "-"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (written.returncode, written.stdout) == (0, genuine.it.to_bytes()), written.stderr


def test_certificate_that_proves_nothing_is_not_written(answer, cli, genuine, tmp_path):
    forged = CASES["a receipt left out"][1](genuine)
    answer["content"] = base64.b64encode(forged).decode()
    result = cli("certificate", "12", "-o", str(tmp_path / "it"))
    assert result.code == 8
    assert "[no_quorum]" in result.err
    assert not (tmp_path / "it").exists()


def test_certificate_tells_whose_receipts_are_missing(daemon, cli, samples, tmp_path):
    waiting = samples["problem"](
        "not_proven", 409, detail="final here, but its commit has only 2 of the 3 receipts needed"
    )
    daemon.answers["GET", "/proposals/12/certificate"] = waiting
    result = cli("certificate", "12", "-o", str(tmp_path / "it"))
    assert result.code == 6
    assert "only 2 of the 3 receipts" in words(result.err)
    waited = cli("certificate", "12", "-o", str(tmp_path / "it"), "--wait", "--timeout", "5s")
    assert waited.code == 7
    assert daemon.last("GET").query == {"timeout": "5"}


def test_certificate_says_when_the_file_cannot_be_written(answer, cli, tmp_path):
    result = cli("certificate", "12", "-o", str(tmp_path / "no" / "it"))
    assert (result.code, "[cannot_write]" in result.err) == (1, True)


@pytest.mark.parametrize("name", ["a" * 255, ".new", "shed.p2pcert"])
def test_certificate_touches_no_other_file(answer, cli, genuine, tmp_path, name):
    other = tmp_path / f"{name[:200]}.new"
    other.write_bytes(b"dear diary")
    assert cli("certificate", "12", "-o", str(tmp_path / name)).code == 0
    assert (tmp_path / name).read_bytes() == genuine.it.to_bytes()
    assert other.read_bytes() == b"dear diary"
    assert {one.name for one in tmp_path.iterdir()} == {name, other.name}


@pytest.mark.parametrize("name", [".", "..", "/", "a" * 256, "x/y", "/dev/full"])
def test_certificate_that_can_have_no_such_file_is_told(answer, cli, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    result = cli("certificate", "12", "-o", name)
    assert (result.code, "[cannot_write]" in result.err) == (1, True), result.err


# --- over a rebuild -------------------------------------------------------------------------------


@pytest.fixture
def over_a_rebuild(genuine, tmp_path):
    """A file that leads over a rebuild, and the ids that are to be known from elsewhere."""
    path = tmp_path / "rebuilt.p2pcert"
    path.write_bytes(genuine.rebuilt.to_bytes())
    (link,) = [one for one in genuine.rebuilt.chain if isinstance(one, RebuildLink)]
    paper = genuine.survivors
    return path, to_text("com", paper.community), to_text("epo", link.rebuild.next_epoch)


def test_rebuild_is_to_be_known_from_elsewhere_by_its_id(home, cli, over_a_rebuild, community):
    file, of, began = over_a_rebuild
    result = cli("verify", str(file), "--community", of)
    assert result.code == 8
    assert "[unconfirmed_rebuild]" in result.err
    assert f"--community {of} --rebuild {began}" in words(result.err)
    assert "not proved, but genuine if the rebuild is" in words(result.out)
    assert "outcome" in result.out, "what the file says is shown all the same"
    said = cli("verify", str(file), "--community", of, "--json")
    assert (said.code, said.json["ok"], said.json["code"]) == (8, False, "unconfirmed_rebuild")
    other = cli("verify", str(file), "--community", of, "--rebuild", to_text("epo", bytes(32)))
    assert other.code == 8
    known = cli("verify", str(file), "--community", of, "--rebuild", began)
    assert known.code == 0, known.err
    assert "certificate genuine community" in words(known.out)
    assert "this rests on" in words(known.out), "on whom stays in sight"
    for wrong in (community, began[:-1], ""):
        assert cli("verify", str(file), "--community", of, "--rebuild", wrong).code == 2


def test_no_vote_is_called_counted_where_nothing_is_proved(home, cli, over_a_rebuild):
    file, of, began = over_a_rebuild
    said = cli("verify", str(file), "--community", of, "--member", "ana", "--json")
    assert said.code == 8
    assert cli("verify", str(file), "--community", of, "--member", "nobody").code == 8
    known = ("--rebuild", began)
    assert cli("verify", str(file), "--community", of, "--member", "nobody", *known).code == 8


def test_both_verifiers_say_the_same_of_a_rebuild(home, cli, over_a_rebuild):
    file, of, began = over_a_rebuild
    for options in ((), ("--rebuild", began)):
        ours = cli("verify", str(file), "--community", of, *options, "--json")
        theirs = subprocess.run(
            [sys.executable, "-I", VERIFIER, file, "--community", of, *options, "--json"],
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )
        assert (ours.code, ours.json) == (theirs.returncode, json.loads(theirs.stdout))
        shown = subprocess.run(
            [sys.executable, "-I", VERIFIER, file, "--community", of, *options],
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        ).stdout
        assert shown.startswith("GENUINE:" if options else "NOT PROVED, BUT GENUINE IF")
        assert f"--rebuild {began}" in shown


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["words", "json"])
@pytest.mark.parametrize("option", ["--vote", "--member"])
@pytest.mark.parametrize("empty", ["", "  "])
def test_neither_verifier_takes_an_empty_vote_or_member(
    home, cli, file, community, option, empty, form
):
    ours = cli("verify", str(file), "--community", community, option, empty, *form)
    assert (ours.code, ours.out) == (2, "")
    assert "empty" in ours.err
    alone = [sys.executable, "-I", VERIFIER, file, "--community", community, option, empty, *form]
    done = subprocess.run(alone, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "empty" in done.stderr


@pytest.mark.parametrize(
    ("choices", "how", "said"),
    [
        (("yes", "yes", "yes", None, None), {}, "of 5; 2 had not voted when it was decided"),
        (("yes",) * 5, {}, "0 aside, of 5"),
        (
            (None,) * 3,
            {"after_ms": 0, "wish_ms": -1_000},
            "of 3; no vote could count: it came into the record after its window had closed",
        ),
    ],
)
def test_both_say_what_is_so_of_those_without_a_vote(home, cli, tmp_path, choices, how, said):
    """They may have voted after it was decided, and be no silent members at all."""
    paper = Paper(len(choices))
    path = tmp_path / "it.p2pcert"
    path.write_bytes(paper.decide(choices, tier="tactical", **how).to_bytes())
    known = to_text("com", paper.community)
    ours = words(cli("verify", str(path), "--community", known).out)
    command = [sys.executable, VERIFIER, path, "--community", known]
    theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for shown in (ours, words(theirs)):
        assert said in shown
        assert "silent" not in shown
        assert ("had not voted" in shown) is ("had not voted" in said)
