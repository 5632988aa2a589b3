"""The model by its clauses, word by word, in plain Python: what the fast engine is tested against.

Dicts, lists, `Fraction` and `Decimal`; nothing of the engine but its lists of codes. Slow on
purpose: every function says one clause. Three files: here the pupils' scores (Q-2, S, I) and the
whole (`simulate`); `tests.reference_target` has the target group and the disadvantage score (U, T,
D), `tests.reference_money` the budgets (B).

Data
----
rows
    The pupil table: a list of dicts with the contract's columns; an empty cell is None or absent.
    asylum and debt are bools, ids, year, grade and classes ints, the rest strings.
probabilities
    ``{class: {level: Decimal}}``, as written in the file.
indicator
    ``{"start": {"bbkb", "gltl"}, "education_mother", "education_father", "origin", "stay", "debt",
    "characteristic": {column: {code: Decimal}}}``: an indicator file as `tomllib` reads it with
    ``parse_float=Decimal``. "characteristic" may be absent; cells of an added column are its codes.
swv_rows
    swv.csv, see `tests.reference_money`.

Scores are ints in millionths of a score point (S-4) unless a docstring says score points.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lwoopro import codes
from tests.reference_money import (
    PARTS,
    ClauseError,
    Money,
    Row,
    budget_parts,
    distributes_by_score,
    score_money,
)
from tests.reference_target import (
    MILLION,
    disadvantage_scores,
    distributing_scores,
    pupil_counts,
    target_counts,
    target_group,
    wanted_others,
)

ROLES = ("mother", "father")
EDUCATION_SOURCE, DONOR_SOURCE = 1, 2
MASK32 = 2**32 - 1

Indicator = Mapping[str, Any]
Probabilities = Mapping[int, Mapping[str, Decimal]]
PersonKey = tuple[int, int]
"""The person and the sub-index of his uniform: (id, 0), (pupil_id, 1) or (pupil_id, 2)."""


# --- random numbers --------------------------------------------------------------------


def philox4x32(counter: Sequence[int], key: Sequence[int]) -> tuple[int, int, int, int]:
    """Philox4x32-10 (Salmon et al. 2011): four words of 32 bits from four and a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        product0, product1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (
            (product1 >> 32) ^ c1 ^ k0,
            product1 & MASK32,
            (product0 >> 32) ^ c3 ^ k1,
            product0 & MASK32,
        )
        k0, k1 = (k0 + 0x9E3779B9) & MASK32, (k1 + 0xBB67AE85) & MASK32
    return c0, c1, c2, c3


