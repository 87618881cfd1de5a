"""init, paths, config, doctor: what works with no daemon."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
import time
import tomllib

import pytest

from p2pnode.daemon import Ready
from p2pnode.home.lock import HomeLock
from p2pnode.home.paths import find_paths
from p2pnode.home.pending import PendingJoin, save_pending
from p2pnode_protocols.wire.ids import CommunityId


def test_init_makes_a_private_key_and_a_config_that_sets_nothing(home, cli):
    result = cli("init")
    assert result.code == 0
    assert stat.S_IMODE((home / "device.key").stat().st_mode) == 0o600
    settings = tomllib.loads((home / "config.toml").read_text(encoding="utf-8"))
    assert all(table == {} for table in settings.values())
    assert "readable only by you" in " ".join(result.out.split())
    assert "p2pnode run" in result.err
    assert cli("config", "check").code == 0


def test_init_after_a_join_that_is_kept_does_not_ask_for_another(home, cli):
    place = find_paths(home).of(CommunityId(b"c" * 32))
    place.prepare()
    save_pending(place.data_dir, PendingJoin("p2pnode:join:1abc", "bob"))
    said = cli("init").err
    assert "p2pnode run" in said
    assert "the join that is kept" in " ".join(said.split())
    assert "found" not in said
    assert "LINK" not in said


def test_every_setting_in_the_written_config_is_valid_when_uncommented(home, cli):
    cli("init")
    file = home / "config.toml"
    text = file.read_text(encoding="utf-8")
    lines = [line[2:] if " = " in line and line.startswith("# ") else line for line in
             text.splitlines()]  # fmt: skip
    file.write_text("\n".join(lines), encoding="utf-8")
    result = cli("config", "show", "--json")
    assert result.code == 0
    assert {one["origin"] for one in result.json["values"]} == {f"file: {file}"}
    assert result.json["warnings"] == []


def test_a_second_init_never_touches_the_key(home, cli):
    cli("init")
    before = (home / "device.key").read_bytes()
    result = cli("init")
    assert result.code == 6
    assert "[key_exists]" in result.err
    assert (home / "device.key").read_bytes() == before


def test_init_with_a_passphrase_from_stdin_encrypts_the_key(home, cli, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"correct horse\n")))
    result = cli("init", "--passphrase-file", "-", "--json")
    assert result.code == 0
    assert result.json["encrypted"] is True
    assert '"sealed"' in (home / "device.key").read_text(encoding="utf-8")


def test_a_passphrase_file_that_is_not_there_is_named(home, cli):
    result = cli("init", "--passphrase-file", str(home / "nothing"))
    assert result.code == 2
    assert not (home / "device.key").exists()


def test_paths_are_one_per_line(home, cli):
    out = cli("paths").out
    assert f"key          {home / 'device.key'}" in out.splitlines()
    assert cli("paths", "--json").json["socket"] == str(home / "p2pnode.sock")


def test_home_flag_beats_the_environment(home, cli, tmp_path):
    assert cli("paths", "--home", str(tmp_path), "--json").json["key"] == str(
        tmp_path / "device.key"
    )


def test_config_says_where_each_value_came_from(home, cli, monkeypatch):
    cli("init")
    (home / "config.toml").write_text("[net]\nport = 4001\nmdns = false\n", encoding="utf-8")
    monkeypatch.setenv("P2PNODE_NET_PORT", "4002")
    values = {one["key"]: one for one in cli("config", "show", "--json").json["values"]}
    assert values["net.port"]["value"] == 4002
    assert values["net.port"]["origin"] == "environment: P2PNODE_NET_PORT"
    assert values["net.mdns"] == {
        "key": "net.mdns",
        "origin": f"file: {home / 'config.toml'}",
        "value": False,
    }
    assert values["log.level"]["origin"] == "default"
    assert "environment: P2PNODE_NET_PORT" in cli("config", "show", "--origin").out


def test_an_unknown_key_is_a_warning_with_the_nearest_name(home, cli):
    cli("init")
    (home / "config.toml").write_text("[net]\nprot = 4001\n", encoding="utf-8")
    result = cli("config", "check")
    assert result.code == 2
    assert "did you mean net.port?" in " ".join(result.out.split())


def test_a_wrong_value_is_refused_with_what_is_allowed(home, cli):
    cli("init")
    (home / "config.toml").write_text('[net]\nport = "many"\n', encoding="utf-8")
    result = cli("config", "check")
    assert result.code == 2
    assert "allowed is 0…65535" in " ".join(result.err.split())


@pytest.mark.parametrize("made", [False, True])
def test_doctor_works_without_a_daemon(home, cli, made):
    if made:
        cli("init")
    result = cli("doctor", "--json")
    assert result.code == 0
    checks = {one["name"]: one for one in result.json["checks"]}
    assert checks["daemon"]["severity"] == "warning"
    steps = checks["daemon"]["next"]
    assert [one.split("    ")[0].strip() for one in steps] == (["p2pnode run"] if made else [])
    assert checks["key"]["severity"] == ("ok" if made else "warning")
    assert checks["lock"]["detail"] == "no daemon has this home"


def test_who_has_a_home_but_no_socket_is_to_be_stopped_and_run_is_not_advised(home, cli):
    cli("init")
    with HomeLock.acquire(home / "lock"):
        starting = " ".join(cli("status").err.split())
        early = cli("doctor", "--json")
        os.utime(home / "lock", (0, 0))  # who took it long ago does not start any more
        shown = cli("doctor", "--json")
        asked = cli("status")
    assert (shown.code, asked.code) == (1, 3)
    assert "is starting. try: the same again, in a moment" in starting
    assert "kill" not in starting + early.out
    said_early = {one["name"]: one for one in early.json["checks"]}
    assert said_early["lock"]["severity"] == said_early["daemon"]["severity"] == "warning"
    assert said_early["lock"]["detail"].endswith("has this home and is starting")
    assert said_early["lock"]["next"] == ["the same again, in a moment"]
    assert said_early["daemon"]["next"] == []
    checks = {one["name"]: one for one in shown.json["checks"]}
    steps = [f"kill {os.getpid()}", "wait until it has ended, then start another:", "p2pnode run"]
    assert checks["lock"]["severity"] == checks["daemon"]["severity"] == "critical"
    assert "its socket is gone" in checks["lock"]["detail"]
    assert checks["lock"]["next"] == steps
    assert checks["daemon"]["next"] == []
    assert f"process {os.getpid()} has this home" in " ".join(asked.err.split())
    said = f"try: {steps[0]} or: {steps[1]} {steps[2]} or: p2pnode doctor"
    assert said in " ".join(asked.err.split())


@pytest.mark.parametrize("socket", ["none yet", "left over"])
def test_doctor_says_of_a_node_that_starts_that_it_does_however_long_that_takes(home, cli, socket):
    """Case: a machine under load, a large store, or a socket that kill -9 left over."""
    cli("init")
    if socket == "left over":
        (home / "p2pnode.sock").touch()
    with HomeLock.acquire(home / "lock") as lock:
        for age_s in (0, 60):
            os.utime(home / "lock", (time.time() - age_s,) * 2)
            shown = cli("doctor", "--json")
            said = {one["name"]: one for one in shown.json["checks"]}
            assert shown.code == 0
            assert said["lock"]["severity"] == "warning"
            assert "is starting" in said["lock"]["detail"]
            assert said["lock"]["next"] == ["the same again, in a moment"]
            assert "p2pnode run" not in said["daemon"]["next"]
            assert "kill" not in shown.out
            assert "is starting" in " ".join(cli("status").err.split())
        lock.note_started()
        os.utime(home / "lock", (time.time() - 60,) * 2)
        shown = cli("doctor", "--json")
        assert shown.code == 1
        assert f"kill {os.getpid()}" in shown.out


def test_doctor_finds_what_cannot_be_written(home, cli, monkeypatch):
    cli("init")
    monkeypatch.setattr(os, "access", lambda place, mode: mode != os.W_OK)  # a read-only mount
    result = cli("doctor", "--json")
    assert result.code == 1
    wrong = [one for one in result.json["checks"] if one["severity"] == "critical"]
    assert [(one["name"], one["next"] != []) for one in wrong] == [("writable", True)]
    assert "mounted read-only" in wrong[0]["detail"]


def test_doctor_looks_at_the_lock_without_touching_it(home, cli):
    cli("init")
    (home / "lock").touch(0o400)
    before = (home / "lock").stat()
    assert cli("doctor").code == 0
    assert (home / "lock").stat() == before


def test_doctor_without_a_home_says_that_once(cli, tmp_path):
    (tmp_path / "file").write_text("no directory")
    result = cli("doctor", "--home", str(tmp_path / "file" / "below"), "--json")
    assert {one["name"] for one in result.json["checks"]} >= {"home", "daemon"}


def test_a_home_of_nothing_is_refused(home, cli):
    for empty in ("", " "):
        result = cli("paths", "--home", empty)
        assert (result.code, result.out) == (2, "")


@pytest.mark.parametrize(
    ("variable", "command"),
    [
        ("P2PNODE_HOME", ["paths"]),
        ("P2PNODE_HOME", ["status"]),
        ("P2PNODE_TIMEOUT", ["status"]),
        ("P2PNODE_PASSPHRASE_FILE", ["init"]),
        ("P2PNODE_NET_PORT", ["config", "check"]),
        ("P2PNODE_NET_PORT", ["run"]),
    ],
)
def test_an_empty_variable_is_refused_as_an_empty_option_is(
    home, cli, monkeypatch, variable, command
):
    cli("init", "--home", str(home / "other"))
    if command != ["init"]:
        cli("init")
    for empty in ("", " "):
        monkeypatch.setenv(variable, empty)
        result = cli(*command)
        assert (result.code, result.out) == (2, "")
        assert f"{variable} is empty" in " ".join(result.err.split())
        assert f"unset {variable}" in result.err


def test_run_under_json_logs_says_nothing_that_is_none(home, cli, monkeypatch):
    monkeypatch.setenv("P2PNODE_LOG_FORMAT", "json")
    ready = Ready((), home / "p2pnode.sock", ())
    monkeypatch.setattr(
        "p2pnode.daemon.run_daemon", lambda *_args, on_ready, **_more: on_ready(ready) or 0
    )
    started = cli("run")
    assert (started.code, started.out, started.err) == (0, "", "")
    monkeypatch.setenv("P2PNODE_PASSPHRASE_FILE", "/nowhere")
    refused = cli("run")
    assert [json.loads(line)["code"] for line in refused.err.splitlines()] == ["bad_passphrase"]


def test_doctor_calls_a_key_others_can_read_critical(home, cli):
    cli("init")
    (home / "device.key").chmod(0o644)
    result = cli("doctor")
    assert result.code == 1
    assert "critical" in result.out
    assert "chmod 600" in " ".join(result.out.split())


def test_doctor_adds_what_the_daemon_finds(daemon, cli, home):
    cli("init")
    daemon.answers["GET", "/node/health"] = {
        "schema": "p2pnode/health/1",
        "status": "critical",
        "checks": [
            {
                "name": "clock",
                "severity": "critical",
                "detail": "this clock is 7 minutes ahead of the others",
                "next": ["timedatectl set-ntp true"],
            }
        ],
    }
    result = cli("doctor")
    assert result.code == 1
    assert "7 minutes ahead" in result.out
    assert "timedatectl set-ntp true" in result.out
    assert daemon.last("GET").query == {"deep": "true"}


def test_a_record_that_does_not_verify_exits_8(daemon, cli):
    answer = {
        "schema": "p2pnode/verification/1",
        "ok": False,
        "commits": 17,
        "ops": 40,
        "root": "ab" * 32,
        "problems": ["commit 9: root differs"],
    }
    daemon.answers["POST", "/log/verification"] = answer
    result = cli("verify-log")
    assert result.code == 8
    assert "commit 9: root differs" in result.out
    daemon.answers["POST", "/log/verification"] = answer | {"ok": True, "problems": []}
    assert cli("verify-log").code == 0
