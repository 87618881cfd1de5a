"""What people see: documents, times, streams, the terminal."""
