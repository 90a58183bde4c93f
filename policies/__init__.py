"""What speaks, and what trains it."""
