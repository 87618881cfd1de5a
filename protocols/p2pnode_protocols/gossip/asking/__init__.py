"""What is not here and is asked for: pulls of blocks, wants of single blocks and texts."""
