"""Indicator files: the coefficients of the education score, read from TOML (S-2, S-4…S-6)."""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import DEBT, EDUCATION_LEVELS, ORIGINS, STAYS, TRACK_GROUPS
from lwoopro.errors import InputError, Problem
from lwoopro.indicator.coefficients import MICRO, Characteristic, Indicator
from lwoopro.pupils.columns import STANDARD_COLUMNS
from lwoopro.pupils.csvfile import decode, read_bytes
from lwoopro.pupils.messages import did_you_mean, listed, named, quoted

__all__ = ["LARGEST_SCORE", "Characteristic", "Indicator", "bundled_indicators", "read_indicator"]

LARGEST_SCORE = 9_000
"""Score points that no pupil's score may pass, start and coefficients (with eight standard errors)
together: the sum of 10**9 scores in millionths then fits in int64 (S-4)."""

_DECIMALS = 6
_LARGEST_FILE = 10_000_000
_MOST_CODES = 100  # per added characteristic; the engine numbers codes in int8
_TABLES: dict[str, tuple[str, ...]] = {
    "start": TRACK_GROUPS,
    "education_mother": EDUCATION_LEVELS,
    "education_father": EDUCATION_LEVELS,
    "origin": ORIGINS,
    "stay": STAYS,
    "debt": DEBT,
}
_KEYS = (
    "name",
    "source",
    "assumed",
    "sources",
    *_TABLES,
    "characteristic",
    "se",
    "covariance",
)

Table = dict[str, int]  # code → millionths


def bundled_indicators() -> tuple[str, ...]:
    """Return the names of the indicator files that ship with the program (S-5).

    Examples
    --------
    >>> bundled_indicators()
    ('assumed-2022',)
    """
    folder = resources.files("lwoopro") / "data" / "indicators"
    return tuple(sorted(Path(item.name).stem for item in folder.iterdir()))


def read_indicator(name_or_path: str, relative_to: Path) -> Indicator:
    """Read an indicator file, or one that ships with the program.

    The file is TOML: ``name``, ``source``, ``[start]``, ``[education_mother]``,
    ``[education_father]``, ``[origin]``, ``[stay]`` and ``[debt]`` with every code of S-2 in score
    points, at most six decimals (S-4). Optional are

    - ``[characteristic.<column>]``: an added column, its codes and their points;
    - ``[se.<table>]``, ``[se.characteristic.<column>]``: standard errors, every code of the table;
    - ``[covariance]`` with ``parameters = ["origin.turkey", "debt.yes", …]`` and ``matrix``, rows
      of numbers in points squared, symmetric and positive semidefinite (S-6); for the parameters
      it names it takes the place of ``se``;
    - ``assumed = ["start", "se.origin", …]``: the tables that come from no source;
    - ``[sources]``: table = source, for tables with a source of their own.

    Parameters
    ----------
    name_or_path : str
        One of `bundled_indicators`, or a path.
    relative_to : Path
        Folder that a relative path starts from.

    Returns
    -------
    Indicator

    Raises
    ------
    InputError
        With every defect of the file.
    """
    if name_or_path in bundled_indicators():
        file = resources.files("lwoopro") / "data" / "indicators" / f"{name_or_path}.toml"
        return _Reader(name_or_path, file.read_bytes()).indicator()
    path = relative_to / name_or_path
    if not path.suffix and not path.exists():
        meant = did_you_mean(name_or_path, bundled_indicators())
        what = f"no bundled indicator of this name{meant}"
        right = f"use {listed(bundled_indicators())} or the path of a .toml file"
        raise InputError(Problem(name_or_path, what, right))
    return _Reader(str(path), read_bytes(path, _LARGEST_FILE)).indicator()


