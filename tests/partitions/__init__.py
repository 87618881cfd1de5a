"""Real nodes in network namespaces, and what an unkind network does to them.

`lab` makes the namespaces, `relay` is the switch that delays and loses, `town` runs the
nodes, `watching` sees all that they show, `scenarios` is what happens, `program` the command.
"""
