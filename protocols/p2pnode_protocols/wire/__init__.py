"""Bytes, ids, refusals and bounds: what has no meaning yet."""
