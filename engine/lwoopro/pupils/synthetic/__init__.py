"""The synthetic population that ships with the engine (model §10)."""

from lwoopro.pupils.synthetic.generate import SyntheticPopulation, generate, generate_from
from lwoopro.pupils.synthetic.source import read_source

__all__ = ["SyntheticPopulation", "generate", "generate_from", "read_source"]
