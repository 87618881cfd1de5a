"""Ratings at the node (docs/practices/ratings.md)."""
