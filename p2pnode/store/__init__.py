"""What a node keeps on this machine: paths, configuration, key, lock and store.

Nothing is imported here on purpose: the command line takes `paths` and `config` from
this package on its fast path and must not pay for SQLite or `cryptography`.
"""
