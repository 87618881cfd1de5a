"""What a world is made of: nodes, disks, the network, people and strangers."""
