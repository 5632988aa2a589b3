"""The five kinds of DUO file, each read to a frame per row with checked cells.

`read_enrolment`, `read_exams`, `read_locations`, `read_location_swv` and `read_postcode_swv` take
either generation of headings. Each raises one `InputError` with all that is wrong in its file.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lwoopro.duo import fields
from lwoopro.duo.fields import Counts, find, missing, normalise
from lwoopro.duo.text import Table, read_table
from lwoopro.duo.tracks import enrolment_track, exam_track, is_lwoo, is_pro
from lwoopro.errors import InputError, Problem

__all__ = [
    "GRADES",
    "read_enrolment",
    "read_exams",
    "read_location_swv",
    "read_locations",
    "read_postcode_swv",
]

GRADES: Final = (1, 2, 3, 4, 5, 6)
"""Grade, or year of stay in pro (leer- of verblijfsjaar)."""

_NAME = ("instellingsnaam vestiging", "vestigingsnaam", "instellingsnaam", "naam")
_PLACE = ("plaatsnaam vestiging", "plaatsnaam", "gemeentenaam vestiging", "gemeentenaam")
_MUNICIPALITY = ("gemeentenaam vestiging", "gemeentenaam", "gemeente")
_TYPE = ("onderwijstype vo en leer of verblijfsjaar", "onderwijstype vo", "onderwijstype")
_PROGRAMME = ("opleidingsnaam", "opleiding")
_PATHWAY = ("leerweg vmbo", "leerweg")

_ENROLMENT = re.compile(r"leer of verblijfsjaar ([0-9]+)(?: (man|vrouw|onbekend|totaal))?")
_EXAMS = re.compile(
    r"examenkandidaten schooljaar ([0-9]{4}) ([0-9]{4})(?: (man|vrouw|onbekend|totaal))?"
)

_OPTIONS: Final = {
    "enrolment": "--enrolment",
    "exams": "--exams",
    "locations": "--locations",
    "location_swv": "--location-swv",
    "postcode_swv": "--postcode-swv",
}
_LOOKS: Final = {
    "enrolment": "DUO's pupils per location",
    "exams": "DUO's exam candidates",
    "locations": "a list of locations with their postcode",
    "location_swv": "a list of locations with their swv",
    "postcode_swv": "a list of postcodes with their swv",
}


def read_enrolment(path: Path) -> pd.DataFrame:
    """Read pupils per location and programme on 1 October.

    Parameters
    ----------
    path : Path
        DUO, *leerlingen vo per vestiging naar onderwijstype*.

    Returns
    -------
    DataFrame
        One row per row of the file: `location`, `brin`, `name`, `place`, `swv` (``""`` where the
        file has none), `track` (``bb`` … ``tl``, ``pro`` or ``""``), `mixed` (the track stands for
        two), `lwoo`, and per grade `pupils_1` … (float) and `suppressed_1` … (cells ``<5``).

    Raises
    ------
    InputError
        Everything that is wrong in the file.
    """
    table = _open(path, "enrolment")
    problems: list[Problem] = []
    frame = _units(table, problems)
    kind = find(table, _TYPE)
    programme = find(table, _PROGRAMME)
    if kind is None:
        problems.append(missing(table, "ONDERWIJSTYPE VO EN LEER- OF VERBLIJFSJAAR", _TYPE))
    if programme is None:
        problems.append(missing(table, "OPLEIDINGSNAAM", _PROGRAMME))
    grades = _groups(table, _ENROLMENT, problems, "LEER- OF VERBLIJFSJAAR {0} - {1}")
    for grade in GRADES:
        count = grades.pop((str(grade),), None)
        if count is None:
            heading = f"LEER- OF VERBLIJFSJAAR {grade} - MAN"
            problems.append(missing(table, heading, [normalise(heading)], _ENROLMENT))
        else:
            frame[f"pupils_{grade}"] = count.value
            frame[f"suppressed_{grade}"] = count.suppressed
    problems.extend(
        Problem(f"{table.path}: line 1", f"a grade {key[0]}", "grades are 1 to 6") for key in grades
    )
    if kind is not None and programme is not None:
        pairs = pd.Series(list(zip(kind.text(), programme.text(), strict=True)))
        found = {pair: enrolment_track(*pair) for pair in pairs.unique()}
        _refuse_unknown(table, pairs, [p for p, t in found.items() if t is None], problems)
        frame["track"] = pairs.map({p: t.code if t else "" for p, t in found.items()}).to_numpy()
        frame["mixed"] = pairs.map({p: bool(t and t.mixed) for p, t in found.items()}).to_numpy()
        frame["lwoo"] = programme.map(is_lwoo).astype(bool)
        pro = kind.map(is_pro).astype(bool)
        frame.loc[pro, "track"] = "pro"
    _raise(problems)
    return frame


def read_exams(path: Path) -> pd.DataFrame:
    """Read exam candidates per location and programme, for the school years of the file.

    Parameters
    ----------
    path : Path
        DUO, *examenkandidaten en geslaagden*.

    Returns
    -------
    DataFrame
        One row per vmbo row of the file and school year: `location`, `brin`, `name`, `place`,
        `swv`, `track`, `school_year` ("2018-2019"), `candidates` (float, ``<5`` as 2.5),
        `suppressed`.

    Raises
    ------
    InputError
        Everything that is wrong in the file.
    """
    table = _open(path, "exams")
    problems: list[Problem] = []
    frame = _units(table, problems)
    kind = find(table, _TYPE)
    programme = find(table, _PROGRAMME)
    pathway = find(table, _PATHWAY)
    if kind is None:
        problems.append(missing(table, "ONDERWIJSTYPE VO", _TYPE))
    if programme is None and pathway is None:
        problems.append(missing(table, "OPLEIDINGSNAAM", _PROGRAMME))
    years = _groups(table, _EXAMS, problems, "EXAMENKANDIDATEN SCHOOLJAAR {0}-{1} - {2}")
    if not years:
        heading = "EXAMENKANDIDATEN SCHOOLJAAR 2019-2020 - TOTAAL"
        problems.append(missing(table, heading, [normalise(heading)]))
    problems.extend(
        Problem(f"{table.path}: line 1", f"school year {a}-{b}", f"{a}-{int(a) + 1}")
        for a, b in years
        if int(b) != int(a) + 1
    )
    if kind is not None and (programme is not None or pathway is not None):
        vmbo = kind.map(lambda value: normalise(value).startswith("vmbo")).astype(bool)
        first = programme.text() if programme is not None else np.full(len(frame), "", dtype=object)
        second = pathway.text() if pathway is not None else np.full(len(frame), "", dtype=object)
        pairs = pd.Series(list(zip(first, second, strict=True)))
        found = {pair: exam_track(*pair) for pair in pairs[vmbo].unique()}
        _refuse_unknown(
            table, pairs.where(vmbo), [p for p, t in found.items() if t is None], problems
        )
        frame["track"] = pairs.map({p: t or "" for p, t in found.items()}).to_numpy()
        if not vmbo.any():
            where = f"{table.path}: column {kind.name}"
            problems.append(Problem(where, "no row of vmbo", "'VMBO' in some rows"))
        frame = frame[vmbo]
        parts = [
            frame.assign(
                school_year=f"{a}-{b}",
                candidates=count.value[vmbo],
                suppressed=count.suppressed[vmbo],
            )
            for (a, b), count in sorted(years.items())
        ]
    _raise(problems)
    return pd.concat(parts, ignore_index=True)


def read_locations(path: Path) -> pd.DataFrame:
    """Read the list of locations with their postcode.

    Parameters
    ----------
    path : Path
        DUO, *alle vestigingen vo*.

    Returns
    -------
    DataFrame
        `location`, `brin`, `name`, `place`, `swv`, `postcode` (four digits or ``""``),
        `municipality`; one row per location.

    Raises
    ------
    InputError
        Everything that is wrong in the file; a location twice with different postcodes too.
    """
    table = _open(path, "locations")
    problems: list[Problem] = []
    frame = _units(table, problems)
    column = find(table, fields.POSTCODE)
    if column is None:
        problems.append(missing(table, "POSTCODE", fields.POSTCODE))
    else:
        frame["postcode"] = fields.postcodes(table, column, problems)
    frame["municipality"] = _text(table, _MUNICIPALITY)
    _raise(problems)
    _raise(_contradictions(table, frame, "location", "postcode"))
    return frame.drop_duplicates("location", ignore_index=True)


def read_location_swv(path: Path) -> pd.DataFrame:
    """Read the published list of locations with their swv.

    Parameters
    ----------
    path : Path
        A list of locations; any DUO file with a swv column will do.

    Returns
    -------
    DataFrame
        `location`, `brin`, `name`, `place`, `swv`; one row per location that has a swv.

    Raises
    ------
    InputError
        Everything that is wrong in the file; a location in two swv too.
    """
    table = _open(path, "location_swv")
    problems: list[Problem] = []
    frame = _units(table, problems)
    if find(table, fields.SWV) is None:
        problems.append(missing(table, "SAMENWERKINGSVERBAND_NUMMER", fields.SWV))
    _raise(problems)
    return frame[frame["swv"] != ""].drop_duplicates("location", ignore_index=True)


def read_postcode_swv(path: Path) -> pd.DataFrame:
    """Read the list of postcodes with their swv.

    Parameters
    ----------
    path : Path
        Postcode-4 → swv (Regeling regio-indeling).

    Returns
    -------
    DataFrame
        `postcode`, `swv`, `municipality`; one row per postcode.

    Raises
    ------
    InputError
        Everything that is wrong in the file; a postcode in two swv too.
    """
    table = _open(path, "postcode_swv")
    problems: list[Problem] = []
    postcode = find(table, fields.POSTCODE)
    swv = find(table, fields.SWV)
    frame = pd.DataFrame(index=range(len(table.lines)))
    if postcode is None:
        problems.append(missing(table, "pc4", fields.POSTCODE))
    else:
        frame["postcode"] = fields.postcodes(table, postcode, problems)
    if swv is None:
        problems.append(missing(table, "vo_swv", fields.SWV))
    else:
        frame["swv"] = fields.swv_codes(table, swv, problems)
    frame["municipality"] = _text(table, _MUNICIPALITY)
    _raise(problems)
    frame = frame[(frame["postcode"] != "") & (frame["swv"] != "")]
    _raise(_contradictions(table, frame, "postcode", "swv"))
    return frame.drop_duplicates("postcode", ignore_index=True)


# What the files have in common


def _open(path: Path, kind: str) -> Table:
    table = read_table(path)
    looks = _kinds(table)
    if looks and kind not in looks:
        right = " or ".join(_OPTIONS[k] for k in looks)
        raise InputError(
            Problem(
                table.path,
                f"{_OPTIONS[kind]} takes {_LOOKS[kind]}, this looks like {_LOOKS[looks[0]]}",
                f"give it as {right}",
            )
        )
    return table


def _kinds(table: Table) -> list[str]:
    names = [normalise(column.name) for column in table.columns]
    location = find(table, fields.LOCATION) is not None
    kinds = []
    if any(_ENROLMENT.fullmatch(name) for name in names):
        kinds.append("enrolment")
    if any(_EXAMS.fullmatch(name) for name in names):
        kinds.append("exams")
    if location and find(table, fields.POSTCODE) is not None:
        kinds.append("locations")
    if location and find(table, fields.SWV) is not None:
        kinds.append("location_swv")
    if (
        not location
        and find(table, fields.POSTCODE) is not None
        and find(table, fields.SWV) is not None
    ):
        kinds.append("postcode_swv")
    return kinds


def _units(table: Table, problems: list[Problem]) -> pd.DataFrame:
    frame = pd.DataFrame(index=range(len(table.lines)))
    keys = fields.locations(table, problems)
    if keys is not None:
        frame["location"] = keys
        frame["brin"] = [key[:4] for key in keys]
    frame["name"] = _text(table, _NAME)
    frame["place"] = _text(table, _PLACE)
    column = find(table, fields.SWV)
    frame["swv"] = "" if column is None else fields.swv_codes(table, column, problems)
    if keys is not None:
        said = frame["swv"].notna() & (frame["swv"] != "")
        problems.extend(_contradictions(table, frame[said], "location", "swv"))
    return frame


def _text(table: Table, names: Iterable[str]) -> NDArray[np.object_]:
    column = find(table, tuple(names))
    return np.full(len(table.lines), "", dtype=object) if column is None else column.text()


def _groups(
    table: Table, pattern: re.Pattern[str], problems: list[Problem], heading: str
) -> dict[tuple[str, ...], Counts]:
    """Totals per group of columns: a grade, or a school year."""
    cells: dict[tuple[str, ...], dict[str, Counts]] = {}
    for column in table.columns:
        if found := pattern.fullmatch(normalise(column.name)):
            *key, sex = found.groups()
            cells.setdefault(tuple(key), {})[sex or "totaal"] = fields.counts(
                table, column, problems
            )
    totals = {}
    for group, by_sex in cells.items():
        total = by_sex.pop("totaal", None)
        if total is None:
            for sex in ("man", "vrouw"):
                if sex not in by_sex:
                    wanted = heading.format(*group, sex.upper())
                    problems.append(missing(table, wanted, [normalise(wanted)], pattern))
        name = heading.format(*group, "TOTAAL")
        totals[group] = fields.add(table, list(by_sex.values()), total, name, problems)
    return totals


def _refuse_unknown(
    table: Table, pairs: pd.Series, unknown: list[tuple[str, str]], problems: list[Problem]
) -> None:
    for pair in unknown:
        rows = np.flatnonzero(np.array([other == pair for other in pairs]))
        shown = ", ".join(repr(part) for part in pair if part)
        where = f"{table.path}: line {table.lines[rows[0]]}"
        what = f"no track can be read from {shown}" + fields.and_more(len(rows))
        problems.append(Problem(where, what, "BL, KL, GL or TL"))


def _contradictions(table: Table, frame: pd.DataFrame, key: str, value: str) -> list[Problem]:
    """One defect for each `key` that has more than one `value`, with the lines."""
    different = frame.drop_duplicates([key, value])
    twice = different[different.duplicated(key, keep=False)]
    problems = []
    for code, rows in twice.groupby(key):
        cells = zip(rows[value], table.lines[rows.index], strict=True)
        values = " and ".join(f"{cell or 'none'} (line {line})" for cell, line in cells)
        problems.append(Problem(table.path, f"{key} {code} has {value} {values}", "one of them"))
    return problems


def _raise(problems: list[Problem]) -> None:
    if problems:
        raise InputError(problems)
