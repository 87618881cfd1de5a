"""What the daemon is asked, and what is remembered of what it said."""
