"""What the log means: the kinds of op, the state that they make, and how it is shown.

Rules: docs/protocol.md §10. It knows nothing of messages, of peers, or of when a commit comes.
"""
