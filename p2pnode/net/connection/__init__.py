"""One connection: TCP, Noise and yamux of libp2p, bounded."""
