"""Make the bundled national aggregates from the raw files: ``python -m lwoopro.duo.bundle``.

Nothing in `data/populations/national` is made by hand: this module writes all of it, the account of
sources included. Only sums per swv leave it.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from lwoopro.codes import NATIONAL_SWV, TRACKS
from lwoopro.duo.files import read_locations, read_postcode_swv
from lwoopro.duo.geography import centroids, neighbours, read_municipalities
from lwoopro.duo.notes import sources
from lwoopro.duo.result import DuoResult, build, write_csvs
from lwoopro.errors import InputError, Problem

__all__ = ["FILES", "Q_LWOO_2012", "Q_PRO_2012", "bundle", "main"]

FILES: Final = {
    "enrolment": "duo/leerlingen-vo-per-vestiging-naar-onderwijstype-2019.csv",
    "locations": "duo/alle-vestigingen-vo.csv",
    "location_swv": "duo/vsv-per-swv-2015.csv",
    "postcode_swv": "regions/pc4_gemeente_swv_2015.csv",
    "exams_2015": "duo/examenkandidaten-en-geslaagden-2014-2019.csv",
    "exams_2020": "duo/examenkandidaten-en-geslaagden-2019-2024.csv",
    "municipalities": "regions/gemeenten-2015.geojson",
    "shrinking": "regions/shrinking-municipalities-approximate.csv",
    "cbs": "cbs/swv_context_2021.csv",
}
"""The raw files below the data folder."""

Q_LWOO_2012: Final = 0.106
Q_PRO_2012: Final = 0.029
"""National shares of vo on 1 October 2012 (model §10, unverified)."""

_REGISTERS: Final = 0.005
"""A swv with a smaller registered share of lwoo funds it by population (B-7)."""

_BLEND: Final = 0.5
_MOST_LWOO: Final = 0.2
_PATTERN: Final = {
    "VO2708": 1.3,
    "VO20": 1.15, "VO21": 1.15, "VO22": 1.15, "VO2502": 1.15, "VO2503": 1.15,
    "VO29": 0.8, "VO3104": 0.8, "VO3105": 0.8, "VO3106": 0.8,
}  # fmt: skip
"""*Assumed* factors on what tracks let expect: Amsterdam, north, Achterhoek; Zeeland, Limburg."""

_BIG_FOUR: Final = ("Amsterdam", "Rotterdam", "'s-Gravenhage", "Utrecht")
_SHRINKING: Final = 0.5
_ANTICIPATING: Final = 0.1
_CONTEXT: Final = ("low_edu_pct", "high_edu_pct", "nonwestern_pct", "low_income_pct")
_NAMES: Final = {"'s-Gravenhage": "Den Haag", "Sudwest Fryslan": "Súdwest-Fryslân"}


def bundle(data: Path, out: Path) -> DuoResult:
    """Write the bundled aggregates.

    Parameters
    ----------
    data : Path
        Folder with `FILES`.
    out : Path
        Folder for `swv.csv`, `cohorts.csv`, `context.csv`, `neighbours.csv`, `SOURCES.md`.

    Returns
    -------
    DuoResult
        What the DUO files gave.

    Raises
    ------
    InputError
        All defects of the raw files.
    """
    absent = [name for name in FILES.values() if not (data / name).is_file()]
    if absent:
        raise InputError([Problem(str(data / name), "no such file") for name in absent])
    path = {key: data / name for key, name in FILES.items()}
    result = build(
        path["enrolment"],
        path["locations"],
        path["location_swv"],
        path["postcode_swv"],
        [path["exams_2015"], path["exams_2020"]],
    )
    postcodes = read_postcode_swv(path["postcode_swv"])
    places = _with_municipality(result.places, read_locations(path["locations"]), postcodes)
    shrinking = pd.read_csv(path["shrinking"], sep=";")["gemeente_2015"]
    polygons = read_municipalities(path["municipalities"], postcodes["municipality"].unique())
    context = _context(places, set(shrinking), pd.read_csv(path["cbs"], sep=";"))
    centre = centroids(polygons, postcodes)
    for name in ("lon", "lat"):
        context[name] = context["swv"].map(centre[name]).round(4)
    swv = result.swv.assign(
        q_lwoo_2012=participation_lwoo(result.swv),
        q_pro_2012=participation_pro(result.swv),
        region=_regions(context, postcodes),
    )
    out.mkdir(parents=True, exist_ok=True)
    frames = {
        "swv.csv": swv,
        "cohorts.csv": result.cohorts,
        "context.csv": context,
        "neighbours.csv": neighbours(polygons, postcodes),
    }
    write_csvs({out / name: frame for name, frame in frames.items()})
    (out / "SOURCES.md").write_text(sources(path, result, swv), encoding="utf-8")
    return result


def participation_pro(swv: pd.DataFrame) -> pd.Series:
    """Assumed q of pro in 2012: the present share, scaled to the national one."""
    share = swv["pro"] / swv["vo"]
    return (share * Q_PRO_2012 * swv["vo"].sum() / swv["pro"].sum()).round(5)


def participation_lwoo(swv: pd.DataFrame) -> pd.Series:
    """Assumed q of lwoo in 2012, a first figure that calibration replaces.

    The pattern is the lwoo that the tracks of grades 3-4 let expect (national rate per track), per
    vo pupil, times an *assumed* regional factor. A swv that still registers lwoo gets half the
    pattern, half its own registered share, each scaled to the same mean; others the pattern. All
    are scaled to the national share, at most 20 %.
    """
    rate = {t: swv[f"lwoo_{t}"].sum() / swv[t].sum() for t in TRACKS}
    expected = sum((swv[t] * rate[t] for t in TRACKS), start=pd.Series(0.0, index=swv.index))
    factor = [
        next((f for code, f in _PATTERN.items() if swv_code.startswith(code)), 1.0)
        for swv_code in swv["swv"]
    ]
    pattern = expected / swv["vo"] * factor
    registered = swv["lwoo"] / swv["vo"]
    registers = registered >= _REGISTERS
    vo = swv["vo"]
    scale = (pattern * vo)[registers].sum() / swv["lwoo"][registers].sum()
    q = pattern.where(~registers, (1 - _BLEND) * pattern + _BLEND * scale * registered)
    for _ in range(20):  # scaling and the cap, until both hold
        q = (q * Q_LWOO_2012 * vo.sum() / (q * vo).sum()).clip(upper=_MOST_LWOO)
    return q.round(5)


def _with_municipality(
    places: pd.DataFrame, registry: pd.DataFrame, postcodes: pd.DataFrame
) -> pd.DataFrame:
    postcode = places["location"].map(registry.set_index("location")["postcode"])
    return places.assign(municipality=postcode.map(postcodes.set_index("postcode")["municipality"]))


def _context(places: pd.DataFrame, shrinking: set[str], cbs: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for code, group in places.groupby("swv"):
        size = group.loc[group["upper_vmbo"] > 0, "upper_vmbo"]
        known = group[group["municipality"].notna()]
        inside = known["municipality"].isin(shrinking) & (code != NATIONAL_SWV)
        upper = known["upper_vmbo"]
        rows.append(
            {
                "swv": code,
                "name": _name(str(code), known),
                "vmbo_locations": len(size),
                "location_mean": round(float(size.mean()), 2),
                "location_cv": round(float(size.std(ddof=0) / size.mean()), 4),
                "shrinking_share": round(float(upper[inside].sum() / upper.sum()), 4),
            }
        )
    context = pd.DataFrame(rows)
    figures = cbs.set_index("vo_swv")[list(_CONTEXT)]
    lacking = sorted(set(context["swv"]) - set(figures.index))
    if lacking:
        raise InputError(Problem(FILES["cbs"], f"swv {', '.join(lacking)} are missing"))
    return context.join(figures, on="swv")


def _name(code: str, places: pd.DataFrame) -> str:
    """Name a swv by the municipality, or the two, where most of its pupils go to school."""
    if code == NATIONAL_SWV:
        return "RSVO (national)"
    pupils = places.groupby("municipality")["pupils"].sum().sort_values(ascending=False)
    share = pupils / pupils.sum()
    first = _NAMES.get(share.index[0], share.index[0])
    if share.iloc[0] >= 0.9:
        return str(first)
    if share.iloc[0] >= 0.5 or share.iloc[1] < 0.15:
        return f"{first} e.o."
    return f"{first} - {_NAMES.get(share.index[1], share.index[1])}"


def _regions(context: pd.DataFrame, postcodes: pd.DataFrame) -> np.ndarray:
    """Label swv g4, shrinking, anticipating or nothing."""
    share = context["shrinking_share"]
    region = np.where(
        share >= _SHRINKING, "shrinking", np.where(share >= _ANTICIPATING, "anticipating", "")
    )
    cities = postcodes[postcodes["municipality"].isin(_BIG_FOUR)]
    most = cities.groupby("municipality")["swv"].agg(lambda codes: codes.mode().iloc[0])
    return np.where(context["swv"].isin(most), "g4", region)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; exit status 0 done, 2 the raw files are wrong."""
    parser = argparse.ArgumentParser(prog="python -m lwoopro.duo.bundle", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the raw files")
    parser.add_argument("--out", type=Path, required=True, help="folder for the aggregates")
    options = parser.parse_args(arguments)
    try:
        bundle(options.data, options.out)
    except InputError as error:
        parser.exit(2, f"{error}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
