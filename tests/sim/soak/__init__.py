"""Days in the life of nine laptops that sleep, in virtual time.

`habits` says when each laptop is open, `days` lets people live with them and holds the run
to its promises, `growth` weighs what it left on a disk, `program` is the command.
"""
