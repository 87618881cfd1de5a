"""What is said to a community: each verb in the part that has it."""
