"""Target group and disadvantage score by the clauses, word by word (U-1, U-2, I-4, T, D).

Second part of the reference; see `tests.reference` for the data. Scores are ints in millionths of
a score point; disadvantage scores S_j are Fractions in score points.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lwoopro import codes
from tests.reference_money import ClauseError, Row

MILLION = 10**6


# --- U: pupils and units --------------------------------------------------------------------


def attributed_swv(row: Row, attribution: str) -> str:
    """U-1: pupils of VO0001 schools belong to VO0001 wherever they live; U-2: unknown home."""
    school: str = row["school_swv"]
    home: str | None = row.get("home_swv")
    if attribution == "school" or school == codes.NATIONAL_SWV or home is None:
        return school
    return home


def pupil_counts(rows: Iterable[Row], attribution: str, swv: Iterable[str]) -> dict[str, int]:
    """n_j: upper-vmbo pupils per swv (section 5); a swv without pupils has 0."""
    counts = Counter(attributed_swv(row, attribution) for row in rows)
    return {code: counts[code] for code in swv}


# --- I-4, T: target group -------------------------------------------------------------------


def wanted_others(share: Decimal, pupils: int, asylum: int) -> Fraction:
    """I-4: m = Y * N - a, exactly (T-1); m <= 0 is an error."""
    wanted = Fraction(share) * pupils - asylum
    if wanted <= 0:
        raise ClauseError("I-4", "no room for others than asylum pupils", share=share)
    return wanted


def cut_score(others: Sequence[int], wanted: Fraction) -> int:
    """I-4: c = the lowest score with #{score <= c} >= m."""
    for candidate in sorted(set(others)):
        if sum(score <= candidate for score in others) >= wanted:
            return candidate
    raise ClauseError("T-1", "share above 1")


def member_weight(others: Sequence[int], wanted: Fraction, ties: str) -> Callable[[int], Fraction]:
    """T-2: the weight in the target group of a score among the others, by tie rule."""
    cut = cut_score(others, wanted)
    below = sum(score < cut for score in others)
    at_most = sum(score <= cut for score in others)
    if ties == "include":
        at_cut = Fraction(1)
    elif ties == "exclude":
        at_cut = Fraction(1) if at_most == wanted else Fraction(0)
        if below == 0 and at_cut == 0:
            raise ClauseError("T-2", "exclude leaves nobody")
    elif ties == "fractional":
        at_cut = (wanted - below) / (at_most - below)
    else:
        raise ClauseError("T-2", f"no such rule: {ties}")
    return lambda score: Fraction(1) if score < cut else at_cut if score == cut else Fraction(0)


@dataclass(frozen=True)
class TargetGroup:
    """A year's target group at one share, scores in millionths.

    Attributes
    ----------
    cut : int
        c (I-4).
    mean : Fraction
        A, the national mean over all pupils (D-1), asylum pupils with their score.
    target_mean : Fraction
        G, the mean of the target group, which is the asylum score (I-4).
    weight : function
        Score of a pupil among the others -> weight (T-2).
    """

    cut: int
    mean: Fraction
    target_mean: Fraction
    weight: Callable[[int], Fraction]


def target_group(others: Sequence[int], asylum: int, share: Decimal, ties: str) -> TargetGroup:
    """I-4, T-1, T-2, D-1: cut, members, asylum score and national mean in closed form."""
    pupils = len(others) + asylum
    wanted = wanted_others(share, pupils, asylum)
    weight = member_weight(others, wanted, ties)
    members = sum((weight(score) for score in others), Fraction(0))
    target_mean = sum((weight(score) * score for score in others), Fraction(0)) / members
    return TargetGroup(
        cut=cut_score(others, wanted),
        mean=(sum(others) + asylum * target_mean) / pupils,
        target_mean=target_mean,
        weight=weight,
    )


def asylum_score_by_iteration(
    others: Sequence[int], asylum: int, share: Decimal, ties: str, start: Fraction, steps: int
) -> Fraction:
    """I-4 without its closed form: the asylum score as a fixed point, after `steps` steps.

    Asylum pupils have the score of the step before (`start` at first) and are always in the target
    group; the others come in one by one, lowest first, until it has Y * N pupils. The mean of that
    group, asylum pupils included, is their next score. Ties by T-2. The distance to the fixed
    point shrinks by the asylum pupils' share in the group with every step.
    """
    queue = sorted(others)
    places = Fraction(share) * (len(others) + asylum) - asylum
    if places <= 0:
        raise ClauseError("I-4", "no room for others than asylum pupils", share=share)
    taken = 0
    while taken < places:
        taken += 1
    last = queue[taken - 1]
    first_tied, after_tied = queue.index(last), len(queue) - queue[::-1].index(last)
    group = [(score, Fraction(1)) for score in queue[:first_tied]]
    tied = after_tied - first_tied
    if ties == "include" or (ties == "exclude" and after_tied == places):
        group += [(last, Fraction(1))] * tied
    elif ties == "fractional":
        group += [(last, (places - first_tied) / tied)] * tied
    if not group:
        raise ClauseError("T-2", "exclude leaves nobody")
    size = sum(weight for _, weight in group) + asylum
    score = start
    for _ in range(steps):
        score = (sum(weight * s for s, weight in group) + asylum * score) / size
    return score


