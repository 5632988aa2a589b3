"""The account of sources that lies beside the bundled aggregates."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from lwoopro.codes import TRACKS
from lwoopro.duo.result import DuoResult

__all__ = ["sources"]

_RAW: Final = {
    "enrolment": ("DUO, pupils in vo per location and education type, 1 October 2019", "CC0"),
    "locations": ("DUO, all locations of vo with postcode and municipality", "CC0"),
    "location_swv": ("DUO, early school leavers per swv 2015: location → swv", "CC0"),
    "postcode_swv": (
        "Regeling regio-indeling (BWBR0032324): postcode → municipality, swv; division of 2015",
        "no copyright (law)",
    ),
    "exams_2015": ("DUO, exam candidates per location, school years 2014-2015 to 2018-2019", "CC0"),
    "exams_2020": ("DUO, exam candidates per location, school years 2019-2020 to 2023-2024", "CC0"),
    "municipalities": (
        "polygons of the municipalities of 2015, WGS84 (CBS, Kadaster)",
        "CC-BY 4.0",
    ),
    "shrinking": ("municipalities of the nine shrinking regions", "*approximate* list"),
    "cbs": ("CBS, municipality figures of 2021 weighted to swv", "CC-BY 4.0"),
}

_TEXT: Final = """\
# Where these figures come from

Written by `python -m lwoopro.duo.bundle --data DIR --out DIR`, as are the csv files beside it:
change that module, not these files. Only sums per swv are stored; no file of a source is copied
here. The division into 75 swv is that of 2015; CBS's study of 2022 used that of 2020 (U-1).
VO0001 is national (reformed schools) and has no area: it lacks a centre and neighbours.

## Sources

{sources}
"CC0" and "CC-BY 4.0" are the terms under which DUO and CBS publish open data. Source of the CBS
figures: Statistics Netherlands (CBS), opendata.cbs.nl, edited.

## swv.csv: 1 October 2019

{pupils:,} pupils in vo, {upper:,} of them in vmbo grades 3-4, {pro:,} in pro, {lwoo:,} registered
for lwoo ({shares} in grades 3-4).

- `vo`: every row of the enrolment file, pro, vavo and grades 1-2 included. `bb … tl`: grades 3-4
  of the rows whose education type names the track; vavo is not among them. `bb_3 … tl_4`: the
  same by grade.
- `lwoo`: rows whose programme says LWOO, all grades; `lwoo_34`, `lwoo_bb …`: in grades 3-4.
- `pro_1 … pro_6`: by year of stay. `suppressed`: cells `<5` in the row's sums (the file of 2019
  has none).
- Placing of locations (U-3, U-4), enrolment and exam files together:

{evidence}
- `q_lwoo_2012`, `q_pro_2012`: ***assumed***. The figures per swv of 1 October 2012 are not in our
  sources; the national shares, 10.6 % and 2.9 % of vo, are unverified. `q_pro_2012` is the share
  of pro in 2019, scaled. `q_lwoo_2012` starts from what the tracks of grades 3-4 let expect at
  national rates per track, times a regional factor (Amsterdam 1.3; the north and the Achterhoek
  1.15; Zeeland and Zuid-Limburg 0.8; else 1); a swv that registers at least 0.5 % of vo as lwoo
  takes half of that and half of its own registered share. No more than 20 %.
- `region`: `g4` for the swv with most postcodes of Amsterdam, Rotterdam, Den Haag or Utrecht.
  `shrinking` where at least half of the upper-vmbo pupils go to school in a municipality of the
  approximate list, `anticipating` from 10 %: an *assumed* rule, not the official list of
  anticipating regions. Else empty.

## cohorts.csv: school years 2014-2015 to 2023-2024

vmbo exam candidates per swv, school year (of the exam) and track; learn-work routes (LWT) are bb.
The total per location and programme is read; `<5` counts as 2.5 and is counted in `suppressed`
({suppressed:,} cells, the last five years). Locations that closed or opened since are placed as
above.

## context.csv

- `name`: the municipality, or the two, where most of the swv's pupils go to school.
- `vmbo_locations`, `location_mean`, `location_cv`: school locations with upper-vmbo pupils, their
  mean number of such pupils, and the standard deviation over the mean.
- `shrinking_share`: share of upper-vmbo pupils at locations in municipalities of the approximate
  list.
- `low_edu_pct`, `high_edu_pct`, `nonwestern_pct`, `low_income_pct`: CBS 2021, in per cent of the
  population.
- `lon`, `lat`: mean of the centres of municipalities, weighted by postcodes; degrees, WGS84.

## neighbours.csv

Pairs of swv with a common border, both directions. `border_km` from the polygons (a municipality
that postcodes divide counts by their shares), `distance_km` between the centres, `weight` =
border_km · exp(−distance_km / 15 km), *assumed*: no flows between swv are published. Borders in
large waters count as others do; distance makes them light.
"""


def sources(path: Mapping[str, Path], result: DuoResult, swv: pd.DataFrame) -> str:
    """Say where the bundled figures come from, under what terms, and what is assumed.

    Parameters
    ----------
    path : mapping of str to Path
        The raw files by the keys of `lwoopro.duo.bundle.FILES`.
    result : DuoResult
        What the DUO files gave.
    swv : DataFrame
        The table of swv as written.

    Returns
    -------
    str
        Markdown.
    """
    rows = ["| file | what | terms | SHA-256 |", "|---|---|---|---|"]
    for key, file in path.items():
        what, terms = _RAW[key]
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        rows.append(f"| {file.name} | {what} | {terms} | `{digest[:16]}…` |")
    evidence = ["  | evidence | locations | pupils | exam candidates |", "  |---|---|---|---|"]
    evidence += [
        f"  | {e.description} | {e.locations:,} | {e.pupils:,.0f} | {e.candidates:,.1f} |"
        for e in result.summary.evidence
    ]
    shares = [f"{100 * swv[f'lwoo_{t}'].sum() / swv[t].sum():.1f} % of {t}" for t in TRACKS]
    return _TEXT.format(
        sources="\n".join(rows) + "\n",
        pupils=int(swv["vo"].sum()),
        upper=int(swv[list(TRACKS)].sum().sum()),
        pro=int(swv["pro"].sum()),
        lwoo=int(swv["lwoo"].sum()),
        shares=", ".join(shares),
        evidence="\n".join(evidence) + "\n",
        suppressed=result.summary.suppressed_candidates,
    )
