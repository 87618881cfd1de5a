"""A new device key together with its mark: a key made here has signed nothing yet."""

from __future__ import annotations

from .keystore import SCRYPT_LOG2_N, DeviceSecret, create_key
from .mark import Marks
from .paths import Paths


def create_identity(
    paths: Paths, passphrase: bytes | None = None, *, log2_n: int = SCRYPT_LOG2_N
) -> DeviceSecret:
    """Make this home's device key, and note that it has signed nothing.

    Without the mark the node would first ask its peers how far the key had signed: after a
    crash in between it does so, and finds nothing.

    Args:
        paths: of a home that is prepared.
        passphrase: as `create_key`.
        log2_n: as `create_key`.

    Raises:
        KeyFileError: as `create_key`.
        StoreError: `store_unusable`, `disk_full`.
    """
    secret = create_key(paths.key_file, passphrase, log2_n=log2_n)
    Marks.create(paths.mark_file(secret.signer.device), secret.signer.device).close()
    return secret
