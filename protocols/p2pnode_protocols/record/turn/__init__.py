"""Whether an op's turn has come: nonces, what waits for something, what it takes of a share."""
