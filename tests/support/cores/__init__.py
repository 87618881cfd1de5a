"""Cores without a shell: a state, a core, a few of them, and what they are held against."""
