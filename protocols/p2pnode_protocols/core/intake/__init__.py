"""What comes in and whether it is kept: blocks, ops, texts."""
