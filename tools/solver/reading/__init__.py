"""From text to an inert tree: what is asked, in the words of `syntax`. Nothing here imports SymPy."""
