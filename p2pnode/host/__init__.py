"""One process: the home it has open, and the community that runs in it."""
