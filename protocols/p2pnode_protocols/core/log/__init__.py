"""Where the log is: what is final here, the epoch it is in, the rebuilds that are known."""
