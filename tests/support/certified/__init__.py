"""What proves decisions to outsiders, and every way to falsify it."""
