"""What all benchmarks share: figures and their table, the machine, nodes to measure."""
