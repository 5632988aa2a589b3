"""A small country with every kind of input file, to be damaged.

What belongs to a person is made of tokens that occur nowhere else, so that a message that shows
one of them is found out.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

from tests import world

PERSON = "8100"
"""The ids of pupils and parents begin with these digits; nothing else has them."""

SCHOOLS = ("97QX01", "97QX02", "98QX01")
SWV = ("VO2001", "VO2002", "VO2003")
LEVELS = ("primary", "vmbo_bk", "vmbo_gt", "mbo23", "havo_vwo", "mbo4", "bachelor", "master")

STUDY = """\
[study]
name = "damage"
years = [2019, 2020]
draws = 8
seed = 3

[pupils]
source = "table"
path = "pupils.csv"

[indicator]
table = "indicator.toml"

[target_group]
shares = [0.25, 0.5]

[imputation]
probabilities = "education.csv"

[[policy]]
name = "current"
kind = "participation"

[[policy]]
name = "half"
kind = "indicator"
share = 0.5

[swv]
path = "swv.csv"
"""


def rows() -> list[dict[str, Any]]:
    """Return 24 pupils a year: complete ones, unknown levels, every kind of registration."""
    made = []
    for year in (2019, 2020):
        for k in range(24):
            cells: dict[str, Any] = {
                "year": year,
                "school_id": SCHOOLS[k % 3],
                "school_swv": SWV[k % 3],
                "home_swv": SWV[(k + k // 12) % 3],
                "grade": 3 + k % 2,
                "track": ("bb", "kb", "gl", "tl")[k % 4],
                "mother_id": 810020000 + k // 2,
                "father_id": 810030000 + k,
                "education_mother": LEVELS[k // 2 % 8],
                "education_father": LEVELS[(3 * k) % 8],
                "origin": ("nl", "turkey", "other")[k % 3],
                "stay": ("10+", "5-10")[k % 2],
                "debt": k % 7 == 0,
                "education_class_mother": 1,
                "education_class_father": 2,
            }
            if k % 4 == 1:
                cells["education_father"] = None
            if k == 22:
                cells["registration"] = "no_father"
            if k == 23:
                cells["asylum"] = True
            made.append(world.pupil(810010000 + k, **cells))
    return made


def write(folder: Path, pupils: str = "pupils.csv") -> Path:
    """Write all files of the country; return the study file."""
    folder.mkdir(parents=True, exist_ok=True)
    world.write_pupils(rows(), folder / pupils)
    world.write_swv(
        [
            {
                "swv": code,
                "vo": 100 + k,
                "pro": 5,
                "q_lwoo_2012": Decimal("0.1"),
                "q_pro_2012": Decimal("0.03"),
                "region": "",
            }
            for k, code in enumerate(SWV)
        ],
        folder / "swv.csv",
    )
    even = dict.fromkeys(LEVELS, Decimal("0.125"))
    world.write_probabilities({1: even, 2: even}, folder / "education.csv")
    levels = {level: Decimal(k) for k, level in enumerate(LEVELS)}
    origins = ("nl", "north_africa", "suriname_antilles", "turkey", "other")
    indicator = {
        "start": {"bbkb": Decimal(500), "gltl": Decimal(502)},
        "education_mother": levels,
        "education_father": levels,
        "origin": {code: Decimal(-k) / 2 for k, code in enumerate(origins)},
        "stay": {code: Decimal(k) for k, code in enumerate(("0-5", "5-10", "10+"))},
        "debt": {"no": Decimal(0), "yes": Decimal(-2)},
    }
    (folder / "indicator.toml").write_text(world.indicator_text(indicator), encoding="utf-8")
    study = folder / "study.toml"
    study.write_text(STUDY.replace("pupils.csv", pupils), encoding="utf-8")
    return study
