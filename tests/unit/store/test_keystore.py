"""The device key's file: who may read it, what protects it, what it never does."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from p2pnode.home.errors import KeyFileError, StoreError
from p2pnode.home.keystore import clean_passphrase, create_key, is_encrypted, load_key
from p2pnode_protocols.wire.crypto import verify_ed25519

SECRET = b"correct horse"
FAST = 14  # scrypt's cost for tests, as log2 of N: 16 MiB instead of 128


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "device.key"


def refusal(path: Path, passphrase: bytes | None = None) -> KeyFileError:
    with pytest.raises(KeyFileError) as caught:
        load_key(path, passphrase)
    assert str(path) in caught.value.detail
    return caught.value


def rewrite(path: Path, **changes: object) -> None:
    content = json.loads(path.read_text())
    for name, value in changes.items():
        (content if name in content else content["sealed"])[name] = value
    path.write_text(json.dumps(content))


def test_key_comes_back_and_signs(path: Path) -> None:
    made = create_key(path)
    found = load_key(path)
    assert found.seed == made.seed
    assert verify_ed25519(made.signer.device, b"said", found.signer.sign(b"said"))
    assert not is_encrypted(path)


def test_two_keys_differ(tmp_path: Path) -> None:
    assert create_key(tmp_path / "a").seed != create_key(tmp_path / "b").seed


def test_encrypted_key_comes_back_with_its_passphrase_only(path: Path) -> None:
    made = create_key(path, SECRET, log2_n=FAST)
    assert is_encrypted(path)
    assert made.seed.hex() not in path.read_text()
    assert load_key(path, SECRET).seed == made.seed
    assert refusal(path, b"wrong").code == "bad_passphrase"
    needed = refusal(path)
    assert needed.code == "passphrase_needed"
    assert "--passphrase-file" in "; ".join(needed.steps)


def test_key_file_is_readable_by_its_owner_only(path: Path) -> None:
    create_key(path)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_looser_mode_is_refused_with_the_command_to_run(path: Path, mode: int) -> None:
    create_key(path)
    path.chmod(mode)
    error = refusal(path)
    assert error.code == "key_open_to_others"
    assert f"{mode:04o}" in error.detail
    assert error.steps == (f"chmod 600 {path}",)
    path.chmod(0o400)  # tighter than ours is fine
    load_key(path)


def test_existing_key_is_never_overwritten(path: Path) -> None:
    first = create_key(path)
    with pytest.raises(KeyFileError) as caught:
        create_key(path)
    assert caught.value.code == "key_exists"
    assert load_key(path).seed == first.seed
    assert [one.name for one in path.parent.iterdir()] == ["device.key"]  # no draft left


def test_empty_passphrase_is_refused_and_makes_no_file(path: Path) -> None:
    with pytest.raises(KeyFileError) as caught:
        create_key(path, b"")
    assert caught.value.code == "bad_passphrase"
    assert not path.exists()


def test_missing_key_says_how_to_make_one(path: Path) -> None:
    error = refusal(path)
    assert error.code == "key_missing"
    assert error.steps == ("p2pnode init",)


def test_later_version_is_refused(path: Path) -> None:
    create_key(path)
    rewrite(path, version=2)
    assert refusal(path).code == "key_too_new"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"format": "p2pnode-key"}',
        b'{"format": "p2pnode-key", "version": "1"}',
        b'{"format": "other", "version": 1}',
        b'{"format": "p2pnode-key", "version": 1, "device": "00"}',
        b" " * 5000,
    ],
)
def test_file_that_is_no_key_is_refused(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
    assert refusal(path).code == "key_damaged"


def test_seed_of_another_key_is_refused(path: Path, tmp_path: Path) -> None:
    create_key(path)
    rewrite(path, seed=create_key(tmp_path / "other").seed.hex())
    assert refusal(path).code == "key_damaged"


@pytest.mark.parametrize("name", ["salt", "nonce", "box"])
def test_changed_sealed_part_does_not_open(path: Path, name: str) -> None:
    create_key(path, SECRET, log2_n=FAST)
    value = json.loads(path.read_text())["sealed"][name]
    rewrite(path, **{name: ("0" if value[0] != "0" else "1") + value[1:]})
    assert refusal(path, SECRET).code == "bad_passphrase"


def test_public_key_is_authenticated_with_the_seed(path: Path, tmp_path: Path) -> None:
    create_key(path, SECRET, log2_n=FAST)
    rewrite(path, device=create_key(tmp_path / "other").signer.device.hex())
    assert refusal(path, SECRET).code == "bad_passphrase"


@pytest.mark.parametrize("log2_n", [0, 31, -1, "14", None])
def test_cost_that_would_eat_this_machine_is_refused(path: Path, log2_n: object) -> None:
    create_key(path, SECRET, log2_n=FAST)
    rewrite(path, log2_n=log2_n)
    assert refusal(path, SECRET).code == "key_damaged"


def test_unknown_cipher_is_refused(path: Path) -> None:
    create_key(path, SECRET, log2_n=FAST)
    rewrite(path, cipher="rot13")
    assert refusal(path, SECRET).code == "key_damaged"


def test_secret_is_not_shown_by_repr(path: Path) -> None:
    made = create_key(path)
    assert made.seed.hex() not in repr(made)
    assert str(made.seed) not in repr(made)


@pytest.mark.parametrize("raw", [b"pass word ", b"pass word \n", b"pass word \r\n"])
def test_line_end_is_no_part_of_a_passphrase(raw: bytes) -> None:
    assert clean_passphrase(raw) == b"pass word "


def test_what_cannot_be_written_is_told_and_a_key_that_is_there_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a disk that is mounted read-only."""
    path = tmp_path / "device.key"

    def refuse(*_arguments: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr("p2pnode.home.keystore.os.open", refuse)
        with pytest.raises(StoreError) as caught:
            create_key(path)
    assert caught.value.code == "store_unusable"
    assert ".new" not in caught.value.detail
    assert caught.value.steps
    create_key(path)
    with monkeypatch.context() as patch:
        patch.setattr("p2pnode.home.keystore.os.open", refuse)
        with pytest.raises(KeyFileError) as there:
            create_key(path)
    assert there.value.code == "key_exists"
