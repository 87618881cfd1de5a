"""The pure core of p2pnode: no clock, socket, disk, thread, randomness or logging inside.

    core = Core(community, signer, restored, now)
    step = core.handle(Submit(body, texts), now)    # then writes, sends, notices, wake_at
    verdict = check_certificate(community, data)    # a decision's proof: docs/certificates.md

What goes in and what comes out is in `steps`; a peer's bytes become messages in
`messages.frames.read_frame`; a community begins with `core.log.epoch.found_epoch(charter)`.
Which rooms there are: docs/architecture.md, The core.

Names are imported when they are first used: whoever wants `ids` alone pays for no more.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .core import Core as Core
    from .core.log.epoch import found_epoch as found_epoch
    from .messages.frames import read_frame as read_frame
    from .messages.frames import write_frame as write_frame
    from .record.certificates.checking import check_certificate as check_certificate
    from .record.certificates.faults import CertificateFault as CertificateFault
    from .record.opener import Opener as Opener
    from .record.seats.charter import Charter as Charter
    from .record.seats.charter import default_charter as default_charter
    from .record.seats.charter import founder_seat as founder_seat
    from .steps.inputs import Input as Input
    from .steps.inputs import Now as Now
    from .steps.inputs import Submit as Submit
    from .steps.restored import Restored as Restored
    from .steps.step import Step as Step
    from .wire.crypto import Ed25519Signer as Ed25519Signer

_HOMES = {
    "CertificateFault": "record.certificates.faults",
    "Charter": "record.seats.charter",
    "Core": "core",
    "Ed25519Signer": "wire.crypto",
    "Input": "steps.inputs",
    "Now": "steps.inputs",
    "Opener": "record.opener",
    "Restored": "steps.restored",
    "Step": "steps.step",
    "Submit": "steps.inputs",
    "check_certificate": "record.certificates.checking",
    "default_charter": "record.seats.charter",
    "found_epoch": "core.log.epoch",
    "founder_seat": "record.seats.charter",
    "read_frame": "messages.frames",
    "write_frame": "messages.frames",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{home}", __name__), name)
    return value
