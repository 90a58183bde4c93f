"""From the inert tree to a solution. Imported by workers only: a query can take any amount of time and memory."""
