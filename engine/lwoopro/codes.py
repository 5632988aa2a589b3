"""The codes of the pupil table, in the order that the engine numbers them (S-2, U-1).

A code's position in its tuple is the small integer that the engine computes with. Empty cells are
``EMPTY``. Nothing else in the program writes these lists down again.
"""

from typing import Final

__all__ = [
    "ATTRIBUTIONS",
    "DEBT",
    "EDUCATION_LEVELS",
    "EMPTY",
    "NATIONAL_SWV",
    "NO_CLASS",
    "ORIGINS",
    "REGISTRATIONS",
    "STAYS",
    "TRACKS",
    "TRACK_GROUPS",
    "TRACK_GROUP_OF_TRACK",
]

EMPTY: Final = -1
"""Stands for an empty cell in every integer column of codes."""

NO_CLASS: Final = -(2**63)
"""Stands for an empty imputation class: classes are any other int64."""

EDUCATION_LEVELS: Final = (
    "primary",
    "vmbo_bk",
    "vmbo_gt",
    "mbo23",
    "havo_vwo",
    "mbo4",
    "bachelor",
    "master",
)
"""Education of a parent, low to high (onderwijsniveau); the list is *assumed*, S-2."""

ORIGINS: Final = ("nl", "north_africa", "suriname_antilles", "turkey", "other")
"""Origin of the parents, one per pupil (herkomst), S-2."""

STAYS: Final = ("0-5", "5-10", "10+")
"""The mother's stay in the Netherlands in years (verblijfsduur), S-2."""

DEBT: Final = ("no", "yes")
"""Debt restructuring (wsnp), S-2."""

TRACKS: Final = ("bb", "kb", "gl", "tl")
"""Tracks of vmbo (leerwegen)."""

TRACK_GROUPS: Final = ("bbkb", "gltl")
"""Track groups with a start value each, S-1."""

TRACK_GROUP_OF_TRACK: Final = (0, 0, 1, 1)
"""Position in `TRACK_GROUPS` of each of `TRACKS`."""

REGISTRATIONS: Final = ("complete", "no_father", "no_mother", "no_parents", "unregistered")
"""Who of child and parents stands in the population register (I-2, I-3)."""

ATTRIBUTIONS: Final = ("school", "home")
"""Where a pupil counts (school-/woonplaatsbeginsel)."""

NATIONAL_SWV: Final = "VO0001"
"""The national swv of the reformed schools, on no map (U-1)."""
