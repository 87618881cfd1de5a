"""What is not final yet: ops that no commit holds, the preview with them, when they are due."""
