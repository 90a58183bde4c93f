"""From the inert tree to a solution. Meant for workers: a query can take any amount of time and memory."""
