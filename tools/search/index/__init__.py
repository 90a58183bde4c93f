"""Collections of passages on disk: how they are written, kept up to date, and ranked."""
