"""Training data that the project makes itself."""
