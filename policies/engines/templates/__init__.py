"""Chat templates (Jinja) for models whose own template lacks tools."""
