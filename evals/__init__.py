"""Suites, scorers, statistics."""

from .statistics import wilson

__all__ = ["wilson"]
