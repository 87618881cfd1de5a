"""The device key: one Ed25519 seed in one file, encrypted when a passphrase is given.

The file is JSON, version 1, mode 0600:

    {"format": "p2pnode-key", "version": 1,
     "device": hex of the public key,
     "seed": hex of the 32 bytes}                          without a passphrase, or
     "sealed": {"kdf": "scrypt", "log2_n": 17, "r": 8, "p": 1, "salt": hex of 16 bytes,
                "cipher": "chacha20-poly1305", "nonce": hex of 12 bytes,
                "box": hex of the encrypted seed and its tag}}

The key that seals is scrypt(passphrase, salt); the public key and every parameter beside
the box are authenticated with it, so none of them can be exchanged unnoticed.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from p2pnode_protocols.wire.crypto import Ed25519Signer
from p2pnode_protocols.wire.ids import DeviceKey

from .errors import KeyFileError, unusable

FORMAT = "p2pnode-key"
VERSION = 1
SEED_BYTES = 32
FILE_BYTES = 4096  # ours has under 600; more is not a key file

# OWASP's password storage advice for scrypt (N = 2¹⁷, r = 8, p = 1): 128 MiB, about 0.4 s.
SCRYPT_LOG2_N = 17
_SCRYPT_LOG2_N_MOST = 20  # 1 GiB: a file that asks for more is an attack on this machine
_SCRYPT_R = 8
_SCRYPT_P = 1


@dataclass(frozen=True, slots=True)
class DeviceSecret:
    """The unlocked key: what signs ops and blocks, and the seed libp2p builds its own from."""

    signer: Ed25519Signer
    seed: bytes

    @property
    def device(self) -> DeviceKey:
        return self.signer.device

    def __repr__(self) -> str:  # a traceback or a log line must never show the seed
        return f"DeviceSecret(device={self.signer.device.hex()})"


def create_key(
    path: Path, passphrase: bytes | None = None, *, log2_n: int = SCRYPT_LOG2_N
) -> DeviceSecret:
    """Make a new device key, write its file, and return it.

    The file appears whole or not at all, and one that is there is never replaced.

    Args:
        path: in a directory that exists.
        passphrase: encrypts the file; None leaves the file's mode as the only protection.
        log2_n: scrypt's cost, 14…20.

    Raises:
        KeyFileError: `key_exists`; `bad_passphrase` for an empty one.
        StoreError: `store_unusable`, `disk_full`: the directory cannot be written.
        OSError: the file cannot be written.
    """
    if passphrase is not None and not passphrase:
        raise KeyFileError(
            "bad_passphrase", "the passphrase is empty", "give one, or none for an open key file"
        )
    seed = secrets.token_bytes(SEED_BYTES)
    secret = DeviceSecret(Ed25519Signer(seed), seed)
    content: dict[str, object] = {
        "format": FORMAT,
        "version": VERSION,
        "device": secret.signer.device.hex(),
    }
    if passphrase is None:
        content["seed"] = seed.hex()
    else:
        content["sealed"] = _seal(seed, secret.signer.device, passphrase, log2_n)
    _write_new(path, json.dumps(content, indent=1).encode() + b"\n")
    return secret


def load_key(path: Path, passphrase: bytes | None = None) -> DeviceSecret:
    """Return the device key in `path`; a passphrase for an open file is not looked at.

    Raises:
        KeyFileError: `key_missing`, `key_open_to_others`, `key_damaged`, `key_too_new`,
            `passphrase_needed`, `bad_passphrase`.
    """
    content = _read_private(path)
    device = _hex(path, content, "device", 32)
    sealed = content.get("sealed")
    if sealed is None:
        seed = _hex(path, content, "seed", SEED_BYTES)
    elif passphrase is None:
        raise KeyFileError(
            "passphrase_needed",
            f"{path} is encrypted",
            "give the passphrase with --passphrase-file FILE (- reads it from stdin), or in "
            "P2PNODE_PASSPHRASE_FILE",
        )
    else:
        seed = _unseal(path, sealed, device, passphrase)
    secret = DeviceSecret(Ed25519Signer(seed), seed)
    if secret.signer.device != device:
        raise _damaged(path, "its seed does not belong to its public key")
    return secret


def read_device(path: Path) -> DeviceKey:
    """Return the public key in `path`; takes no passphrase. Raises as `is_encrypted`."""
    return DeviceKey(_hex(path, _read_private(path), "device", 32))


def adopt_key(path: Path, data: bytes) -> DeviceKey:
    """Write a key file's bytes, encrypted or not, as this home's; return its public key.

    Raises:
        KeyFileError: `key_exists`; `key_damaged`, `key_too_new`, and nothing is written.
    """
    device = DeviceKey(_hex(path, _parse(path, data), "device", 32))
    _write_new(path, data)
    return device


def is_encrypted(path: Path) -> bool:
    """Return whether `load_key` needs a passphrase; raises `KeyFileError` as that does."""
    return "sealed" in _read_private(path)


def clean_passphrase(raw: bytes) -> bytes:
    """Return the passphrase in what a file or stdin held: without the line's end."""
    return raw.removesuffix(b"\n").removesuffix(b"\r")


