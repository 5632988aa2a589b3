"""Exam candidates that are published as "<5": what they may have been (Q-1, model §10).

The cohorts of a bundled population say how many suppressed cells there are in every sum of a swv,
school year and track. Each counts as 2.5 there. Here each gets a value of its own, 1 to 4, all
equally likely: nothing more is known of it. The pupils of the years that exam candidates carry
follow from these.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro import codes
from lwoopro.pupils.synthetic.counts import exam_counts
from lwoopro.pupils.synthetic.source import Source, bundled_folder, csv_rows, read_source

__all__ = ["MOST", "SuppressedCohorts", "read_suppressed"]

MOST: Final = 4
"""The largest number that is published as "<5"."""

_MEAN: Final = 2.5
_REAL_YEAR: Final = 2019


@dataclass(frozen=True, eq=False)
class SuppressedCohorts:
    """The exam candidates of a bundled population, with what is suppressed in them.

    Attributes
    ----------
    source : Source
    candidates : mapping of int to float64 array (4, swv)
        By the year in which the school year begins; a suppressed cell counts as 2.5.
    cells : mapping of int to int64 array (4, swv)
        Suppressed cells in each of them.
    """

    source: Source
    candidates: Mapping[int, NDArray[np.float64]]
    cells: Mapping[int, NDArray[np.int64]]

    def uncertain(self, years: Sequence[int]) -> tuple[int, ...]:
        """Years of a study whose counts hold suppressed cells."""
        # linked counts lean on the exam candidates of the real year, too
        linked = (_REAL_YEAR, _REAL_YEAR + 1) if self.source.parameters["counts.link"] else ()
        return tuple(
            year
            for year in sorted(years)
            if year != _REAL_YEAR
            and any(int(self.cells[y].sum()) for y in (year, year + 1, *linked) if y in self.cells)
        )

    def drawn(self, value: Callable[[int, int, int], NDArray[np.int64]]) -> Source:
        """Make the source with other counts.

        Parameters
        ----------
        value : callable
            Gives the numbers of the suppressed cells of a school year, track and swv, by position:
            int64 array, shape ``(cells,)``.

        Returns
        -------
        Source
        """
        candidates = {}
        for year, block in self.candidates.items():
            new = block - _MEAN * self.cells[year]
            for track, swv in np.argwhere(self.cells[year] > 0).tolist():
                new[track, swv] += value(year, track, swv).sum()
            candidates[year] = new
        real = {key: table for key, table in self.source.counts.items() if key[0] == _REAL_YEAR}
        link = self.source.parameters["counts.link"]
        return replace(self.source, counts=exam_counts(candidates, real, link, _REAL_YEAR))


def read_suppressed(population: str | Path) -> SuppressedCohorts | None:
    """Read the cohorts of a bundled population; None where there are none.

    Parameters
    ----------
    population : str or Path
        As `read_source` takes it.
    """
    path = Path(population)
    file = bundled_folder(path.name) / "cohorts.csv"
    if not isinstance(population, str) or path.name != population or not file.is_file():
        return None
    source = read_source(population)
    place = {name: j for j, name in enumerate(source.codes)}
    shape = (len(codes.TRACKS), len(place))
    candidates: dict[int, NDArray[np.float64]] = {}
    cells: dict[int, NDArray[np.int64]] = {}
    for row in csv_rows(file):
        if row["swv"] not in place:
            continue
        at = codes.TRACKS.index(row["track"]), place[row["swv"]]
        year = int(row["school_year"][:4])
        candidates.setdefault(year, np.zeros(shape))[at] = float(row["candidates"])
        cells.setdefault(year, np.zeros(shape, np.int64))[at] = int(row.get("suppressed") or 0)
    return SuppressedCohorts(source, candidates, cells)
