"""Map with real boundaries, from a GeoJSON that the user gives (R-5)."""

import csv
import json
import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from shapely.geometry import shape

from lwoopro.codes import NATIONAL_SWV
from lwoopro.plot.choose import wrong
from lwoopro.plot.measures import colours_of, say, scale_bar, shown, tip
from lwoopro.plot.places import AREAS
from lwoopro.plot.style import CLEAR, INK, page

__all__ = ["AREAS", "areas_text", "boundaries", "polygon_map"]

_SWV_KEYS: Final = ("swv", "swv_code", "vo_swv", "samenwerkingsverband", "code")
_NAME_KEYS: Final = ("gemeente", "gemeentenaam", "municipality", "name", "naam", "statnaam")

_FINE: Final = 900
"""Boundaries are as fine as one part in so many of the height: what a screen shows."""

_GAP: Final = 400
"""Gaps narrower than one part in so many of the height are none."""


def polygon_map(
    ds: xr.Dataset | None = None,
    *,
    geojson: str | Path | Mapping[str, Any],
    postcodes: str | Path | None = None,
    measure: str = "relative",
    policy: str | None = None,
    baseline: str | None = None,
    year: int | None = None,
    values: Mapping[str, float] | xr.DataArray | None = None,
    unit: str | None = None,
    table: xr.Dataset | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw a number per swv on its real area.

    Parameters
    ----------
    ds : Dataset, optional
        Results of a run; not needed with `values`.
    geojson : path or mapping
        A FeatureCollection of polygons whose properties give the swv (``swv``, or another common
        name), or the municipality, in degrees or in metres of the national grid.
    postcodes : path, optional
        List with the columns ``pc4``, ``gemeente`` and ``vo_swv``, as the regulation on regions
        has it; needed where the polygons are municipalities. A municipality that is split has the
        colour of the swv with most of its postcodes.
    measure, policy, baseline, year, values, unit, table
        See `tile_map`.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        One patch per swv, with its code as label.

    Raises
    ------
    InputError
        See `tile_map`; or a file cannot be read, or names no swv of the results.
    """
    if ds is None and values is None:
        raise wrong("polygon_map", "neither results nor values are given", "give one of them")
    areas, unplaced = boundaries(geojson, postcodes)
    with page("polygon_map", ax, language) as sheet:
        numbers = shown(
            sheet,
            xr.Dataset() if ds is None else ds,
            measure,
            policy,
            baseline,
            year,
            values,
            unit,
            table,
        )
        codes = [code for code in areas if code in numbers.values and code != NATIONAL_SWV]
        if not codes:
            where = str(geojson) if not isinstance(geojson, Mapping) else "geojson"
            raise wrong(where, "names no swv of these results", "its codes look like VO2001")
        made = sheet.empty(6.9)
        cmap, norm = colours_of(numbers)
        for code in codes:
            value = numbers.values[code]
            patch = PathPatch(
                _outline(areas[code]),
                facecolor=cmap(norm(value)) if np.isfinite(value) else CLEAR,
                edgecolor=INK,
                linewidth=0.4,
                label=code,
            )
            made.add_patch(patch)
            sheet.tips(patch, [tip(numbers, code)])
        west, south, east, north = shapely.total_bounds(np.array([areas[code] for code in codes]))
        room = 0.01 * (north - south)
        made.set_xlim(west - room, east + room)
        made.set_ylim(south - room, north + room)
        # degrees of longitude are shorter than those of latitude
        degrees = max(abs(north), abs(south)) <= 90
        made.set_aspect(1 / np.cos(np.radians((north + south) / 2)) if degrees else 1.0)
        scale_bar(sheet, numbers, cmap, norm)
        missing = len([c for c in numbers.values if c not in areas and c != NATIONAL_SWV])
        text = sheet.words("polygon_caption", what=numbers.what)
        if NATIONAL_SWV in numbers.values:
            text += " " + sheet.words("polygon_national", value=tip(numbers, NATIONAL_SWV))
        if missing:
            text += " " + sheet.words("polygon_missing", many=missing)
        if unplaced:
            text += " " + sheet.words("polygon_unplaced", names=", ".join(unplaced[:6]))
        say(sheet, numbers, sheet.words, text)
    return made


def boundaries(
    geojson: str | Path | Mapping[str, Any], postcodes: str | Path | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Read the area of every swv.

    Parameters
    ----------
    geojson, postcodes
        See `polygon_map`.

    Returns
    -------
    areas : dict of str to shapely geometry
        By swv, sorted; simplified together, so that neighbours still touch.
    unplaced : list of str
        Municipalities that the list of postcodes does not have.

    Raises
    ------
    InputError
        A file is absent or is not what it should be.
    """
    where = str(geojson) if not isinstance(geojson, Mapping) else "geojson"
    features = _features(geojson, where)
    found = [_code(feature.get("properties") or {}) for feature in features]
    if not any(found):
        if postcodes is None:
            raise wrong(
                where,
                "no polygon gives a swv",
                f"give it a property {_SWV_KEYS[0]!r}, or a list of postcodes with municipalities",
            )
        of = _municipalities(Path(postcodes))
        found = [_placed(_name(feature.get("properties") or {}), of) for feature in features]
        if not any(found):
            raise wrong(
                where,
                "no polygon gives a municipality of the list",
                f"give it a property {_NAME_KEYS[0]!r}",
            )
    areas = np.array([_geometry(feature, where) for feature in features])
    height = shapely.total_bounds(areas)[3] - shapely.total_bounds(areas)[1]
    # neighbours of most files do not quite touch: slivers would show as lines inside a swv
    areas = shapely.coverage_clean(areas, gap_width=height / _GAP)
    codes = sorted({code for code in found if code})
    whole = [
        shapely.union_all([area for area, code in zip(areas, found, strict=True) if code == one])
        for one in codes
    ]
    simple = shapely.coverage_simplify(np.array(whole), height / _FINE)
    names = [
        _name(f.get("properties") or {}) for f, c in zip(features, found, strict=True) if not c
    ]
    earlier = geojson.get("unplaced", []) if isinstance(geojson, Mapping) else []
    return dict(zip(codes, simple, strict=True)), sorted([*names, *map(str, earlier)])


def areas_text(geojson: str | Path, postcodes: str | Path | None = None) -> str:
    """Give the areas of all swv as one small GeoJSON, so that a run keeps what its map needs.

    Parameters
    ----------
    geojson, postcodes
        See `polygon_map`.

    Returns
    -------
    str
        A FeatureCollection with the property ``swv``; ``unplaced`` names what has no swv.

    Raises
    ------
    InputError
        A file is absent or is not what it should be.
    """
    areas, unplaced = boundaries(geojson, postcodes)
    degrees = float(np.abs(shapely.total_bounds(list(areas.values()))).max()) <= 180
    fine = 1e-5 if degrees else 1.0
    features = [
        {
            "type": "Feature",
            "properties": {"swv": code},
            "geometry": json.loads(shapely.to_geojson(shapely.set_precision(area, fine))),
        }
        for code, area in areas.items()
    ]
    whole = {"type": "FeatureCollection", "unplaced": unplaced, "features": features}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _features(geojson: str | Path | Mapping[str, Any], where: str) -> list[Mapping[str, Any]]:
    if isinstance(geojson, Mapping):
        content: Any = geojson
    else:
        try:
            content = json.loads(Path(geojson).read_text("utf-8-sig"))
        except OSError as error:
            raise wrong(where, f"cannot be read: {error.strerror}", "") from error
        except ValueError as error:
            raise wrong(where, "is not JSON", "give a GeoJSON FeatureCollection") from error
    features = content.get("features") if isinstance(content, Mapping) else None
    if not isinstance(features, list) or not features:
        raise wrong(where, "has no features", "give a GeoJSON FeatureCollection of polygons")
    return features


def _geometry(feature: Mapping[str, Any], where: str) -> Any:
    try:
        made = shapely.make_valid(shape(feature["geometry"]), method="structure")
        # what is left of a broken polygon may be lines and points too
        found = shapely.MultiPolygon(
            [part for part in shapely.get_parts(made) if part.geom_type == "Polygon"]
        )
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
        raise wrong(where, "a feature is not a polygon", "") from error
    if found.is_empty:
        raise wrong(where, "a feature is not a polygon", "")
    return found


def _code(properties: Mapping[str, Any]) -> str | None:
    """Code of a swv among the properties: a common name, and a value that looks like a code."""
    lower = {str(key).lower(): value for key, value in properties.items()}
    for key in _SWV_KEYS:
        value = str(lower.get(key, ""))
        if len(value) == 6 and value[:2].upper() == "VO" and value[2:].isdigit():
            return value.upper()
    return None


def _name(properties: Mapping[str, Any]) -> str:
    lower = {str(key).lower(): value for key, value in properties.items()}
    return next((str(lower[key]) for key in _NAME_KEYS if lower.get(key)), "")


def _plain(name: str) -> str:
    """Name of a municipality without accents, brackets and signs, which sources write apart."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(sign for sign in text if sign.isalnum())


def _placed(name: str, of: Mapping[str, str]) -> str | None:
    """Swv of a municipality; names such as "Utrecht (Ut)" or "A (B)" are also tried in parts."""
    before, _, inside = name.partition("(")
    known = (_plain(one) for one in (name, before, inside))
    return next((of[one] for one in known if one in of), None)


def _municipalities(path: Path) -> dict[str, str]:
    """Municipality → the swv with most of its postcodes."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise wrong(str(path), f"cannot be read: {error.strerror}", "") from error
    mark = ";" if ";" in text.partition("\n")[0] else ","
    rows = list(csv.DictReader(text.splitlines(), delimiter=mark))
    if not rows or not {"gemeente", "vo_swv"} <= set(rows[0]):
        raise wrong(
            str(path),
            "lacks the columns gemeente and vo_swv",
            "give the list pc4, gemeente, vo_swv",
        )
    votes: dict[str, Counter[str]] = {}
    for row in rows:
        votes.setdefault(_plain(row["gemeente"]), Counter())[row["vo_swv"]] += 1
    # ties by code, so that the order of the rows does not matter
    return {name: min(many, key=lambda code: (-many[code], code)) for name, many in votes.items()}


def _outline(area: Any) -> Outline:
    """Rings of a polygon, or of several, as one path; holes run the other way."""
    rings = []
    for part in shapely.get_parts(area):
        if part.geom_type == "Polygon":
            oriented = shapely.geometry.polygon.orient(part)
            rings += [oriented.exterior, *oriented.interiors]
    outlines = [Outline(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings]
    return Outline.make_compound_path(*outlines)
