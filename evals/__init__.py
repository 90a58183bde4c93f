"""Suites, scorers, statistics."""
