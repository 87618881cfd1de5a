"""What a node keeps of its community: one SQLite file."""