class _Reader:
    """Reads one file and collects what is wrong with it."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.problems: list[Problem] = []
        text = decode(data, path)
        try:
            self.content = tomllib.loads(text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            raise InputError(Problem(path, f"is not TOML: {error}")) from None
        except (RecursionError, ArithmeticError, ValueError):
            # too deep a nesting, an exponent or an integer beyond what Python reads
            raise InputError(Problem(path, "is not TOML that can be read")) from None

    def fault(self, key: str, what: str, right: str = "") -> None:
        self.problems.append(Problem(f"{self.path}: {named(key)}", what, right))

    def indicator(self) -> Indicator:
        for key in self.content:
            if key not in _KEYS:
                self.fault(key, f"unknown key{did_you_mean(key, _KEYS)}")
        name, source = self.text("name"), self.text("source")
        tables = {key: self.table(self.content, key, key, codes) for key, codes in _TABLES.items()}
        codes = {**_TABLES, **self.added(tables)}
        errors = self.standard_errors(codes)
        parameters, covariance = self.covariance(codes, errors)
        known = [*codes, *(f"se.{key}" for key in errors)]
        known += ["covariance"] if covariance is not None else []
        assumed, sources = self.provenance(known)
        if not self.problems:
            self.check_size(tables, errors, _deviations(parameters, covariance))
        if self.problems:
            raise InputError(self.problems)
        made = {key: _characteristic(key, codes[key], tables, errors) for key in codes}
        start = made.pop("start")
        standard = {key: made.pop(key) for key in _TABLES if key != "start"}
        return Indicator(
            name=name,
            source=source,
            start=(start.value[0], start.value[1]),
            start_se=None if start.se is None else (start.se[0], start.se[1]),
            **standard,
            added=tuple(made.values()),
            covariance=covariance,
            covariance_parameters=parameters,
            assumed=assumed,
            sources=sources,
            path=self.path,
            sha256=self.sha256,
        )

    def text(self, key: str) -> str:
        value = self.content.get(key)
        if value is None:
            self.fault(key, "is missing", "a text is needed")
        elif not isinstance(value, str) or not value.strip():
            self.fault(key, f"{_kind(value)} where a text is needed")
        return value if isinstance(value, str) else ""

    def table(self, parent: Mapping[str, Any], key: str, shown: str, codes: Sequence[str]) -> Table:
        """Read a table with a number for every code."""
        if key not in parent:
            self.fault(
                shown, "is missing", f"a table with {listed(codes, shown=len(codes))} is needed"
            )
            return {}
        content = parent[key]
        if not isinstance(content, dict):
            self.fault(shown, f"{_kind(content)} where a table is needed", f"[{shown}]")
            return {}
        for code in content:
            if code not in codes:
                right = f"use {listed(codes, shown=len(codes))}"
                self.fault(f"{shown}.{code}", f"unknown code{did_you_mean(code, codes)}", right)
        table: Table = {}
        for code in codes:
            if code not in content:
                self.fault(f"{shown}.{code}", "is missing", "every code needs a number")
            else:
                table[code] = self.micro(f"{shown}.{code}", content[code])
        return table

    def micro(self, key: str, value: Any) -> int:
        """Return a number of score points in millionths (S-4)."""
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            self.fault(key, f"{_kind(value)} where a number is needed")
            return 0
        number = Decimal(value) if isinstance(value, int) else value
        if not number.is_finite():
            self.fault(key, f"{number} where a number is needed")
            return 0
        if number and number.adjusted() > 9:
            self.fault(key, "too large", f"at most {LARGEST_SCORE:,} points")
            return 0
        sign, digits, exponent = number.as_tuple()
        assert isinstance(exponent, int)  # a finite number's
        written = list(digits)
        while exponent < -_DECIMALS and written and written[-1] == 0:
            written.pop()
            exponent += 1
        if not any(written):
            return 0
        if exponent < -_DECIMALS:
            self.fault(key, f"{quoted(str(number))} has more than six decimals (S-4)")
            return 0
        whole = int("".join(map(str, written))) * int(10 ** (exponent + _DECIMALS))
        return -whole if sign else whole

    def added(self, tables: dict[str, Table]) -> dict[str, tuple[str, ...]]:
        """Read ``[characteristic.<column>]`` into `tables`; return the codes of each."""
        content = self.content.get("characteristic", {})
        if not isinstance(content, dict):
            right = "[characteristic.<column>]"
            self.fault("characteristic", f"{_kind(content)} where tables are needed", right)
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for column, codes in content.items():
            shown = f"characteristic.{column}"
            if not isinstance(codes, dict):
                self.fault(shown, f"{_kind(codes)} where a table is needed", f"[{shown}]")
            elif column in STANDARD_COLUMNS or column == "start":
                self.fault(shown, "has a name that the pupil table uses already")
            elif not column.strip() or "" in codes or not 2 <= len(codes) <= _MOST_CODES:
                what = f"codes: {len(codes)}" if "" not in codes else "an empty code"
                what = what if column.strip() else "has no name"
                self.fault(shown, what, f"a column with 2 to {_MOST_CODES} named codes is needed")
            else:
                found[column] = tuple(codes)
                tables[column] = self.table(content, column, shown, found[column])
        return found

    def standard_errors(self, codes: Mapping[str, tuple[str, ...]]) -> dict[str, Table]:
        content = self.content.get("se", {})
        if not isinstance(content, dict):
            self.fault("se", f"{_kind(content)} where tables are needed", "[se.origin], …")
            return {}
        found: dict[str, Table] = {}
        known = (*_TABLES, "characteristic")
        for key in content:
            if key not in known:
                self.fault(f"se.{key}", f"unknown key{did_you_mean(key, known)}")
            elif key != "characteristic":
                found[key] = self.table(content, key, f"se.{key}", _TABLES[key])
        added = content.get("characteristic", {})
        if not isinstance(added, dict):
            what = f"{_kind(added)} where tables are needed"
            self.fault("se.characteristic", what, "[se.characteristic.<column>]")
            added = {}
        for column in added:
            shown = f"se.characteristic.{column}"
            if column not in codes or column in _TABLES:
                listing = [name for name in codes if name not in _TABLES]
                self.fault(shown, f"no such characteristic{did_you_mean(column, listing)}")
            else:
                found[column] = self.table(added, column, shown, codes[column])
        for column, table in found.items():
            prefix = "se." if column in _TABLES else "se.characteristic."
            for code, value in table.items():
                if value < 0:
                    self.fault(f"{prefix}{column}.{code}", "a standard error is negative")
        return found

    def covariance(
        self, codes: Mapping[str, tuple[str, ...]], errors: Mapping[str, Table]
    ) -> tuple[tuple[str, ...], NDArray[np.float64] | None]:
        """Read ``[covariance]``: parameter names and a matrix in points squared (S-6)."""
        content = self.content.get("covariance")
        if content is None:
            return (), None
        if not isinstance(content, dict) or set(content) != {"parameters", "matrix"}:
            right = "use parameters = [names] and matrix = [[numbers], …]"
            self.fault("covariance", "not the two keys parameters and matrix", right)
            return (), None
        known = [f"{column}.{code}" for column, of in codes.items() for code in of]
        names = content["parameters"]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.fault("covariance.parameters", "not a list of names")
            return (), None
        before = len(self.problems)
        for name in dict.fromkeys(names):
            if name not in known:
                meant = did_you_mean(name, known)
                right = "names are <table>.<code>"
                self.fault("covariance.parameters", f"no parameter {quoted(name)}{meant}", right)
            elif names.count(name) > 1:
                self.fault("covariance.parameters", f"{quoted(name)} stands there more than once")
        if not names:
            self.fault("covariance.parameters", "is empty", "leave [covariance] out")
        matrix = self.matrix(content["matrix"], len(names))
        if matrix is None or len(self.problems) > before:
            return (), None
        return tuple(names), matrix

    def matrix(self, rows: Any, size: int) -> NDArray[np.float64] | None:
        key = "covariance.matrix"
        if (
            not isinstance(rows, list)
            or len(rows) != size
            or any(not isinstance(row, list) or len(row) != size for row in rows)
        ):
            self.fault(key, f"not {size} rows of {size} numbers, as parameters has {size} names")
            return None
        for row in rows:
            for cell in row:
                number = isinstance(cell, (int, Decimal)) and not isinstance(cell, bool)
                finite = number and Decimal(cell).is_finite()
                if not finite or abs(cell) > LARGEST_SCORE**2:
                    self.fault(key, f"{_kind(cell)} where a number of points squared is needed")
                    return None
        if not size:
            return None
        matrix = np.array([[float(cell) for cell in row] for row in rows])
        if not np.array_equal(matrix, matrix.T):
            row, column = (int(place[0]) + 1 for place in np.nonzero(matrix != matrix.T))
            what = f"not symmetric: row {row}, column {column} differs from its mirror image"
            self.fault(key, what)
            return None
        values = np.linalg.eigvalsh(matrix)
        # a matrix that was rounded on its way into the file may miss zero by a hair
        if values[0] < -1e-6 * max(values[-1], 0.0) or matrix.diagonal().min() < 0:
            what = f"not positive semidefinite (its smallest eigenvalue is {values[0]:.3g})"
            self.fault(key, what, "use the covariance of the estimates")
            return None
        return matrix

    def provenance(self, known: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
        """Read which tables are assumed and which state a source of their own."""
        assumed = self.content.get("assumed", [])
        if not isinstance(assumed, list) or not all(isinstance(name, str) for name in assumed):
            self.fault("assumed", "not a list of table names", 'such as ["start", "se.origin"]')
            assumed = []
        for name in assumed:
            if name not in known:
                self.fault("assumed", f"no table {quoted(name)}{did_you_mean(name, known)}")
        sources = self.content.get("sources", {})
        if not isinstance(sources, dict):
            self.fault("sources", f"{_kind(sources)} where a table is needed", "[sources]")
            sources = {}
        for name, text in sources.items():
            if name not in known:
                self.fault(f"sources.{name}", f"no such table{did_you_mean(name, known)}")
            elif not isinstance(text, str):
                self.fault(f"sources.{name}", f"{_kind(text)} where a text is needed")
            elif name in assumed:
                self.fault(f"sources.{name}", "has a source and is listed as assumed", "choose one")
        return tuple(dict.fromkeys(assumed)), dict(sources)

    def check_size(
        self,
        tables: Mapping[str, Table],
        errors: Mapping[str, Table],
        deviations: Mapping[str, float],
    ) -> None:
        """Check that no score can become so large that a sum of them overflows (S-4)."""
        total = 0.0
        for column, table in tables.items():
            spread = errors.get(column, {})
            total += max(
                abs(value) / MICRO
                + 8 * deviations.get(f"{column}.{code}", spread.get(code, 0) / MICRO)
                for code, value in table.items()
            )
        if total > LARGEST_SCORE:
            what = f"scores of up to {total:,.0f} points (with eight standard errors) are possible"
            self.problems.append(
                Problem(self.path, what, f"at most {LARGEST_SCORE:,} can be summed exactly")
            )


def _characteristic(
    column: str,
    codes: tuple[str, ...],
    tables: Mapping[str, Table],
    errors: Mapping[str, Table],
) -> Characteristic:
    se = tuple(errors[column][code] for code in codes) if column in errors else None
    return Characteristic(column, codes, tuple(tables[column][code] for code in codes), se)


def _deviations(names: tuple[str, ...], covariance: NDArray[np.float64] | None) -> dict[str, float]:
    if covariance is None:
        return {}
    return dict(zip(names, np.sqrt(covariance.diagonal()).tolist(), strict=True))


def _kind(value: Any) -> str:
    """Say what kind of TOML value this is."""
    kinds = ((bool, "true or false"), (str, "a text"), (dict, "a table"), (list, "a list"))
    for kind, name in kinds:
        if isinstance(value, kind):
            return name
    return "a number" if isinstance(value, (int, Decimal)) else "a date or time"
