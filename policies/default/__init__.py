"""The adapter that turns the embedded base into the default policy."""
