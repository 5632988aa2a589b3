"""DUO open data → counts per swv and exam candidates per swv, school year and track."""

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import pandas as pd

from lwoopro.codes import TRACKS
from lwoopro.duo.files import (
    GRADES,
    read_enrolment,
    read_exams,
    read_location_swv,
    read_locations,
    read_postcode_swv,
)
from lwoopro.duo.placement import EVIDENCE, UNPLACED, place, placements
from lwoopro.errors import InputError, Problem

__all__ = ["DuoResult", "EvidenceCount", "Summary", "build", "write", "write_csvs"]

_T = TypeVar("_T")

_UPPER: Final = (3, 4)


@dataclass(frozen=True, slots=True)
class EvidenceCount:
    """What one kind of evidence placed.

    Attributes
    ----------
    evidence : str
        A key of `lwoopro.duo.placement.EVIDENCE`.
    description : str
        The same in words.
    locations : int
        Locations of the enrolment and exam files.
    pupils, upper_vmbo : float
        Pupils of the enrolment file, and those of them in vmbo, grades 3-4.
    candidates : float
        vmbo exam candidates, all school years together.
    """

    evidence: str
    description: str
    locations: int
    pupils: float
    upper_vmbo: float
    candidates: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What was read, and on what evidence it was placed.

    Attributes
    ----------
    evidence : tuple of EvidenceCount
        In the order of U-3; `unplaced` is the last.
    swv : int
        Number of swv.
    pupils, upper_vmbo, pro, lwoo : float
        National counts, unplaced ones included.
    mixed : float
        Upper-vmbo pupils whose row names two tracks of one group (`lwoopro.duo.tracks`).
    suppressed : int
        Cells ``<5`` among the pupils.
    school_years : tuple of str
        School years of the exam files.
    suppressed_candidates : int
        Cells ``<5`` among the exam candidates.
    superseded : tuple of str
        School years that an older exam file has as well, and that were read from the newer one.
    """

    evidence: tuple[EvidenceCount, ...]
    swv: int
    pupils: float
    upper_vmbo: float
    pro: float
    lwoo: float
    mixed: float
    suppressed: int
    school_years: tuple[str, ...]
    suppressed_candidates: int
    superseded: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class DuoResult:
    """Counts made of DUO files.

    Attributes
    ----------
    swv : DataFrame
        One row per swv, the columns of the contract's `swv.csv` and more: `bb_3` … `tl_4` by grade,
        `lwoo_34` and `lwoo_bb` … `lwoo_tl` in grades 3-4, `pro_1` … `pro_6` by year of stay,
        `suppressed` cells. `q_lwoo_2012`, `q_pro_2012` and `region` are empty: DUO does not know
        them.
    cohorts : DataFrame
        `swv`, `school_year`, `track`, `candidates`, `suppressed`: every swv × year × track.
    unplaced : DataFrame
        Locations that nothing places, with name, place and counts.
    places : DataFrame
        Every location with swv, evidence and counts; not written by `write`.
    summary : Summary
        Figures to print.
    """

    swv: pd.DataFrame
    cohorts: pd.DataFrame
    unplaced: pd.DataFrame
    places: pd.DataFrame
    summary: Summary


def build(
    enrolment: Path,
    locations: Path,
    location_swv: Path,
    postcode_swv: Path,
    exams: Sequence[Path] = (),
) -> DuoResult:
    """Count pupils per swv, and exam candidates per swv, school year and track (U-1, U-3, U-4).

    Parameters
    ----------
    enrolment : Path
        DUO, pupils per location and education type, 1 October.
    locations : Path
        DUO, locations with their postcode.
    location_swv : Path
        The published list of locations with their swv; its BRINs in VO0001 are RSVO.
    postcode_swv : Path
        Postcode-4 with its swv.
    exams : sequence of Path
        DUO, exam candidates. Where two files have a school year, the one that ends later counts.

    Returns
    -------
    DuoResult
        Counts in pupils; ``<5`` counts as 2.5 and is counted in `suppressed`.

    Raises
    ------
    InputError
        All defects of all files.
    """
    problems: list[Problem] = []
    pupils = _collect(problems, read_enrolment, enrolment)
    registry = _collect(problems, read_locations, locations)
    published = _collect(problems, read_location_swv, location_swv)
    postcodes = _collect(problems, read_postcode_swv, postcode_swv)
    files = [_collect(problems, read_exams, path) for path in exams]
    candidates, superseded = _join_exams(
        [(str(p), f) for p, f in zip(exams, files, strict=True) if f is not None], problems
    )
    if problems or pupils is None or registry is None or published is None or postcodes is None:
        raise InputError(problems)
    grades = [f"pupils_{grade}" for grade in GRADES]
    pupils["pupils"] = pupils[grades].sum(axis=1)
    pupils["suppressed"] = pupils[[f"suppressed_{grade}" for grade in GRADES]].sum(axis=1)
    pupils["upper"] = pupils["pupils_3"] + pupils["pupils_4"]

    units = _units(pupils, candidates)
    places = place(units, registry, published, postcodes, placements())
    codes = sorted({*published["swv"], *postcodes["swv"], *places["swv"]} - {""})
    swv_of = places.set_index("location")["swv"]
    pupils["swv"] = pupils["location"].map(swv_of)
    candidates["swv"] = candidates["location"].map(swv_of)
    unplaced = places.loc[
        places["evidence"] == UNPLACED,
        ["location", "name", "place", "pupils", "upper_vmbo", "candidates"],
    ].reset_index(drop=True)
    return DuoResult(
        swv=_swv_table(pupils, codes),
        cohorts=_cohorts(candidates, codes),
        unplaced=unplaced,
        places=places,
        summary=_summary(pupils, candidates, places, len(codes), superseded),
    )


def write(result: DuoResult, out: Path) -> tuple[Path, Path, Path]:
    """Write `swv.csv`, `cohorts.csv` and `unplaced.csv`, each whole or not at all.

    Parameters
    ----------
    result : DuoResult
        What `build` returned.
    out : Path
        Folder, made where it is absent. Files of the same names are replaced.

    Returns
    -------
    tuple of Path
        The three files.

    Raises
    ------
    InputError
        `out` is not a folder, or nothing can be written there.
    """
    frames = {
        "swv.csv": result.swv,
        "cohorts.csv": result.cohorts,
        "unplaced.csv": result.unplaced,
    }
    paths = tuple(out / name for name in frames)
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_csvs(dict(zip(paths, frames.values(), strict=True)))
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else "error"
        raise InputError(
            Problem(str(out), f"cannot be written: {reason}", "another folder")
        ) from None
    return paths[0], paths[1], paths[2]


def write_csvs(frames: Mapping[Path, pd.DataFrame]) -> None:
    """Write frames as comma, UTF-8, decimal point.

    All are written beside their places first and moved there last, so that a run that is killed
    leaves old files or new ones, never half of one.
    """
    staged: dict[Path, Path] = {}
    # mkstemp lets nobody else read; a plain new file would
    mask = os.umask(0)
    os.umask(mask)
    try:
        for path, frame in frames.items():
            handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            staged[path] = Path(temporary)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(_whole_numbers(frame).to_csv(index=False, lineterminator="\n"))
                file.flush()
                os.fsync(file.fileno())
            staged[path].chmod(0o666 & ~mask)
        for path, temporary_path in staged.items():
            temporary_path.replace(path)
    finally:
        for temporary_path in staged.values():
            temporary_path.unlink(missing_ok=True)


def _whole_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Make counts without a fraction integers; NaN stays an empty cell."""
    result = frame.copy()
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
            result[name] = column.astype("Int64")
    return result


