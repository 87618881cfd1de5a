"""What a log is: signed ops in blocks, who finalizes, the commit rule, roots and receipts.

It knows no kind of op, what reads their bodies is handed in; and of a charter only the seats that
finalize (`committee.Seats`).
"""
