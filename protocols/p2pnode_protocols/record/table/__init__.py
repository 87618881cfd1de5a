"""Records as values while they are open, at rest as bytes once they are closed, and their dues."""
