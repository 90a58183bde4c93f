"""How a policy is trained: recipes, runs, and the data that the project makes itself."""

from .recipe import Recipe, load_recipe
from .run import train

__all__ = ["Recipe", "load_recipe", "train"]
