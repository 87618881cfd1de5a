"""The local HTTP API: what the command line, scripts and pages talk to (docs/api.md).

A room of its own: routes by noun, one place for errors, one for request bodies. The
answers' shapes are the Python API's (`p2pnode.answers`).
"""
