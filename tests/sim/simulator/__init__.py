"""A deterministic simulator of communities: one seed is one run, to the byte.

`World` holds virtual time, `Network` what passes between nodes, `SimNode` one device
with its core and store, `faults` and `people` what goes wrong and what is said,
`Promises` what must hold all the same (docs/protocol.md, Promises). Nothing here reads a
clock or a random source but the world's own `random.Random(seed)`.
"""
