"""Which value wins, where it came from, and what is said of a wrong one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from p2pnode.home.config import SETTINGS, Config, load_config
from p2pnode.home.errors import ConfigError

PEER = "/ip4/192.0.2.7/tcp/17470/p2p/12D3KooWexample"


def load(
    tmp_path: Path,
    toml: str | None = None,
    env: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Config:
    file = tmp_path / "config.toml"
    if toml is not None:
        file.write_text(toml)
    return load_config(file, flags, env or {})


def test_no_file_means_defaults(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert config.by_key() == {one.key: one.default for one in SETTINGS}
    assert set(config.origins.values()) == {"default"}
    assert config.warnings == ()


def test_every_default_is_allowed() -> None:
    for one in SETTINGS:
        assert one.read(one.default) == one.default


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    toml = "[net]\nport = 1\nmdns = false\n[limits]\nops_per_minute = 7\n"
    env = {"P2PNODE_NET_PORT": "2", "P2PNODE_NET_MDNS": "true"}
    config = load(tmp_path, toml, env, {"net.port": 3, "log.level": None})
    assert (config.port, config.mdns, config.ops_per_minute, config.log_level) == (
        3,
        True,
        7,
        "info",
    )
    assert config.origins["net.port"] == "flag"
    assert config.origins["net.mdns"] == "environment: P2PNODE_NET_MDNS"
    assert config.origins["limits.ops_per_minute"] == f"file: {tmp_path / 'config.toml'}"
    assert config.origins["log.level"] == "default"


def test_every_setting_can_come_from_the_file(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        f"""
        [net]
        port = 0
        hosts = ["127.0.0.1", "::1"]
        announce = ["/dns4/node.example.org/tcp/443"]
        bootstrap = ["{PEER}"]
        mdns = false
        [log]
        level = "debug"
        format = "json"
        [limits]
        ops_per_minute = 1
        [storage]
        keep_epochs = 9
        full_replay = true
        """,
    )
    assert list(config.by_key().values()) == [
        0,
        ("127.0.0.1", "::1"),
        ("/dns4/node.example.org/tcp/443",),
        (PEER,),
        False,
        "debug",
        "json",
        1,
        9,
        True,
    ]
    assert "default" not in config.origins.values()


def test_every_setting_can_come_from_the_environment(tmp_path: Path) -> None:
    env = {
        "P2PNODE_NET_PORT": "0",
        "P2PNODE_NET_HOSTS": "127.0.0.1, ::1",
        "P2PNODE_NET_ANNOUNCE": "/dns/a.example/tcp/1",
        "P2PNODE_NET_BOOTSTRAP": f"{PEER},{PEER}",
        "P2PNODE_NET_MDNS": "0",
        "P2PNODE_LOG_LEVEL": "error",
        "P2PNODE_LOG_FORMAT": "logfmt",
        "P2PNODE_LIMITS_OPS_PER_MINUTE": "5",
        "P2PNODE_STORAGE_KEEP_EPOCHS": "3",
        "P2PNODE_STORAGE_FULL_REPLAY": "true",
    }
    assert {one.variable for one in SETTINGS} == env.keys()
    config = load(tmp_path, env=env)
    assert config.hosts == ("127.0.0.1", "::1")
    assert config.bootstrap == (PEER, PEER)
    assert (config.port, config.mdns, config.ops_per_minute) == (0, False, 5)
    assert all(one.startswith("environment") for one in config.origins.values())


@pytest.mark.parametrize("variable", [one.variable for one in SETTINGS])
@pytest.mark.parametrize("empty", ["", " "])
def test_empty_variable_is_refused_unless_a_flag_beats_it(
    tmp_path: Path, variable: str, empty: str
) -> None:
    with pytest.raises(ConfigError, match=f"{variable} is empty") as caught:
        load(tmp_path, env={variable: empty})
    assert caught.value.code == "bad_config"
    flags = {one.key: one.default for one in SETTINGS if one.variable == variable}
    assert load(tmp_path, flags=flags, env={variable: empty}).origins[next(iter(flags))] == "flag"


def test_an_empty_list_in_the_environment_is_a_comma(tmp_path: Path) -> None:
    config = load(tmp_path, f'[net]\nbootstrap = ["{PEER}"]', env={"P2PNODE_NET_BOOTSTRAP": ","})
    assert config.bootstrap == ()


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[net]\nport = 70000", "net.port = 70000"),
        ("[net]\nport = true", "net.port = true"),
        ('[net]\nport = "80"', 'net.port = "80"'),
        ("[net]\nport = 80.0", "net.port = 80.0"),
        ('[net]\nhosts = "0.0.0.0"', "a list is expected"),
        ('[net]\nhosts = ["localhost"]', '"localhost" is not an IP address'),
        ("[net]\nhosts = [4]", "4 is not a text"),
        ('[net]\nannounce = ["10.0.0.1:80"]', "is not a multiaddr"),
        ('[net]\nannounce = ["/ip4/10.0.0.1/udp/1"]', "has no TCP port"),
        ('[net]\nannounce = ["/ip4/10.0.0.1/tcp/0"]', "has no TCP port"),
        ('[net]\nbootstrap = ["/ip4/10.0.0.1/tcp/1"]', "peer id"),
        ('[net]\nmdns = "yes"', "true or false is expected"),
        ("[net]\nmdns = 1", "true or false is expected"),
        ('[log]\nlevel = "loud"', "allowed is debug, info, warning or error"),
        ("[log]\nformat = 1", "allowed is console, json or logfmt"),
        ("[limits]\nops_per_minute = 0", "limits.ops_per_minute = 0"),
    ],
)
def test_wrong_value_names_key_value_origin_and_what_is_allowed(
    tmp_path: Path, toml: str, says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, toml)
    message = str(caught.value)
    assert says in message
    assert f"(file: {tmp_path / 'config.toml'})" in message
    assert "allowed is" in message
    assert caught.value.code == "bad_config"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("P2PNODE_NET_PORT", "eighty"), ("P2PNODE_NET_MDNS", "yes"), ("P2PNODE_LOG_LEVEL", "INFO")],
)
def test_wrong_variable_is_named(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f'"{value}".*environment: {variable}'):
        load(tmp_path, env={variable: value})


@pytest.mark.parametrize(
    ("toml", "key", "near"),
    [
        ("[net]\nprot = 1", "net.prot", "net.port"),
        ("[network]\nmdns = true", "network.mdns", "net.mdns"),
        ("port = 1", "port", "net.port"),
        ('[logging]\nlevel = "info"', "logging.level", "log.level"),
    ],
)
def test_unknown_key_is_a_warning_with_the_nearest_name(
    tmp_path: Path, toml: str, key: str, near: str
) -> None:
    (warning,) = load(tmp_path, toml).warnings
    assert f"{key} is not a setting" in warning
    assert f"did you mean {near}?" in warning
    assert str(tmp_path / "config.toml") in warning


def test_key_like_no_other_is_answered_with_those_that_exist(tmp_path: Path) -> None:
    (warning,) = load(tmp_path, "[zzz]\nqqq = 1").warnings
    assert "known are net.port, " in warning


def test_mistyped_variable_is_a_warning_and_others_are_none_of_ours(tmp_path: Path) -> None:
    env = {"P2PNODE_NET_PROT": "1", "P2PNODE_HOME": "/x", "P2PNODE_JSON": "1", "NET_PORT": "1"}
    (warning,) = load(tmp_path, env=env).warnings
    assert "P2PNODE_NET_PROT is not a setting" in warning
    assert "did you mean P2PNODE_NET_PORT?" in warning


def test_unknown_flag_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"did you mean net\.port\?"):
        load(tmp_path, flags={"net.prot": 1})


@pytest.mark.parametrize("toml", ["[net\n", "net = = 1", "[net]\nport = 1\nport = 2"])
def test_file_that_is_no_toml_is_refused_with_the_place(tmp_path: Path, toml: str) -> None:
    with pytest.raises(ConfigError, match=r"line \d|end of document") as caught:
        load(tmp_path, toml)
    assert str(tmp_path / "config.toml") in str(caught.value)


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError):
        load(tmp_path)


def test_directory_in_the_files_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(ConfigError):
        load(tmp_path)


@pytest.mark.parametrize("text", ["--5", "1_0", "+1", "٣", "²", "1.0", "9" * 5000, "-"])
def test_a_number_in_the_environment_is_its_digits(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        load(tmp_path, env={"P2PNODE_LIMITS_OPS_PER_MINUTE": text})


@pytest.mark.parametrize("port", ["٣", "1_0", "+1", "²", "9" * 5000, ""])
def test_a_port_in_an_address_is_its_digits(tmp_path: Path, port: str) -> None:
    with pytest.raises(ConfigError):
        load(tmp_path, env={"P2PNODE_NET_BOOTSTRAP": PEER.replace("17470", port)})