# --- D: disadvantage score ------------------------------------------------------------------


def contribution(kind: str, score: Fraction | int, group: TargetGroup) -> Fraction:
    """D-2: what a member contributes, millionths: `mean` A - score, `cut` c - score, `equal` 1.

    `equal` counts pupils: 1 stands for one score point here, so that all kinds scale alike.
    """
    if kind == "equal":
        return Fraction(MILLION)
    level = {"mean": group.mean, "cut": Fraction(group.cut)}[kind]
    return level - score


def disadvantage_scores(
    rows: Iterable[Row],
    scores: Mapping[int, int | None],
    group: TargetGroup,
    attribution: str,
    swv: Iterable[str],
    kind: str = "mean",
) -> dict[str, Fraction]:
    """D-1, D-2: S_j in score points, over j's members and asylum pupils (weight 1).

    `rows` of one year; `scores` by pupil_id in millionths, None for asylum pupils.
    """
    total = dict.fromkeys(swv, Fraction(0))
    for row in rows:
        score = scores[row["pupil_id"]]
        code = attributed_swv(row, attribution)
        if score is None:
            total[code] += contribution(kind, group.target_mean, group)
        elif group.weight(score) > 0:
            total[code] += group.weight(score) * contribution(kind, score, group)
    return {code: value / MILLION for code, value in total.items()}


def target_counts(
    rows: Iterable[Row],
    scores: Mapping[int, int | None],
    group: TargetGroup,
    attribution: str,
    swv: Iterable[str],
) -> dict[str, Fraction]:
    """Target-group pupils per swv, asylum pupils with weight 1 (D-5)."""
    total = dict.fromkeys(swv, Fraction(0))
    for row in rows:
        score = scores[row["pupil_id"]]
        total[attributed_swv(row, attribution)] += 1 if score is None else group.weight(score)
    return total


def over_threshold(
    score: Mapping[str, Fraction],
    pupils: Mapping[str, int],
    group: TargetGroup,
    kind: str,
    mode: str,
    tau: Decimal,
) -> dict[str, Fraction]:
    """D-3: t_j = tau * n_j * (mean contribution of the target group), score points."""
    mean = contribution(kind, group.target_mean, group) / MILLION
    result = {}
    for code, value in score.items():
        threshold = Fraction(tau) * pupils[code] * mean
        if mode == "none":
            result[code] = value
        elif mode == "deduct":
            result[code] = max(Fraction(0), value - threshold)
        elif mode == "eligible":
            result[code] = value if value > threshold else Fraction(0)
        else:
            raise ClauseError("D-3", f"no such threshold: {mode}")
    return result


def with_uplift(
    score: Mapping[str, Fraction], region: Mapping[str, str | None], uplift: Mapping[str, Decimal]
) -> dict[str, Fraction]:
    """D-4: S_j * (1 + u_region), before normalising."""
    return {
        code: value * (1 + Fraction(uplift.get(region[code] or "", 0)))
        for code, value in score.items()
    }


def distributing_scores(
    policy: Row,
    rows: Iterable[Row],
    scores: Mapping[int, int | None],
    group: TargetGroup,
    pupils: Mapping[str, int],
    region: Mapping[str, str | None],
) -> dict[str, Fraction]:
    """The S_j that a policy distributes by: contribution, threshold, uplift in that order (D-4).

    Their sum <= 0, or one of them < 0, is an error that names share and contribution (D-4): these
    are the S_j that money goes by, so D-3's max(0, ...) may save a negative one.
    """
    kind = policy.get("weight", "mean")
    attribution = policy.get("attribution", "school")
    raw = disadvantage_scores(rows, scores, group, attribution, pupils, kind)
    tau = policy.get("tau", Decimal(0))
    kept = over_threshold(raw, pupils, group, kind, policy.get("threshold", "none"), tau)
    final = with_uplift(kept, region, policy.get("uplift", {}))
    if sum(final.values()) <= 0 or min(final.values()) < 0:
        raise ClauseError(
            "D-4", "no money can go by this score", share=policy["share"], contribution=kind
        )
    return final
