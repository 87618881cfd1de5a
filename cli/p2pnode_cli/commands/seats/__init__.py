"""Commands about members, devices and rules."""
