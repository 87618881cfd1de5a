"""What two nodes say to each other (docs/protocol.md R7.1).

It knows no kind of op: what opens the objects in messages is handed in.
"""
