"""Published figures to put beside the computed ones (model §10; CBS22 ch. 3)."""

from collections.abc import Mapping
from typing import Final

__all__ = ["PROFILE", "PROFILE_SHARE", "REDISTRIBUTION", "SOURCE", "STABILITY", "YEAR"]

SOURCE: Final = "Statistics Netherlands, Richting een nieuw verdeelmodel voor lwoo (2022), ch. 3"

YEAR: Final = 2020
"""Reference date of the profile and of the redistribution, 1 October."""

PROFILE_SHARE: Final = 0.20

PROFILE: Final[Mapping[str, tuple[float, float]]] = {
    # line of the profile: share of the target group, share of all pupils
    "education_mother=primary": (0.39, float("nan")),
    "education_mother=high": (0.03, 0.22),
    "education_father=high": (0.03, 0.22),
    "origin=nl": (0.41, 0.66),
    "origin=three": (0.40, 0.22),
    "stay=10+": (0.88, 0.94),
    # "just over 1 %"
    "debt=yes": (0.04, 0.01),
    "asylum": (0.08, 0.02),
}
"""Target group of 20 % on 1 October 2020, beside all pupils."""

REDISTRIBUTION: Final = (
    (1, 5, 4, 1, 0, 0, 0),
    (0, 3, 7, 7, 0, 0, 0),
    (0, 0, 1, 24, 0, 0, 0),
    (0, 0, 0, 5, 3, 0, 0),
    (0, 0, 0, 2, 7, 2, 3),
)
"""Swv per cell of R-4's table, 20 % by school against current, 2020."""

STABILITY: Final[Mapping[int, tuple[tuple[int, ...], int]]] = {
    2020: ((0, 0, 17, 40, 15, 2, 1), 2),
    2019: ((4, 5, 7, 47, 11, 0, 1), 3),
    2018: ((0, 3, 12, 47, 11, 2, 0), 0),
}
"""By later year: row totals of R-2's table, and swv beyond 500 k euro and 5 %; 20 % by school."""
