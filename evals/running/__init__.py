"""Runs evaluations: what is asked, in which order, how it is logged and scored."""
