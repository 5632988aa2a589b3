"""The synthetic population that ships with the engine (model §10)."""

from lwoopro.pupils.synthetic.cache import cached
from lwoopro.pupils.synthetic.generate import SyntheticPopulation, generate, generate_from
from lwoopro.pupils.synthetic.shares import bundled_swv_table
from lwoopro.pupils.synthetic.source import bundled_folder, read_source

__all__ = [
    "SyntheticPopulation",
    "bundled_folder",
    "bundled_swv_table",
    "cached",
    "generate",
    "generate_from",
    "read_source",
]
