"""What others make this node keep: a share for each seat, and the blocks that wait in theirs."""
