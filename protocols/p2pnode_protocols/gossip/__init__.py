"""What passes between peers: who is connected, who lacks what, what to send, what to ask for."""
