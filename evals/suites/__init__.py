"""Suites that ship, as data."""
