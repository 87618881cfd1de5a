"""Who may act: the charter, the roster of seats, keys and invites, and what may be a name."""
