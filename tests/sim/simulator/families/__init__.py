"""Kinds of runs: what is drawn for one, and what it has to keep."""
