"""One module per noun; each makes routes: of the host, or of the community that a path names."""
