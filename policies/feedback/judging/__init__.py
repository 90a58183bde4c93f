"""A policy as a judge of replies."""

from .judge import Judge, ToJudge

__all__ = ["Judge", "ToJudge"]
