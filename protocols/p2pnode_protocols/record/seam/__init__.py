"""What a practice is, which of them are in force, and what they keep."""