def keyed_word(seed: int, source: int, sub: int, person: int, draw: int) -> int:
    """Q-2: the word of 32 bits that belongs to (seed, source, person, sub-index, draw).

    Key: low and high word of the seed. Counter: draw // 4; source << 24 | sub; low and high word
    of the person (int64 as two's complement). Of the four words, number draw % 4.
    """
    unsigned = person % 2**64
    counter = (draw // 4, source << 24 | sub, unsigned & MASK32, unsigned >> 32)
    return philox4x32(counter, (seed & MASK32, seed >> 32))[draw % 4]


def keyed_halves(seed: int, source: int, sub: int, person: int, draw: int) -> int:
    """Q-2: the word of 32 bits of an education level, out of two halves.

    Key and counter are those of `keyed_word`, but for their first word: draw // 8 gives the upper
    half, 2**31 more the lower one. Each is half of the output word of number draw % 4: the lower
    half of it where draw // 4 is even, the upper half of it where draw // 4 is odd.
    """
    unsigned = person % 2**64
    halves = []
    for first in (draw // 8, draw // 8 + 2**31):
        counter = (first, source << 24 | sub, unsigned & MASK32, unsigned >> 32)
        word = philox4x32(counter, (seed & MASK32, seed >> 32))[draw % 4]
        halves.append(word >> 16 if draw // 4 % 2 else word & 0xFFFF)
    return halves[0] << 16 | halves[1]


# --- S: education score ---------------------------------------------------------------------


def millionths(value: Decimal) -> int:
    """S-4: a coefficient in whole millionths; more than six decimals is an error."""
    exact = Fraction(value) * MILLION
    if exact.denominator != 1:
        raise ClauseError("S-4", "more than six decimals", value=value)
    return exact.numerator


def education_score(row: Row, mother: str, father: str, indicator: Indicator) -> int:
    """S-1: start(track group) + mother + father + origin + stay + debt (+ added, S-2)."""
    group = codes.TRACK_GROUPS[codes.TRACK_GROUP_OF_TRACK[codes.TRACKS.index(row["track"])]]
    score = (
        millionths(indicator["start"][group])
        + millionths(indicator["education_mother"][mother])
        + millionths(indicator["education_father"][father])
        + millionths(indicator["origin"][row["origin"]])
        + millionths(indicator["stay"][row["stay"]])
        + millionths(indicator["debt"]["yes" if row["debt"] else "no"])
    )
    for column, values in indicator.get("characteristic", {}).items():
        score += millionths(values[row[column]])
    return score


# --- I-1, I-5: education of parents ---------------------------------------------------------


def is_scored(row: Row) -> bool:
    """Complete registration and no asylum pupil: has a score of its own, and is a donor (I-2)."""
    return row["registration"] == "complete" and not row["asylum"]


def person_key(row: Row, role: str) -> PersonKey:
    """I-5: the parent's own id; without one the pupil's id and the role."""
    parent: int | None = row.get(f"{role}_id")
    if parent is not None:
        return parent, 0
    return row["pupil_id"], 1 + ROLES.index(role)


def known_levels(rows: Iterable[Row]) -> dict[PersonKey, str]:
    """I-5: a level known in one row is known in all, whatever the role or year.

    Only scored rows speak (contract: what others give is used for donor matching and nothing
    else). Where they disagree: the highest level, for levels are the highest attained.
    """
    known: dict[PersonKey, str] = {}
    for row in rows:
        for role in ROLES:
            level = row.get(f"education_{role}")
            if is_scored(row) and level is not None:
                key = person_key(row, role)
                known[key] = max(known.get(key, level), level, key=codes.EDUCATION_LEVELS.index)
    return known


def drawn_level(probability: Mapping[str, Decimal], uniform: Fraction) -> str:
    """I-1: inversion over the ordered levels: the first whose cumulative probability exceeds u.

    The probabilities of a class are normalised by their sum.
    """
    total = sum(Fraction(p) for p in probability.values())
    cumulative = Fraction(0)
    for level in codes.EDUCATION_LEVELS:
        cumulative += Fraction(probability[level]) / total
        if cumulative > uniform:
            return level
    raise ClauseError("I-1", "probabilities without a positive sum")


def parent_level(
    row: Row,
    role: str,
    known: Mapping[PersonKey, str],
    probabilities: Probabilities,
    seed: int,
    draw: int,
) -> str:
    """The level of a registered parent in a scored row (I-1 by `table`, I-5).

    The row's own level stands; else the level known from other rows; else one drawn with the
    parent's own uniform (no year and no class in its key) from this row's class.
    """
    level: str | None = row.get(f"education_{role}")
    key = person_key(row, role)
    if level is not None:
        return level
    if key in known:
        return known[key]
    imputation_class = row.get(f"education_class_{role}")
    if imputation_class is None or imputation_class not in probabilities:
        raise ClauseError("I-1", "unknown level without a class", column=f"education_{role}")
    person, sub = key
    uniform = Fraction(keyed_halves(seed, EDUCATION_SOURCE, sub, person, draw) >> 1, 2**31)
    return drawn_level(probabilities[imputation_class], uniform)


# --- I-2, I-3: donated scores ---------------------------------------------------------------


def donor_class(recipient: Row, rows: Iterable[Row], match: Sequence[str]) -> list[Row]:
    """The first non-empty class of donors, in order of pupil_id (I-2, I-3).

    Donors: pupils of the same year, complete, no asylum. I-2: same school with all match keys,
    then dropping keys from the last, down to none; then the whole country likewise. A key that
    the recipient has empty is dropped; a donor's empty cell equals nothing. I-3: no keys.
    """
    donors = [row for row in rows if row["year"] == recipient["year"] and is_scored(row)]
    keys = [] if recipient["registration"] == "unregistered" else list(match)
    keys = [key for key in keys if recipient.get(key) is not None]
    for same_school in (True, False):
        for number in range(len(keys), -1, -1):
            found = [
                donor
                for donor in donors
                if (not same_school or donor["school_id"] == recipient["school_id"])
                and all(donor.get(key) == recipient[key] for key in keys[:number])
            ]
            if found:
                return sorted(found, key=lambda donor: donor["pupil_id"])
    raise ClauseError("I-2", "no donor in the country", year=recipient["year"])


def chosen_donor(candidates: Sequence[Row], recipient: Row, seed: int, draw: int) -> Row:
    """I-2: uniform choice, keyed by the recipient with the year: floor(word * K / 2**32)."""
    word = keyed_word(seed, DONOR_SOURCE, recipient["year"], recipient["pupil_id"], draw)
    return candidates[word * len(candidates) // 2**32]


# --- The whole ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """What a study says, as plain data.

    Attributes
    ----------
    years, draws : ints
        Reference dates; the numbers of the draws to do (any subset, any order).
    shares : decimals
        As written.
    education, donors : bool
        Section [uncertainty]: off = draw 0 in every draw (Q-1).
    policies : list of dict
        With the contract's keys, numbers as Decimal. Beyond it: ``reference_count`` (direct-pro),
        ``lwoo_key``, ``pro_key`` (key; absent: as at present).
    """

    years: tuple[int, ...]
    draws: tuple[int, ...]
    seed: int
    shares: tuple[Decimal, ...]
    policies: tuple[dict[str, Any], ...]
    attributions: tuple[str, ...] = ("school", "home")
    ties: str = "include"
    match: tuple[str, ...] = ("track", "origin")
    education: bool = True
    donors: bool = True
    money: Money = field(default_factory=lambda: Money(Decimal("4740.0"), Decimal("105.0")))


@dataclass
class Result:
    """Everything exact, in dicts by tuple of labels; scores in score points, money in cents.

    Attributes
    ----------
    disadvantage_score, target_pupils : Fraction by (draw, year, attribution, share, swv)
        D-1 with weight `mean` and no threshold; D-5.
    mean_score, cut_score, target_mean : Fraction by (draw, year, share)
        A, c, G.
    pupils : int by (year, attribution, swv)
        n_j.
    budget_part : int by (draw, year, policy, part, swv)
    budget : int by (draw, year, policy, swv)
    score : int (millionths) by (draw, year, pupil_id)
        None for asylum pupils, whose score depends on the share.
    donor : int by (draw, year, pupil_id of the recipient)
        pupil_id of the donor.
    """

    disadvantage_score: dict[tuple[int, int, str, Decimal, str], Fraction] = field(
        default_factory=dict
    )
    target_pupils: dict[tuple[int, int, str, Decimal, str], Fraction] = field(default_factory=dict)
    mean_score: dict[tuple[int, int, Decimal], Fraction] = field(default_factory=dict)
    cut_score: dict[tuple[int, int, Decimal], Fraction] = field(default_factory=dict)
    target_mean: dict[tuple[int, int, Decimal], Fraction] = field(default_factory=dict)
    pupils: dict[tuple[int, str, str], int] = field(default_factory=dict)
    budget_part: dict[tuple[int, int, str, str, str], int] = field(default_factory=dict)
    budget: dict[tuple[int, int, str, str], int] = field(default_factory=dict)
    score: dict[tuple[int, int, int], int | None] = field(default_factory=dict)
    donor: dict[tuple[int, int, int], int] = field(default_factory=dict)


def scores_of_year(
    rows: Sequence[Row],
    known: Mapping[PersonKey, str],
    probabilities: Probabilities,
    indicator: Indicator,
    settings: Settings,
    draw: int,
) -> tuple[dict[int, int | None], dict[int, int]]:
    """Scores (millionths, None for asylum pupils) and donors of a year's pupils in a draw.

    I-1 and I-5 for complete pupils, then I-2 and I-3 with *this draw's* score of the donor; I-4
    takes precedence. A source that is off has the realisation of draw 0 (Q-1).
    """
    education_draw = draw if settings.education else 0
    donor_draw = draw if settings.donors else 0
    scores: dict[int, int | None] = {}
    donors: dict[int, int] = {}
    for row in rows:
        if is_scored(row):
            mother, father = (
                parent_level(row, role, known, probabilities, settings.seed, education_draw)
                for role in ROLES
            )
            scores[row["pupil_id"]] = education_score(row, mother, father, indicator)
    for row in rows:
        if row["asylum"]:
            scores[row["pupil_id"]] = None
        elif not is_scored(row):
            candidates = donor_class(row, rows, settings.match)
            donor = chosen_donor(candidates, row, settings.seed, donor_draw)["pupil_id"]
            donors[row["pupil_id"]] = donor
            scores[row["pupil_id"]] = scores[donor]
    return scores, donors


def check_before_draws(by_year: Mapping[int, Sequence[Row]], settings: Settings) -> None:
    """What follows from the table and the shares alone is refused before any draw (D-4, I-4)."""
    for year, rows in by_year.items():
        if not rows:
            raise ClauseError("contract", "year absent from the pupil table", year=year)
        asylum = sum(row["asylum"] for row in rows)
        for share in settings.shares:
            wanted_others(share, len(rows), asylum)
        for row in rows:
            if not row["asylum"] and not is_scored(row):
                donor_class(row, rows, settings.match)


def simulate(
    rows: Sequence[Row],
    probabilities: Probabilities,
    indicator: Indicator,
    swv_rows: Sequence[Row],
    settings: Settings,
) -> Result:
    """Do every draw of a study; raises ClauseError where a clause calls something an error.

    Rows of years that the study does not name are ignored, for I-5 as well.
    """
    by_year = {year: [row for row in rows if row["year"] == year] for year in settings.years}
    check_before_draws(by_year, settings)
    known = known_levels(row for of_year in by_year.values() for row in of_year)
    result = Result()
    for year, of_year in by_year.items():
        of_swv = [r for r in swv_rows if r.get("year") is None or r["year"] == year]
        region = {r["swv"]: r.get("region") for r in sorted(of_swv, key=lambda r: str(r["swv"]))}
        counts = {a: pupil_counts(of_year, a, region) for a in codes.ATTRIBUTIONS}
        for attribution in settings.attributions:
            for code, count in counts[attribution].items():
                result.pupils[year, attribution, code] = count
        for draw in settings.draws:
            scores, donors = scores_of_year(
                of_year, known, probabilities, indicator, settings, draw
            )
            result.score.update({(draw, year, pupil): s for pupil, s in scores.items()})
            result.donor.update({(draw, year, pupil): d for pupil, d in donors.items()})
            others = [score for score in scores.values() if score is not None]
            groups = {}
            for share in settings.shares:
                try:
                    group = target_group(others, len(scores) - len(others), share, settings.ties)
                except ClauseError as error:
                    error.where |= {"draw": draw, "year": year, "share": share}
                    raise
                groups[share] = group
                result.mean_score[draw, year, share] = group.mean / MILLION
                result.cut_score[draw, year, share] = Fraction(group.cut, MILLION)
                result.target_mean[draw, year, share] = group.target_mean / MILLION
                for attribution in settings.attributions:
                    s = disadvantage_scores(of_year, scores, group, attribution, region)
                    t = target_counts(of_year, scores, group, attribution, region)
                    for code in region:
                        where = (draw, year, attribution, share, code)
                        result.disadvantage_score[where] = s[code]
                        result.target_pupils[where] = t[code]
            for policy in settings.policies:
                by_score = None
                if policy["kind"] in ("indicator", "direct-pro") and distributes_by_score(
                    policy, score_money(policy, swv_rows, settings.money, year)
                ):
                    n = counts[policy.get("attribution", "school")]
                    group = groups[policy["share"]]
                    try:
                        by_score = distributing_scores(policy, of_year, scores, group, n, region)
                    except ClauseError as error:
                        error.where |= {"draw": draw, "year": year, "policy": policy["name"]}
                        raise
                parts = budget_parts(policy, swv_rows, settings.money, year, counts, by_score)
                for code in region:
                    name = policy["name"]
                    for part in PARTS:
                        result.budget_part[draw, year, name, part, code] = parts[part][code]
                    result.budget[draw, year, name, code] = sum(parts[p][code] for p in PARTS)
    return result
