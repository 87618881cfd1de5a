"""This device: what it says and has signed, what becomes of its ops, whether it has a seat."""
