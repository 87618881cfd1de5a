"""What people type: files, moments, options."""
