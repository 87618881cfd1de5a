"""One community as it runs on this node."""
