"""The pure core of p2pnode: no clock, socket, disk, thread, randomness or logging inside.

    core = Core(community, signer, restored, now)
    step = core.handle(Submit(body, texts), now)    # then writes, sends, notices, wake_at
    verdict = check_certificate(community, data)    # a decision's proof: docs/certificates.md

What goes in and what comes out is in `steps.py`; a peer's bytes become messages in
`messages.read_frame`; a community begins with `epoch.found_epoch(charter)`.

Names are imported when they are first used: whoever wants `ids` alone pays for no more.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .certificates import CertificateFault as CertificateFault
    from .certificates import check_certificate as check_certificate
    from .charter import Charter as Charter
    from .charter import default_charter as default_charter
    from .charter import founder_seat as founder_seat
    from .core import Core as Core
    from .crypto import Ed25519Signer as Ed25519Signer
    from .epoch import found_epoch as found_epoch
    from .messages import read_frame as read_frame
    from .messages import write_frame as write_frame
    from .opener import Opener as Opener
    from .steps import Input as Input
    from .steps import Now as Now
    from .steps import Restored as Restored
    from .steps import Step as Step
    from .steps import Submit as Submit

_HOMES = {
    "CertificateFault": "certificates",
    "Charter": "charter",
    "Core": "core",
    "Ed25519Signer": "crypto",
    "Input": "steps",
    "Now": "steps",
    "Opener": "opener",
    "Restored": "steps",
    "Step": "steps",
    "Submit": "steps",
    "check_certificate": "certificates",
    "default_charter": "charter",
    "found_epoch": "epoch",
    "founder_seat": "charter",
    "read_frame": "messages",
    "write_frame": "messages",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{home}", __name__), name)
    return value
