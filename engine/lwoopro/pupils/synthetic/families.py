"""Families: home, origin, education, income, debt, stay, asylum (model §10).

One status factor per family and one factor per parent make the latent education; common cuts make
levels of it. Origin, the swv of residence, the school and the track group shift it. All belongs to
the family and stays with it: the same parents have the same education for every child and year.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr, ndtri

from lwoopro import codes
from lwoopro.pupils.synthetic.parameters import Parameters
from lwoopro.pupils.synthetic.schools import Schools
from lwoopro.pupils.synthetic.source import CONTEXT_COLUMNS, Source

__all__ = ["Families", "Places", "make_families", "make_places"]

_OTHER: Final = codes.ORIGINS.index("other")
_ABROAD: Final = codes.ORIGINS[1:]
DEBT_YEARS: Final = 3
"""Years that a debt restructuring lasts."""
DEBT_WINDOW: Final = 8
"""Years in which it may begin, from three before the family's cohort on."""
LONG_STAY: Final = 99


@dataclass(frozen=True, eq=False)
class Places:
    """What living in an swv means for a family; all arrays have shape (swv,) unless stated.

    Attributes
    ----------
    origin : float64 array
        Logit shift of the share of families from abroad.
    composition : float64 array (swv, 4)
        Cumulative shares of the origins other than ``nl``.
    education : float64 array (2, swv)
        Shift of the parents' latent education: Dutch families, families from abroad.
    cohort : float64 array (cohorts, swv)
        Further shift by the family's cohort, from `first_cohort` on.
    first_cohort : int
    """

    origin: NDArray[np.float64]
    composition: NDArray[np.float64]
    education: NDArray[np.float64]
    cohort: NDArray[np.float64]
    first_cohort: int

    def shift_of_cohort(
        self, cohort: NDArray[np.int64], home: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Shift of every family, float64 array (persons,); beyond the ends the nearest cohort."""
        place = np.clip(cohort - self.first_cohort, 0, len(self.cohort) - 1)
        return np.asarray(self.cohort[place, home])


@dataclass(frozen=True, eq=False)
class Families:
    """Attributes of families, one per person of a chunk; all arrays have shape (persons,)."""

    home: NDArray[np.int64]
    origin: NDArray[np.int8]
    mother: NDArray[np.int8]
    father: NDArray[np.int8]
    income_decile: NDArray[np.int64]
    debt_start: NDArray[np.int64]
    stay_in_cohort: NDArray[np.int64]
    asylum: NDArray[np.bool_]
    mother_birth: NDArray[np.int64]
    father_birth: NDArray[np.int64]
    status: NDArray[np.float64]


def make_places(source: Source, p: Parameters) -> Places:
    """Turn the context of every swv into shifts; a population without context has none."""
    count = len(source.codes)
    score = dict.fromkeys(CONTEXT_COLUMNS, np.zeros(count))
    if source.context is not None:
        regional = np.array([code != codes.NATIONAL_SWV for code in source.codes])
        for k, column in enumerate(CONTEXT_COLUMNS):
            value = source.context[:, k].copy()
            if column == "nonwestern_pct":
                value[~regional] = p["reformed.nonwestern_pct"]
                value = np.log(value / (100.0 - value))
            inside = value[regional]
            score[column] = (value - inside.mean()) / inside.std()
    abroad = score["nonwestern_pct"]
    logits = np.stack(
        [p[f"origin.{name}"] + p[f"origin.{name}_slope"] * abroad for name in _ABROAD], axis=1
    )
    weight = np.exp(logits)
    composition = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    composition[:, -1] = 1.0
    place = (
        p["education.low_edu_slope"] * score["low_edu_pct"]
        + p["education.high_edu_slope"] * score["high_edu_pct"]
        + p["education.low_income_slope"] * score["low_income_pct"]
    )
    # the Dutch families of a large city are not as much poorer than those of a town as the towns'
    # are than those of a village
    dutch = p["education.nonwestern_slope"] * np.minimum(abroad, p["education.nonwestern_cap"])
    education = np.stack([place + dutch, place + p["education.nonwestern_slope_abroad"] * abroad])
    cohorts = sorted(source.composition)
    return Places(
        origin=p["origin.nonwestern_slope"] * abroad,
        composition=composition,
        education=education,
        cohort=np.stack([source.composition[c] for c in cohorts] or [np.zeros(count)]),
        first_cohort=cohorts[0] if cohorts else 0,
    )


def _shift_of_origin(p: Parameters) -> NDArray[np.float64]:
    """Shift of the latent education per origin, float64 array (5,)."""
    three = [p["education.three_origins"] + p[f"education.{name}"] for name in _ABROAD[:3]]
    return np.array([0.0, *three, p["education.other"]])


def make_families(
    words: NDArray[np.float64],
    home: NDArray[np.int64],
    basic: NDArray[np.bool_],
    cohort: NDArray[np.int64],
    school: NDArray[np.int64],
    schools: Schools,
    places: Places,
    p: Parameters,
) -> Families:
    """Make the families of a chunk of persons.

    Parameters
    ----------
    words : float64 array (FAMILY_WORDS, persons)
        Uniform numbers of the families; rows 0 and 1 chose school and home.
    home : int64 array (persons,)
        swv where the family lives.
    basic : bool array (persons,)
        The family's first child is in bb or kb.
    cohort : int64 array (persons,)
        Year in which the first child is in grade 3.
    school : int64 array (persons,)
        The first child's school, within the swv.
    schools, places, p
        The swv's schools, the country's places, the parameters.
    """
    chance = expit(
        p["origin.intercept"]
        + places.origin[home]
        + p["origin.basic_tracks"] * basic
        + p["schools.origin_spread"] * schools.origin[school]
    )
    abroad = words[2] < chance
    # the same uniform, spread out again below the chance, chooses among the other origins
    fraction = np.minimum(words[2] / chance, 1.0)
    origin = np.zeros(len(home), dtype=np.int8)
    composition = places.composition[home]
    for k in range(len(_ABROAD)):
        below = fraction > composition[:, k - 1] if k else True
        origin[abroad & below] = k + 1
    asylum = (origin == _OTHER) & (words[11] < p["asylum.share_of_other"] * schools.asylum[school])

    status = ndtri(words[3])
    shift = (
        _shift_of_origin(p)[origin]
        + p["education.basic_tracks"] * basic
        + places.education[(origin > 0).astype(np.int64), home]
        + places.shift_of_cohort(cohort, home)
        + p["schools.status_spread"] * schools.status[school]
        + p["asylum.education"] * asylum
    )
    spread = np.where(origin > 0, p["education.spread_abroad"], 1.0)
    shared = np.sqrt(p["education.family_correlation"]) * status
    own = np.sqrt(1.0 - p["education.family_correlation"])
    independent = words[6] < p["education.independent_share"]
    father_shared = np.where(independent, ndtri(words[18]) * np.sqrt(1.0 - own**2), shared)
    cuts = np.cumsum([p["education.cut_1"]] + [p[f"education.step_{k}"] for k in range(2, 8)])
    mother = np.searchsorted(cuts, shift + spread * (shared + own * ndtri(words[4])))
    father = np.searchsorted(
        cuts,
        shift + p["education.father"] + spread * (father_shared + own * ndtri(words[5])),
    )

    income = (
        p["income.status"] * status
        + p["income.level"] * (mother + father - 7.0)
        + p["income.abroad"] * (origin > 0)
        + p["income.asylum"] * asylum
        + ndtri(words[7])
    )
    scale = np.sqrt(1.0 + p["income.status"] ** 2 + 9.0 * p["income.level"] ** 2)
    decile = 1 + np.minimum((10.0 * ndtr((income + p["income.shift"]) / scale)).astype(np.int64), 9)

    debt_chance = expit(p["debt.intercept"] - p["debt.status"] * (status + p["debt.shift"] * shift))
    in_window = np.minimum(debt_chance * DEBT_WINDOW / DEBT_YEARS, 1.0)
    debt_start = np.where(
        (words[8] < in_window) & ~asylum,
        cohort - 3 + (words[9] * DEBT_WINDOW).astype(np.int64),
        np.int64(-9999),
    )

    by_origin = [p["stay.nl"]] + [p["stay.three"]] * 3 + [p["stay.other"]]
    short = np.where(asylum, p["stay.asylum"], np.array(by_origin)[origin])
    bound = np.where(asylum, p["asylum.longest_stay"], 10.0)
    years = (np.minimum(words[10] / short, 1.0) * bound).astype(np.int64)
    stay = np.where(words[10] < short, years, LONG_STAY)

    born = cohort - 14
    age = p["age.mother"] + p["age.status"] * status + p["age.spread"] * ndtri(words[12])
    mother_age = np.clip(np.rint(age), 16, 47)
    gap = p["age.father_gap"] + p["age.father_spread"] * ndtri(words[13])
    father_age = np.clip(np.rint(mother_age + gap), 16, 70)
    return Families(
        home=home,
        origin=origin,
        mother=mother.astype(np.int8),
        father=father.astype(np.int8),
        income_decile=decile,
        debt_start=debt_start,
        stay_in_cohort=stay,
        asylum=asylum,
        mother_birth=born - mother_age.astype(np.int64),
        father_birth=born - father_age.astype(np.int64),
        status=status,
    )
