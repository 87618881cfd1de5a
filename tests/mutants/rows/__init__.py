"""The rows, by the room of the file that is weakened."""
