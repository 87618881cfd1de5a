"""What is asked, how it is counted and decided, and all of it by number."""
