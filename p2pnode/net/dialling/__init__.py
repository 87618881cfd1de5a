"""What is known of one device, and when to dial it."""
