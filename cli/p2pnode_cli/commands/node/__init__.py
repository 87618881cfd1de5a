"""Commands about this node, and what stands in it."""
