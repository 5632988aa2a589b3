"""A drawn population by the clauses, word by word (Q-1, Q-2): beside `tests.reference`.

Persons are drawn with replacement within the stratum (swv of the school, track) of their first
year in the study. A pupil who is drawn twice stands twice in every year that he is in; donors are
looked for, and chosen, in the pupil table as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from lwoopro import codes
from tests.reference import check_before_draws, keyed_word, known_levels, scores_of_year
from tests.reference_money import (
    PARTS,
    ClauseError,
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
)
from tests.world import World

POPULATION_SOURCE = 5


def strata(rows: Iterable[Row]) -> dict[tuple[str, str], list[int]]:
    """pupil_ids of every stratum, rising; a person's first year says where he belongs."""
    first: dict[int, Row] = {}
    for row in rows:
        known = first.get(row["pupil_id"])
        if known is None or row["year"] < known["year"]:
            first[row["pupil_id"]] = row
    found: dict[tuple[str, str], list[int]] = {}
    for pupil in sorted(first):
        row = first[pupil]
        found.setdefault((row["school_swv"], row["track"]), []).append(pupil)
    return found


def drawn_weights(rows: Iterable[Row], seed: int, draw: int) -> dict[int, int]:
    """Slots of every person: each person throws one, by his own word, in his stratum."""
    weight: dict[int, int] = {}
    for members in strata(rows).values():
        weight.update(dict.fromkeys(members, 0))
        for pupil in members:
            word = keyed_word(seed, POPULATION_SOURCE, 0, pupil, draw)
            weight[members[word * len(members) // 2**32]] += 1
    return weight


@dataclass
class DrawnResult:
    """As `tests.reference.Result`, with the pupils of every draw."""

    disadvantage_score: dict[tuple[int, int, str, Decimal, str], Fraction] = field(
        default_factory=dict
    )
    target_pupils: dict[tuple[int, int, str, Decimal, str], Fraction] = field(default_factory=dict)
    mean_score: dict[tuple[int, int, Decimal], Fraction] = field(default_factory=dict)
    cut_score: dict[tuple[int, int, Decimal], Fraction] = field(default_factory=dict)
    target_mean: dict[tuple[int, int, Decimal], Fraction] = field(default_factory=dict)
    pupils: dict[tuple[int, int, str, str], int] = field(default_factory=dict)
    asylum: dict[tuple[int, int, str, str], int] = field(default_factory=dict)
    budget_part: dict[tuple[int, int, str, str, str], int] = field(default_factory=dict)


def simulate_drawn(world: World) -> DrawnResult:
    """Do every draw of a world whose population is drawn; ClauseError as in the reference."""
    settings, swv_rows = world.settings, world.swv
    by_year = {y: [row for row in world.rows if row["year"] == y] for y in settings.years}
    check_before_draws(by_year, settings)
    rows = [row for of_year in by_year.values() for row in of_year]
    known = known_levels(rows)
    result = DrawnResult()
    for draw in settings.draws:
        weight = drawn_weights(rows, settings.seed, draw)
        for year, of_year in by_year.items():
            scores, _ = scores_of_year(
                of_year, known, world.probabilities, world.indicator, settings, draw
            )
            drawn = [row for row in of_year for _ in range(weight[row["pupil_id"]])]
            one_year(result, world, draw, year, drawn, scores, swv_rows)
    return result


def one_year(
    result: DrawnResult,
    world: World,
    draw: int,
    year: int,
    drawn: Sequence[Row],
    scores: dict[int, int | None],
    swv_rows: Sequence[Row],
) -> None:
    """Target group, scores and money of the rows that a draw has; a row may stand there often."""
    settings = world.settings
    of_swv = [r for r in swv_rows if r.get("year") is None or r["year"] == year]
    region = {r["swv"]: r.get("region") for r in sorted(of_swv, key=lambda r: str(r["swv"]))}
    counts = {a: pupil_counts(drawn, a, region) for a in codes.ATTRIBUTIONS}
    asylum = [row for row in drawn if row["asylum"]]
    for attribution in settings.attributions:
        given = pupil_counts(asylum, attribution, region)
        for code in region:
            result.pupils[draw, year, attribution, code] = counts[attribution][code]
            result.asylum[draw, year, attribution, code] = given[code]
    others = [s for s in (scores[row["pupil_id"]] for row in drawn) if s is not None]
    groups = {}
    for share in settings.shares:
        group = target_group(others, len(asylum), share, settings.ties)
        groups[share] = group
        where = (draw, year, share)
        result.mean_score[where] = group.mean / MILLION
        result.cut_score[where] = Fraction(group.cut, MILLION)
        result.target_mean[where] = group.target_mean / MILLION
        for attribution in settings.attributions:
            s = disadvantage_scores(drawn, scores, group, attribution, region)
            t = target_counts(drawn, scores, group, attribution, region)
            for code in region:
                at = (draw, year, attribution, share, code)
                result.disadvantage_score[at], result.target_pupils[at] = s[code], t[code]
    for policy in settings.policies:
        by_score = None
        money = settings.money
        if policy["kind"] in ("indicator", "direct-pro") and distributes_by_score(
            policy, score_money(policy, swv_rows, money, year)
        ):
            n = counts[policy.get("attribution", "school")]
            group = groups[policy["share"]]
            by_score = distributing_scores(policy, drawn, scores, group, n, region)
        try:
            parts = budget_parts(policy, swv_rows, money, year, counts, by_score)
        except ZeroDivisionError:
            raise ClauseError("B-9", "no pupils to share the money") from None
        for code in region:
            for part in PARTS:
                result.budget_part[draw, year, policy["name"], part, code] = parts[part][code]
