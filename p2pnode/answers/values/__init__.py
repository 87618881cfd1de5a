"""What the node answers, as values."""
