"""Fictitious cities to try citygrow on: plausible answers, invented names, the same for the same seed.

The names mean "nowhere", "mist", "frog mountain" and the like in their languages; no such city is meant to exist. City
number seven is the same whether ten cities are made or a thousand.
"""

from citygrow_nb.demo.making import ROUND, cities, write

__all__ = ["ROUND", "cities", "write"]