def _collect(problems: list[Problem], reader: Callable[[Path], _T], path: Path) -> _T | None:
    try:
        return reader(path)
    except InputError as error:
        problems.extend(error.problems)
        return None


def _join_exams(
    files: list[tuple[str, pd.DataFrame]], problems: list[Problem]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Every school year once: DUO's files are windows of five years that overlap."""
    if not files:
        columns = ["location", "brin", "name", "place", "swv", "track", "school_year"]
        empty = pd.DataFrame({c: pd.Series(dtype=object) for c in columns})
        return empty.assign(candidates=0.0, suppressed=0), ()
    last = [(max(frame["school_year"]), path, frame) for path, frame in files]
    seen: set[str] = set()
    superseded: set[str] = set()
    newest: dict[str, str] = {}
    parts = []
    for end, path, frame in sorted(last, key=lambda item: item[0], reverse=True):
        if end in newest:
            problems.append(
                Problem(path, f"ends with {end}, as {newest[end]} does", "give each exam file once")
            )
        newest[end] = path
        years = set(frame["school_year"])
        superseded |= years & seen
        parts.append(frame[~frame["school_year"].isin(seen)])
        seen |= years
    return pd.concat(parts, ignore_index=True), tuple(sorted(superseded))


def _units(pupils: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """Locations of both sources, one row each, with what counts there."""
    columns = ["location", "brin", "name", "place"]
    rows = pd.concat([pupils[[*columns, "swv"]], candidates[[*columns, "swv"]]], ignore_index=True)
    own = rows[rows["swv"] != ""].drop_duplicates("location")
    stated = dict(zip(own["location"], own["swv"], strict=True))
    units = rows.drop_duplicates("location")[columns].sort_values("location", ignore_index=True)
    vmbo = pupils["track"].isin(TRACKS)
    sums = {
        "pupils": pupils.groupby("location")["pupils"].sum(),
        "upper_vmbo": pupils[vmbo].groupby("location")["upper"].sum(),
        "candidates": candidates.groupby("location")["candidates"].sum(),
    }
    for name, values in sums.items():
        units[name] = units["location"].map(values).fillna(0.0).astype(float)
    units["swv"] = [stated.get(location, "") for location in units["location"]]
    return units


def _swv_table(pupils: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    def per_swv(rows: pd.Series, column: str) -> pd.Series:
        return pupils[rows].groupby("swv")[column].sum().reindex(codes, fill_value=0).astype(float)

    every = pd.Series(True, index=pupils.index)
    upper = pupils["track"].isin(TRACKS)
    of = {track: pupils["track"] == track for track in (*TRACKS, "pro")}
    table = {"vo": per_swv(every, "pupils")}
    table |= {track: per_swv(of[track], "upper") for track in TRACKS}
    table["pro"] = per_swv(of["pro"], "pupils")
    table["lwoo"] = per_swv(pupils["lwoo"], "pupils")
    empty = pd.Series([np.nan] * len(codes), index=codes)
    table |= {"q_lwoo_2012": empty, "q_pro_2012": empty, "region": empty.astype(object)}
    table |= {f"pro_{year}": per_swv(of["pro"], f"pupils_{year}") for year in GRADES}
    table["lwoo_34"] = per_swv(pupils["lwoo"] & upper, "upper")
    table |= {f"lwoo_{t}": per_swv(pupils["lwoo"] & of[t], "upper") for t in TRACKS}
    table |= {f"{t}_{g}": per_swv(of[t], f"pupils_{g}") for t in TRACKS for g in _UPPER}
    table["suppressed"] = per_swv(every, "suppressed")
    frame = pd.DataFrame(table, index=pd.Index(codes, name="swv")).reset_index()
    return frame.assign(suppressed=frame["suppressed"].astype(np.int64))


def _cohorts(candidates: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    years = sorted(candidates["school_year"].unique())
    index = pd.MultiIndex.from_product(
        [codes, years, TRACKS], names=["swv", "school_year", "track"]
    )
    sums = candidates.groupby(["swv", "school_year", "track"])[["candidates", "suppressed"]].sum()
    cohorts = sums.reindex(index, fill_value=0).reset_index()
    return cohorts.astype({"candidates": float, "suppressed": np.int64})


def _summary(
    pupils: pd.DataFrame,
    candidates: pd.DataFrame,
    places: pd.DataFrame,
    swv: int,
    superseded: tuple[str, ...],
) -> Summary:
    upper = pupils["track"].isin(TRACKS)
    evidence = []
    for kind, description in EVIDENCE.items():
        rows = places[places["evidence"] == kind]
        sums = rows[["pupils", "upper_vmbo", "candidates"]].sum()
        evidence.append(
            EvidenceCount(kind, description, len(rows), *(float(value) for value in sums))
        )
    return Summary(
        evidence=tuple(evidence),
        swv=swv,
        pupils=float(pupils["pupils"].sum()),
        upper_vmbo=float(pupils.loc[upper, "upper"].sum()),
        pro=float(pupils.loc[pupils["track"] == "pro", "pupils"].sum()),
        lwoo=float(pupils.loc[pupils["lwoo"], "pupils"].sum()),
        mixed=float(pupils.loc[pupils["mixed"], "upper"].sum()),
        suppressed=int(pupils["suppressed"].sum()),
        school_years=tuple(sorted(candidates["school_year"].unique())),
        suppressed_candidates=int(candidates["suppressed"].sum()),
        superseded=superseded,
    )
