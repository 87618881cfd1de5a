"""The command line: what people type, and what it prints back.

It holds no rules and no keys: everything it knows it asks the daemon on this machine, over
the daemon's Unix socket. Importing it must stay cheap (tests/cli/typing/test_imports.py).
"""
