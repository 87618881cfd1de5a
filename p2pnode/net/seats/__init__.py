"""What all devices of one seat may make this node hold, and cost."""