def _write_new(path: Path, data: bytes) -> None:
    if path.exists():  # also where nothing can be written
        raise _exists(path)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unusable(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # A second name and not rename(2): that would replace a key made in the meantime.
        os.link(draft, path)
    except FileExistsError:
        raise _exists(path) from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _exists(path: Path) -> KeyFileError:
    return KeyFileError(
        "key_exists",
        f"{path} holds a device key already",
        "use that one; another node needs another --home",
    )


def _read_private(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            # Of the open file, so that nobody can exchange it after the look.
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if os.name == "posix" and mode & 0o077:
                raise KeyFileError(
                    "key_open_to_others",
                    f"{path} has mode {mode:04o}, 0600 is allowed",
                    f"chmod 600 {path}",
                )
            data = file.read(FILE_BYTES + 1)
    except FileNotFoundError:
        raise KeyFileError("key_missing", f"{path} does not exist", "p2pnode init") from None
    except OSError as error:
        raise KeyFileError(
            "key_damaged", f"{path} cannot be read ({error.strerror})", "check who owns it"
        ) from error
    return _parse(path, data)


def _parse(path: Path, data: bytes) -> dict[str, object]:
    try:
        content = json.loads(data) if len(data) <= FILE_BYTES else None
    except ValueError:
        content = None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _damaged(path, "it is not a key file of p2pnode")
    version = content.get("version")
    if not isinstance(version, int):
        raise _damaged(path, "its version is not a number")
    if version > VERSION:
        raise KeyFileError(
            "key_too_new",
            f"{path} has version {version}, this program reads up to {VERSION}",
            "upgrade p2pnode",
        )
    return content


def _seal(seed: bytes, device: bytes, passphrase: bytes, log2_n: int) -> dict[str, object]:
    assert 14 <= log2_n <= _SCRYPT_LOG2_N_MOST
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    head = _head(device, log2_n, _SCRYPT_R, _SCRYPT_P, salt, nonce)
    key = _derive(passphrase, salt, log2_n, _SCRYPT_R, _SCRYPT_P)
    return {
        "kdf": "scrypt",
        "log2_n": log2_n,
        "r": _SCRYPT_R,
        "p": _SCRYPT_P,
        "salt": salt.hex(),
        "cipher": "chacha20-poly1305",
        "nonce": nonce.hex(),
        "box": ChaCha20Poly1305(key).encrypt(nonce, seed, head).hex(),
    }


def _unseal(path: Path, sealed: object, device: bytes, passphrase: bytes) -> bytes:
    if not isinstance(sealed, dict):
        raise _damaged(path, "its sealed part is not an object")
    if (sealed.get("kdf"), sealed.get("cipher")) != ("scrypt", "chacha20-poly1305"):
        raise _damaged(path, "its kdf or cipher is not known")
    log2_n, r, p = sealed.get("log2_n"), sealed.get("r"), sealed.get("p")
    if not (
        isinstance(log2_n, int)
        and 1 <= log2_n <= _SCRYPT_LOG2_N_MOST
        and (r, p) == (_SCRYPT_R, _SCRYPT_P)
    ):
        raise _damaged(path, f"its scrypt cost {log2_n}, {r}, {p} is not allowed")
    salt, nonce = _hex(path, sealed, "salt", 16), _hex(path, sealed, "nonce", 12)
    box = _hex(path, sealed, "box", SEED_BYTES + 16)
    key = _derive(passphrase, salt, log2_n, _SCRYPT_R, _SCRYPT_P)
    head = _head(device, log2_n, _SCRYPT_R, _SCRYPT_P, salt, nonce)
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, box, head)
    except InvalidTag:
        raise KeyFileError(
            "bad_passphrase",
            f"{path} does not open with this passphrase, or was changed",
            "check the passphrase file: everything in it but a last line end counts",
        ) from None


def _derive(passphrase: bytes, salt: bytes, log2_n: int, r: int, p: int) -> bytes:
    return Scrypt(salt, length=32, n=1 << log2_n, r=r, p=p).derive(passphrase)


def _head(device: bytes, log2_n: int, r: int, p: int, salt: bytes, nonce: bytes) -> bytes:
    """Return what the cipher authenticates; every part has a fixed length."""
    return b"p2pnode/key/1\0" + device + bytes([log2_n, r, p]) + salt + nonce


def _hex(path: Path, content: dict[str, object], name: str, length: int) -> bytes:
    value = content.get(name)
    try:
        data = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        data = b""
    if len(data) != length:
        raise _damaged(path, f"its {name} is not {length} bytes in hex")
    return data


def _damaged(path: Path, problem: str) -> KeyFileError:
    return KeyFileError(
        "key_damaged",
        f"{path}: {problem}",
        "restore it from a backup; if there is none, bind a new device key to the seat",
    )
