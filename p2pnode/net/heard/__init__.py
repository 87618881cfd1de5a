"""Hearing a peer: bytes, then frames, then messages for the core."""
