"""Commands about proposals and what was said of them."""
