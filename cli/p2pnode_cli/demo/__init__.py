"""The demo: five real nodes on this machine that decide, break and agree again.

`processes` runs the nodes, `following` hears what happens on them, `report` prints and keeps
count, `story` and `cut` are what happens.
"""
