"""What can be said of one's own seat and devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..call import Call, write_reference
from .asked import Wait, ask_signed

if TYPE_CHECKING:
    from ...answers import Receipt
    from ...answers.documents import BindingText


def away(
    *, wait: Wait = "provisional", timeout_s: int = 30, dry_run: bool = False
) -> Call[Receipt]:
    """Take this seat's node off the committee; the vote stays."""
    return ask_signed("POST", ("members", "me", "absence"), None, wait, timeout_s, dry_run)


def back(
    *, wait: Wait = "provisional", timeout_s: int = 30, dry_run: bool = False
) -> Call[Receipt]:
    """Put it back."""
    return ask_signed("DELETE", ("members", "me", "absence"), None, wait, timeout_s, dry_run)


def leave(
    *, wait: Wait = "provisional", timeout_s: int = 30, dry_run: bool = False
) -> Call[Receipt]:
    """Give the seat up."""
    return ask_signed("POST", ("members", "me", "departure"), None, wait, timeout_s, dry_run)


def add_device(
    binding: str, *, wait: Wait = "provisional", timeout_s: int = 30, dry_run: bool = False
) -> Call[Receipt]:
    """Bind a further device to the seat; `binding` comes from that device."""
    body = {"binding": binding}
    return ask_signed("POST", ("members", "me", "devices"), body, wait, timeout_s, dry_run)


def revoke_device(
    device: str | bytes, *, wait: Wait = "provisional", timeout_s: int = 30, dry_run: bool = False
) -> Call[Receipt]:
    """Take a device off the seat."""
    path = ("members", "me", "devices", write_reference("dev", device))
    return ask_signed("DELETE", path, None, wait, timeout_s, dry_run)


def set_node_key(
    device: str | bytes | None,
    *,
    wait: Wait = "provisional",
    timeout_s: int = 30,
    dry_run: bool = False,
) -> Call[Receipt]:
    """Say which device of the seat makes blocks; None: none does."""
    body = {"device": None if device is None else write_reference("dev", device)}
    return ask_signed("PUT", ("members", "me", "node-key"), body, wait, timeout_s, dry_run)


def bind_device(link: str, member: str | bytes | None = None) -> Call[BindingText]:
    """Agree, on a device without a seat, to be a further device of a seat."""
    body = {"link": link, "member": None if member is None else write_reference("mem", member)}
    path = ("node", "device-bindings")
    return Call("POST", path, body=body, answer="BindingText", of_node=True)


def request_binding(link: str) -> Call[BindingText]:
    """Agree to be a further device of whoever made this link, and join."""
    path = ("node", "device-bindings", "me")
    return Call("PUT", path, body={"link": link}, answer="BindingText", of_node=True)
