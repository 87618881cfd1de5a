"""One module per noun; each makes a router from a host."""
