"""The files of one home: paths, configuration, key, lock, what is under way, what was signed.

Nothing is imported here on purpose: the command line takes `paths` and `config` from
this package on its fast path and must not pay for `cryptography`.
"""
