"""Who calls this node and has proved nothing yet."""
