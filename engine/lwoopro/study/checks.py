"""What must fit between the keys and sections of a study file, once each is right in itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lwoopro.study.policy import (
    DirectProPolicy,
    IndicatorPolicy,
    KeyPolicy,
    PolicySection,
    can_be_split,
)
from lwoopro.study.sections import (
    ImputationSection,
    MoneySection,
    ReportSection,
    Section,
    StudySection,
    SwvSection,
    SyntheticPupils,
    TablePupils,
    TargetGroupSection,
    UncertaintySection,
)
from lwoopro.study.settlement import SettlementSection, settlement_misfits
from lwoopro.study.transition import TransitionSection, transition_misfits
from lwoopro.study.words import nearest, shown

__all__ = ["Misfit", "misfits"]

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Misfit:
    """Two or more keys of a study file that do not fit.

    Attributes
    ----------
    place : tuple of str or int
        Where the user can mend it.
    what, right : str
        As in `lwoopro.errors.Problem`.
    relies_on : tuple of places
        Where the file must be right in itself for this to be worth saying.
    """

    place: Place
    what: str
    right: str
    relies_on: tuple[Place, ...] = ()


def misfits(
    sections: Mapping[str, Section],
    policies: Sequence[Section | None],
    names: Sequence[str | None],
) -> Iterator[Misfit]:
    """Yield what does not fit together.

    Parameters
    ----------
    sections : mapping of str to Section
        The sections, as far as they could be read.
    policies : sequence of Section or None
        The policies in the order of the file, as far as they could be read.
    names : sequence of str or None
        Their names, as far as there are any.
    """
    target_group = sections.get("target_group")
    for number, policy in enumerate(policies):
        place: Place = ("policy", number)
        if names[number] is not None and names[number] in names[:number]:
            what = f"{shown(names[number])} is the name of an earlier policy"
            yield Misfit((*place, "name"), what, "give every policy a name of its own")
        if isinstance(policy, IndicatorPolicy | DirectProPolicy):
            if isinstance(target_group, TargetGroupSection):
                yield from _outside_target_group(place, policy, target_group)
        if isinstance(policy, DirectProPolicy) and policy.start < policy.reference_date:
            what = f"{policy.start} is before the reference date, 1 October {policy.reference_date}"
            right = "use that year or a later one"
            yield Misfit((*place, "start"), what, right, ((*place, "reference_date"),))
        if isinstance(policy, KeyPolicy) and not (policy.lwoo_column or policy.pro_column):
            right = "add lwoo_column, pro_column or both"
            relies_on = ((*place, "lwoo_column"), (*place, "pro_column"))
            yield Misfit((*place, "lwoo_column"), "no money has a key", right, relies_on)
    yield from _unknown_baseline(sections.get("report"), names)
    yield from _not_to_be_split(sections.get("report"), policies)
    yield from _split_of_what_is_drawn(sections)
    yield from _drawn_population(sections)
    yield from _until(sections.get("study"), sections.get("report"), names)
    report = sections.get("report")
    if isinstance(report, ReportSection) and report.postcodes and not report.geojson:
        right = "add geojson, the path of the municipalities' areas, or leave postcodes out"
        yield Misfit(("report", "postcodes"), "there are no areas", right, (("report", "geojson"),))
    yield from _model_or_table(sections)
    yield from _index(sections.get("money"), sections.get("study"))
    yield from _beyond_the_budgets(sections, policies)
    swv = sections.get("swv")
    if isinstance(sections.get("pupils"), TablePupils) and isinstance(swv, SwvSection):
        if swv.path is None:
            right = "with a pupil table, use the path of the swv table, such as swv.csv"
            yield Misfit(("swv", "path"), "is missing", right)


def _outside_target_group(
    place: Place, policy: IndicatorPolicy | DirectProPolicy, target_group: TargetGroupSection
) -> Iterator[Misfit]:
    for key, value, other, allowed in (
        ("share", policy.share, "shares", target_group.shares),
        ("attribution", policy.attribution, "attribution", target_group.attribution),
    ):
        if value not in allowed:
            default = "" if key in policy.model_fields_set else ", the default,"
            choices = ", ".join(map(shown, allowed[:10])) + (", …" if len(allowed) > 10 else "")
            yield Misfit(
                (*place, key),
                f"{shown(value)}{default} is not in target_group.{other}",
                f"add it there or use one of {choices}",
                (("target_group", other),),
            )


def _unknown_baseline(report: Section | None, names: Sequence[str | None]) -> Iterator[Misfit]:
    if isinstance(report, ReportSection) and report.baseline is not None:
        known = [name for name in names if name is not None]
        if known and report.baseline not in known:
            yield Misfit(
                ("report", "baseline"),
                f"there is no policy {shown(report.baseline)}",
                f"the nearest name of a policy is {shown(nearest(report.baseline, known))}",
            )


def _not_to_be_split(
    report: Section | None, policies: Sequence[Section | None]
) -> Iterator[Misfit]:
    """R-10 cuts plain disadvantage scores only."""
    known = {policy.name: policy for policy in policies if isinstance(policy, PolicySection)}
    if not isinstance(report, ReportSection) or len(known) < len(policies):
        return
    right = 'one that distributes by disadvantage score: weight "mean", no threshold, no uplift'
    for name in report.split or ():
        if name not in known:
            near = f"the nearest name of a policy is {shown(nearest(name, list(known)))}"
            yield Misfit(("report", "split"), f"there is no policy {shown(name)}", near)
        elif not can_be_split(known[name]):
            what = f"the changes of policy {shown(name)} cannot be split (R-10)"
            yield Misfit(("report", "split"), what, right)


def _split_of_what_is_drawn(sections: Mapping[str, Section]) -> Iterator[Misfit]:
    """Refuse splits where pupils or coefficients vary between draws (R-10, S-6)."""
    report, uncertainty = sections.get("report"), sections.get("uncertainty")
    if not isinstance(report, ReportSection) or not isinstance(uncertainty, UncertaintySection):
        return
    if report.split and uncertainty.coefficients:
        what = "changes cannot be split while the coefficients vary between draws"
        right = "leave split out, or set uncertainty.coefficients to false"
        yield Misfit(("report", "split"), what, right, (("uncertainty", "coefficients"),))
    for key in ("population", "suppressed"):
        if report.split and getattr(uncertainty, key):
            what = "changes cannot be split while the population varies between draws"
            right = f"leave split out, or set uncertainty.{key} to false"
            yield Misfit(("report", "split"), what, right, (("uncertainty", key),))


def _until(
    study: Section | None, report: Section | None, names: Sequence[str | None]
) -> Iterator[Misfit]:
    """Make sure that what is watched is there (Q-3)."""
    if not isinstance(study, StudySection) or study.until is None:
        return
    place, until = ("study", "until"), study.until
    known = [name for name in names if name is not None]
    if len(known) < len(names) or not known:
        return
    first = report.baseline if isinstance(report, ReportSection) else None
    baseline = first or known[0]
    if until.quantity == "disadvantage-score" and until.policy is not None:
        yield Misfit(place, "a disadvantage score belongs to no policy", "leave policy out")
    elif until.policy is not None and until.policy not in known:
        near = f"the nearest name of a policy is {shown(nearest(until.policy, known))}"
        yield Misfit(place, f"there is no policy {shown(until.policy)}", near)
    elif until.quantity not in ("budget", "disadvantage-score"):
        others = [name for name in known if name != baseline]
        if not others or until.policy == baseline:
            what = f"{shown(until.quantity)} compares another policy with {shown(baseline)}"
            if others:
                yield Misfit(place, what, f"use policy = {shown(others[0])}")
            else:
                yield Misfit(place, f"{what}, and there is none", "add another policy")


def _drawn_population(sections: Mapping[str, Section]) -> Iterator[Misfit]:
    """Only a synthetic population can be made anew (Q-1)."""
    pupils, uncertainty = sections.get("pupils"), sections.get("uncertainty")
    if not isinstance(uncertainty, UncertaintySection):
        return
    relies_on = (("pupils", "source"),)
    if isinstance(pupils, TablePupils) and uncertainty.population == "fresh":
        what = "a pupil table cannot be made anew"
        yield Misfit(("uncertainty", "population"), what, "use true or false", relies_on)
    anew = uncertainty.population == "fresh" or uncertainty.suppressed
    if isinstance(pupils, SyntheticPupils) and pupils.unit == "school" and anew:
        key = "population" if uncertainty.population == "fresh" else "suppressed"
        what = "a population that is made anew in every draw has other schools"
        yield Misfit(("uncertainty", key), what, 'use false, or [pupils] unit = "swv"', relies_on)
    if isinstance(pupils, TablePupils) and uncertainty.suppressed:
        what = 'only exam candidates behind simulated pupils are published as "<5" and vary'
        yield Misfit(("uncertainty", "suppressed"), what, "use false", relies_on)
    if uncertainty.population is True and uncertainty.suppressed:
        what = "persons of the register cannot be drawn while its counts vary"
        right = 'use population = "fresh", or suppressed = false'
        yield Misfit(("uncertainty", "population"), what, right)


def _model_or_table(sections: Mapping[str, Section]) -> Iterator[Misfit]:
    """Parameters and covariates belong to the model, probabilities to the table (I-1)."""
    imputation, uncertainty = sections.get("imputation"), sections.get("uncertainty")
    if not isinstance(imputation, ImputationSection):
        return
    method = ("imputation", "method")
    for name in imputation.bins:
        if name not in imputation.covariates:
            relies_on = (("imputation", "covariates"),)
            right = "name it in imputation.covariates, or leave it out"
            where = ("imputation", "bins", name)
            yield Misfit(where, f"{shown(name)} is no covariate of the model", right, relies_on)
    if imputation.method == "model":
        if imputation.probabilities is not None:
            right = 'leave it out, or use method = "table"'
            place = ("imputation", "probabilities")
            yield Misfit(place, "the model makes its own probabilities", right, (method,))
        return
    if imputation.covariates:
        right = 'leave it out, or use method = "model"'
        yield Misfit(("imputation", "covariates"), "a table needs no covariates", right, (method,))
    if isinstance(uncertainty, UncertaintySection) and uncertainty.parameters:
        right = 'use false, or [imputation] method = "model"'
        yield Misfit(("uncertainty", "parameters"), "a table has no parameters", right, (method,))


def _index(money: Section | None, study: Section | None) -> Iterator[Misfit]:
    """Every year between the amounts and the budgets needs its rise (B-10)."""
    if not isinstance(money, MoneySection):
        return
    for year in money.withheld:
        if year not in money.index:
            what = f"the index has no rise of {year} to withhold"
            yield Misfit(("money", "withheld", year), what, "add it to money.index")
    if not money.index:
        return
    if money.price_year is None:
        right = "use the year of the amounts, such as 2020"
        yield Misfit(("money", "price_year"), "is missing", right)
    elif isinstance(study, StudySection):
        first = min(*study.years, money.price_year)
        last = max(*study.years, money.price_year)
        absent = [str(y) for y in range(first + 1, last + 1) if str(y) not in money.index]
        if absent:
            what = f"no rise of {', '.join(absent[:5])}{', …' if len(absent) > 5 else ''}"
            right = f"give one for every year from {first + 1} to {last}; 0 where nothing rises"
            yield Misfit(("money", "index"), what, right, (("study", "years"),))


def _beyond_the_budgets(
    sections: Mapping[str, Section], policies: Sequence[Section | None]
) -> Iterator[Misfit]:
    kinds = {policy.name: policy.kind for policy in policies if isinstance(policy, PolicySection)}
    if len(kinds) < len(policies):
        return  # some policy is wrong in itself; its name may be the one that is meant
    report = sections.get("report")
    baseline = report.baseline if isinstance(report, ReportSection) else None
    transition, settlement = sections.get("transition"), sections.get("settlement")
    if isinstance(transition, TransitionSection):
        start = baseline or next(iter(kinds), None)
        for key, what, right in transition_misfits(transition, list(kinds), start):
            yield Misfit(("transition", key), what, right)
    if isinstance(settlement, SettlementSection):
        for key, what, right in settlement_misfits(settlement, kinds):
            yield Misfit(("settlement", key), what, right)
