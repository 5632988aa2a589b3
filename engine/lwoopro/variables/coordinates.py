"""The coordinates of the results; every dimension has one."""

from typing import Final

from lwoopro.variables.declaration import Variable

__all__ = ["COORDINATE_LIST"]

COORDINATE_LIST: Final = (
    Variable("draw", ("draw",), "int64", "1", "Q-2", "draw", "number of the draw, from 0"),
    Variable("year", ("year",), "int64", "1", "§5", "reference date", "1 October of this year"),
    Variable(
        "attribution",
        ("attribution",),
        "str",
        "1",
        "U-2",
        "attribution",
        "where a pupil counts: by school or by home",
    ),
    Variable("share", ("share",), "float64", "1", "T-1", "share of the target group", "Y"),
    Variable(
        "swv",
        ("swv",),
        "str",
        "1",
        "U-1, U-5",
        "samenwerkingsverband",
        "code of the swv; of the school location where the results have unit_swv",
    ),
    Variable("policy", ("policy",), "str", "1", "§5", "policy", "name in the study file"),
    Variable(
        "transition_year",
        ("transition_year",),
        "int64",
        "1",
        "X-1",
        "year of the transition",
        "1 October of this year",
    ),
    Variable("growth", ("growth",), "str", "1", "P-2", "growth scenario", "name in the study file"),
    Variable("pro_year", ("pro_year",), "int64", "1", "P-1", "date of a pro count", "1 October"),
    Variable("funding_year", ("funding_year",), "int64", "1", "P-3", "year", "calendar year"),
    Variable(
        "year_of_stay",
        ("year_of_stay",),
        "int64",
        "1",
        "P-1",
        "year of stay in pro (verblijfsjaar)",
        "1 ... 6",
    ),
    Variable(
        "source",
        ("source",),
        "str",
        "1",
        "Q-1, Q-6",
        "source of uncertainty",
        "names in the study file, [uncertainty]",
    ),
    Variable("part", ("part",), "str", "1", "§5", "part of light support", "regional, lwoo, pro"),
    Variable(
        "rung",
        ("rung",),
        "str",
        "1",
        "I-2",
        "rung of the donor ladder",
        "where donors are looked for, and which match keys they share, first rung first",
    ),
    Variable(
        "category",
        ("category",),
        "str",
        "1",
        "R-1",
        "category of pupils",
        "column and code, as in education_mother=primary",
    ),
    Variable(
        "split",
        ("split",),
        "str",
        "1",
        "R-10",
        "policy whose changes are split",
        "names in the study file, [report] split",
    ),
    Variable(
        "factor",
        ("factor",),
        "str",
        "1",
        "R-10",
        "factor of the disadvantage score",
        "education, origin, other characteristics, donated scores, asylum",
    ),
)
