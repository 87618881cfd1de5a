"""What can be asked of a community as it runs here: nothing in this room changes anything."""
