"""Hypothesis strategies for small worlds: all input of a study (`tests.world`), at random.

Hypothesis chooses the structure (how many pupils, which rules, how coarse the indicator, how much
is missing); one seed, also chosen by hypothesis, fills in the cells. Fewer pupils leave the
others as they were, so that failures shrink.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from lwoopro import codes
from tests.reference import Settings
from tests.reference_money import ClauseError, Money
from tests.world import World, run_reference, write_world

__all__ = ["World", "failing_worlds", "raw_worlds", "run_reference", "worlds", "write_world"]

SHARES = tuple(
    Decimal(text)
    for text in ("0.05", "0.07", "0.1", "0.15", "0.2", "0.25", "0.3", "0.333333", "0.5", "0.9")
)
MATCH_COLUMNS = ("track", "origin", "stay", "debt", "grade", "income_decile", "district")
SCHOOL_SWV = ("VO0001", "VO2001", "VO2101", "VO2401", "VO2702", "VO3008")
REGIONS = ("g4", "north", None)


# --- Pieces ---------------------------------------------------------------------------------


@st.composite
def indicators(draw: st.DrawFn) -> dict[str, Any]:
    """Indicator files; coarse values make ties, fine ones use all six decimals."""
    grain = draw(st.sampled_from(["1", "0.5", "0.82", "0.000001"]))
    step = Decimal(grain)
    largest = 3_000_000 if grain == "0.000001" else 2
    values = st.integers(-largest, largest).map(lambda k: k * step)

    def table(names: Iterable[str]) -> dict[str, Decimal]:
        return {name: draw(values) for name in names}

    indicator: dict[str, Any] = {
        "start": {"bbkb": Decimal(530), "gltl": Decimal(530) + draw(values)},
        "education_mother": table(codes.EDUCATION_LEVELS),
        "education_father": table(codes.EDUCATION_LEVELS),
        "origin": table(codes.ORIGINS),
        "stay": table(codes.STAYS),
        "debt": table(codes.DEBT),
    }
    if draw(st.booleans()):
        indicator["characteristic"] = {"language": table(("dutch", "other", "sign"))}
    return indicator


@st.composite
def probability_tables(draw: st.DrawFn) -> dict[int, dict[str, Decimal]]:
    """Probability files: classes of any number, levels that cannot occur, sums just beside 1."""
    classes = draw(st.lists(st.integers(-3, 12), min_size=1, max_size=4, unique=True))
    tables = {}
    for number in classes:
        weights = draw(st.lists(st.integers(0, 5), min_size=8, max_size=8).filter(any))
        total = sum(weights)
        tables[number] = {
            level: (Decimal(w) / total).quantize(Decimal("1e-9"))
            for level, w in zip(codes.EDUCATION_LEVELS, weights, strict=True)
        }
    return tables


@st.composite
def swv_tables(
    draw: st.DrawFn, years: Sequence[int], dates: Sequence[int] = (2012,)
) -> tuple[dict[str, Any], ...]:
    """swv.csv of 2 to 6 swv, sometimes with a year column and with VO0001."""
    number = draw(st.integers(2, len(SCHOOL_SWV)))
    names = draw(st.permutations(SCHOOL_SWV))[:number]
    fractions = st.integers(1, 3000).map(lambda k: Decimal(k) / 10000)
    of_swv = {}
    for name in names:
        of_swv[name] = {"region": draw(st.sampled_from(REGIONS))} | {
            f"q_{kind}_{date}": draw(fractions) for date in dates for kind in ("lwoo", "pro")
        }
    rows = []
    for year in years if draw(st.booleans()) else (None,):
        for name in names:
            counts = {c: draw(st.integers(0, 400)) for c in ("bb", "kb", "gl", "tl", "pro")}
            row = {"swv": name, "vo": draw(st.integers(1, 30000))} | counts | {"lwoo": 7}
            rows.append(row | of_swv[name] | ({} if year is None else {"year": year}))
    return tuple(rows)


@st.composite
def policies(
    draw: st.DrawFn,
    shares: Sequence[Decimal],
    attributions: Sequence[str],
    kinds: Sequence[str],
    weights: Sequence[str],
    thresholds: Sequence[str],
    uplift: bool,
    dates: Sequence[int] = (2012,),
) -> tuple[dict[str, Any], ...]:
    """Policies of the wished kinds; a participation policy named "current" comes first."""
    chosen: list[dict[str, Any]] = [{"name": "current", "kind": "participation", "date": 2012}]
    for number, kind in enumerate(draw(st.lists(st.sampled_from(kinds), max_size=4))):
        policy: dict[str, Any] = {"name": f"{kind}-{number}", "kind": kind}
        if kind == "participation":
            policy["date"] = draw(st.sampled_from(dates))
        if kind in ("indicator", "direct-pro"):
            policy["share"] = draw(st.sampled_from(shares))
            policy["attribution"] = draw(st.sampled_from(attributions))
            policy["weight"] = draw(st.sampled_from(weights))
            policy["threshold"] = draw(st.sampled_from(thresholds))
            if policy["threshold"] != "none":
                policy["tau"] = draw(st.sampled_from([Decimal("0"), Decimal("0.12")]))
            fractions = ("0.23", "0", "0.5", "1", "0.123456")
            policy["equal_part"] = Decimal(draw(st.sampled_from(fractions)))
            policy["equal_attribution"] = draw(st.sampled_from(attributions))
            if uplift and draw(st.booleans()):
                policy["uplift"] = {"g4": Decimal("0.1"), "north": Decimal("0.25")}
        if kind == "direct-pro":
            policy["reference_count"] = draw(st.integers(0, 5))
        chosen.append(policy)
    return tuple(chosen)


def _person_id(number: int, wide: bool) -> int:
    """Spread small numbers over int64, negative ones included, where wide ids are wished."""
    if not wide:
        return number
    return (number * 0x9E3779B97F4A7C15) % 2**64 - 2**63


def _pupil_table(
    seed: int,
    pupils: int,
    schools: Sequence[tuple[str, str]],
    swv: Sequence[str],
    years: Sequence[int],
    classes: Sequence[int],
    rates: Mapping[str, float],
    languages: Sequence[str],
    wide_ids: bool,
) -> list[dict[str, Any]]:
    """Rows of persons over years: siblings, movers, leavers; person 0 is complete and stays."""
    rows = []
    regional = [code for code in swv if code != codes.NATIONAL_SWV]
    families = max(1, pupils // 2)
    for number in range(pupils):
        rng = random.Random(f"{seed}-{number}")

        def chance(name: str, rng: random.Random = rng) -> bool:
            return rng.random() < rates[name]

        mother, father = rng.sample(range(1, 2 * families + 2), 2)
        if chance("sibling"):
            mother, father = 1, 2
        origin, track = rng.choice(codes.ORIGINS), rng.choice(codes.TRACKS)
        school_id, school_swv = rng.choice(schools)
        for year in years:
            if number and chance("absent"):
                continue
            if chance("mover"):
                school_id, school_swv = rng.choice(schools)
            home: str | None = school_swv
            if chance("border") and regional:
                home = rng.choice(regional)
            registration = "complete"
            if number and chance("unregistered"):
                registration = rng.choice(codes.REGISTRATIONS[1:])
            row: dict[str, Any] = {
                "year": year,
                "pupil_id": _person_id(number + 1, wide_ids),
                "school_id": school_id,
                "school_swv": school_swv,
                "home_swv": None if chance("empty") else home,
                "grade": rng.choice((3, 4)),
                "track": track,
                "registration": registration,
                "asylum": False,
                "mother_id": None if chance("empty") else _person_id(mother, wide_ids),
                "father_id": None if chance("empty") else _person_id(father, wide_ids),
            }
            for role in ("mother", "father"):
                unknown = chance("unknown")
                level = None if unknown else rng.choice(codes.EDUCATION_LEVELS)
                row[f"education_{role}"] = level
                given = unknown or chance("empty")
                row[f"education_class_{role}"] = rng.choice(classes) if given else None
            row["origin"] = origin
            row["stay"] = rng.choice(codes.STAYS)
            row["debt"] = rng.random() < 0.2
            row["income_decile"] = None if chance("empty") else rng.randint(1, 3)
            row["district"] = None if chance("empty") else rng.choice(("noord", "zuid, oost"))
            if languages:
                row["language"] = rng.choice(languages)
            if registration != "complete":
                _empty_some(row, rng, rates["empty"])
            rows.append(row)
    return rows


def _empty_some(row: dict[str, Any], rng: random.Random, rate: float) -> None:
    """Empty what the contract lets be empty in rows that are not complete or are asylum."""
    for column in ("education_mother", "education_father", "origin", "stay", "debt", "language"):
        if column in row and rng.random() < rate:
            row[column] = None
    for role in ("mother", "father"):  # a registered parent of unknown level needs a class
        if row[f"education_{role}"] is None and row[f"education_class_{role}"] is None:
            row[f"education_{role}"] = codes.EDUCATION_LEVELS[0]


def _with_asylum(
    rows: list[dict[str, Any]], wished: float, smallest_share: Decimal, seed: int
) -> None:
    """Make pupils of every year asylum pupils, but fewer than Y * N of them (I-4)."""
    for year in sorted({row["year"] for row in rows}):
        of_year = [row for row in rows if row["year"] == year]
        room = Fraction(smallest_share) * len(of_year)
        rng = random.Random(f"{seed}-{year}")
        number = 0
        for row in of_year[1:]:
            if rng.random() < wished and number + 1 < room:
                number += 1
                row["asylum"] = True
                _empty_some(row, rng, wished)


# --- Worlds ---------------------------------------------------------------------------------


def _without_errors(world: World) -> World:
    """Change what the reference refuses in a draw (T-2, D-4, B-5) until it refuses nothing.

    I-1, I-2 and I-4 cannot be broken by `_pupil_table` and `_with_asylum`.
    """
    while True:
        try:
            run_reference(world)
        except ClauseError as error:
            world = replace(world, settings=_repaired(world.settings, error))
        else:
            return world


def _repaired(settings: Settings, error: ClauseError) -> Settings:
    """One step away from an error: a larger share or another tie rule, another or no policy."""
    if error.clause == "T-2":
        old = Fraction(str(error.where["share"]))
        larger = [
            share
            for share in (Decimal("0.5"), Decimal("0.9"))
            if share > old and share not in settings.shares
        ]
        if not larger:
            return replace(settings, ties="fractional")
        return replace(
            settings,
            shares=tuple(larger[0] if share == old else share for share in settings.shares),
            policies=tuple(
                policy | {"share": larger[0]} if policy.get("share") == old else policy
                for policy in settings.policies
            ),
        )
    changed = []
    for policy in settings.policies:
        if policy["name"] != error.where["policy"]:
            changed.append(policy)
        elif error.clause == "D-4" and policy["weight"] == "cut":
            changed.append(policy | {"weight": "mean"})
        elif error.clause == "D-4" and (policy["weight"], policy["threshold"]) != ("equal", "none"):
            changed.append(policy | {"weight": "equal", "threshold": "none"})
        elif error.clause not in ("D-4", "B-5"):
            raise error
    return replace(settings, policies=tuple(changed))


@st.composite
def raw_worlds(
    draw: st.DrawFn,
    kinds: Sequence[str] = ("participation", "indicator"),
    weights: Sequence[str] = ("mean", "cut", "equal"),
    thresholds: Sequence[str] = ("none", "deduct", "eligible"),
    uplift: bool = True,
    match_columns: Sequence[str] = MATCH_COLUMNS,
    dates: Sequence[int] = (2012,),
    max_pupils: int = 80,
    max_draws: int = 6,
    shares: Sequence[Decimal] = (*SHARES, Decimal(1)),
) -> World:
    """Worlds whose files are right; a draw may still end in an error of T-2 or D-4."""
    years = tuple(range(2019, 2019 + draw(st.integers(1, 3))))
    swv = draw(swv_tables(years, dates))
    names = sorted({row["swv"] for row in swv})
    populated = draw(st.lists(st.sampled_from(names), min_size=1, max_size=5))
    schools = [(f"{10 + k}AB{k:02d}", code) for k, code in enumerate(populated)]
    probabilities = draw(probability_tables())
    indicator = draw(indicators())
    chosen = draw(st.lists(st.sampled_from(shares), min_size=1, max_size=3, unique=True))
    attributions = draw(st.sampled_from([("school", "home"), ("home", "school"), ("school",)]))
    rates = {
        name: draw(st.sampled_from(choices))
        for name, choices in {
            "unknown": (0.0, 0.5, 1.0),
            "empty": (0.0, 0.3, 1.0),
            "unregistered": (0.0, 0.2, 0.9),
            "asylum": (0.0, 0.1, 0.5),
            "sibling": (0.0, 0.2),
            "absent": (0.0, 0.2),
            "mover": (0.0, 0.2),
            "border": (0.0, 0.3),
        }.items()
    }
    seed = draw(st.integers(0, 2**32 - 1))
    languages = list(indicator.get("characteristic", {}).get("language", {}))
    rows = _pupil_table(
        seed,
        draw(st.integers(5, max_pupils)),
        schools,
        names,
        years,
        list(probabilities),
        rates,
        languages,
        draw(st.booleans()),
    )
    _with_asylum(rows, rates["asylum"], min(*chosen, Decimal("0.9")), seed)
    random.Random(seed).shuffle(rows)
    settings = Settings(
        years=years,
        draws=tuple(range(draw(st.integers(1, max_draws)))),
        seed=draw(st.integers(0, 2**63 - 1)),
        shares=tuple(chosen),
        attributions=attributions,
        policies=draw(policies(chosen, attributions, kinds, weights, thresholds, uplift, dates)),
        ties=draw(st.sampled_from(["include", "exclude", "fractional"])),
        match=tuple(draw(st.lists(st.sampled_from(match_columns), max_size=3, unique=True))),
        education=draw(st.booleans()),
        donors=draw(st.booleans()),
        money=Money(
            support_amount=Decimal(draw(st.integers(1, 10**6))) / 100,
            regional_amount=Decimal(draw(st.integers(0, 20000))) / 100,
            lwoo_total=draw(
                st.none() | st.integers(1, 10**9).map(lambda k: Decimal(k) / Decimal(1000))
            ),
        ),
    )
    return World(tuple(rows), probabilities, indicator, swv, settings)


def worlds(**options: Any) -> st.SearchStrategy[World]:
    """Worlds in which no clause is broken; keywords as `raw_worlds`."""
    return raw_worlds(**options).map(_without_errors)


@st.composite
def failing_worlds(draw: st.DrawFn, /, **options: Any) -> tuple[World, str]:
    """Worlds in which a clause calls something an error, with that clause's ID.

    "I-4": m <= 0. "I-2": somebody needs a donor and there is none. "T-2": `exclude` leaves
    nobody. "D-4": no sum of S to go by. Keywords as `raw_worlds`.
    """
    clause = draw(st.sampled_from(["I-4", "I-2", "T-2", "D-4"]))
    world = draw(worlds(**options))
    rows = [dict(row) for row in world.rows]
    settings, indicator = world.settings, world.indicator
    year = settings.years[-1]
    of_year = [row for row in rows if row["year"] == year]
    if clause == "I-4":
        smallest = Fraction(min(settings.shares)) * len(of_year)
        for number, row in enumerate(of_year):
            row["asylum"] = row["asylum"] or number < smallest
    elif clause == "I-2":
        for row in of_year:
            row["registration"] = draw(st.sampled_from(codes.REGISTRATIONS[1:]))
            row["asylum"] = False
    else:
        indicator = {
            name: dict.fromkeys(table, Decimal(1))
            for name, table in indicator.items()
            if name != "characteristic"
        }
        if clause == "T-2":
            # one score for all: at a share below 1 nobody is below it, and too many have it
            shares = tuple(share for share in settings.shares if share < 1) or (Decimal("0.9"),)
            settings = replace(
                settings, shares=shares, ties="exclude", policies=settings.policies[:1]
            )
        else:
            policy = {
                "name": "nothing-to-go-by",
                "kind": "indicator",
                "share": settings.shares[0],
                "attribution": settings.attributions[0],
                "weight": draw(st.sampled_from(["mean", "cut"])),
            }
            settings = replace(settings, ties="include", policies=(*settings.policies, policy))
            money = replace(settings.money, lwoo_total=Decimal("1000.0"))
            settings = replace(settings, money=money)
    return replace(world, rows=tuple(rows), settings=settings, indicator=indicator), clause
