"""How a policy is trained: recipes, their stages on TRL, runs, and the data that the project makes itself."""

from .recipe import Recipe, load_recipe
from .run import train

__all__ = ["Recipe", "load_recipe", "train"]
