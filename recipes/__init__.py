"""Training recipes and constitutions, as data to copy and edit."""
