"""From a study and its inputs to everything that the draws need."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from lwoopro.allocation.policies import KINDS, PARTS, PolicyPlan, YearMoney
from lwoopro.codes import ATTRIBUTIONS
from lwoopro.errors import InputError, Problem
from lwoopro.imputation.donors import match_codes, rungs
from lwoopro.imputation.education_model import EducationModel
from lwoopro.imputation.persons import resolve_parents
from lwoopro.indicator.lattice import build_lattice, profile_bases
from lwoopro.pro.prepare import pro_constants, pro_coordinates, pro_notes, pro_plan
from lwoopro.simulation.beyond import (
    comparison,
    settlements,
    transition_constants,
    transition_plan,
)
from lwoopro.simulation.block import Prepared
from lwoopro.simulation.constants import asylum_categories, policy_constants, table_constants
from lwoopro.simulation.factors import FACTORS, SplitPlan, factor_values, plan_splits
from lwoopro.simulation.inputs import Inputs
from lwoopro.simulation.layout import Layout
from lwoopro.simulation.levels import find_rows
from lwoopro.simulation.pieces import Sources, expected_bands
from lwoopro.simulation.plan import YearPlan, plan_year
from lwoopro.simulation.remade import plan_remake
from lwoopro.simulation.resampled import plan_resample
from lwoopro.simulation.units import by_school, by_swv
from lwoopro.study import Study

__all__ = ["prepare"]

_MANY_PATTERNS: Final = 40_000
"""More patterns of the education model make a draw of its parameters several times dearer."""


def prepare(study: Study, inputs: Inputs) -> tuple[Prepared, Layout]:
    """Work out once what every draw needs.

    Parameters
    ----------
    study : Study
    inputs : Inputs

    Returns
    -------
    Prepared, Layout

    Raises
    ------
    InputError
        What follows from the inputs alone makes a draw impossible: no room for a share beside
        the asylum pupils, no donor, a class without probabilities, a column that a policy lacks.
    """
    pupils, indicator = inputs.pupils, inputs.indicator
    lattice = build_lattice(indicator)
    base = profile_bases(lattice, indicator, pupils)
    mother, father = resolve_parents(pupils)
    levels = find_rows(study, inputs, mother, father)
    match = match_codes(pupils, study.imputation.match)
    ladder = rungs(study.imputation.match)
    # what is matched and predicted by stays the pupil's own; only counting is by unit
    count = by_school if study.pupils.unit == "school" else by_swv
    units = count(pupils, inputs.swv)
    shares = sorted(study.target_group.shares)
    years = sorted(study.study.years)
    problems: list[Problem] = []
    plans: list[YearPlan] = []
    amounts: list[YearMoney] = []
    policies: list[tuple[PolicyPlan, ...]] = []
    splits: list[tuple[SplitPlan, ...]] = []
    value = factor_values(lattice, indicator)
    wanted = [
        (ATTRIBUTIONS.index(policy.attribution), shares.index(policy.share))
        for policy in study.split_policies
    ]
    sources = Sources(
        study.uncertainty.education,
        study.uncertainty.donors,
        study.uncertainty.coefficients,
        study.uncertainty.parameters,
    )
    for year in years:
        try:
            plan = plan_year(
                units.pupils,
                year,
                base=base,
                mother=mother,
                father=father,
                mother_row=levels.mother_row,
                father_row=levels.father_row,
                father_follows=levels.father_follows,
                match=match,
                lattice=lattice,
                shares=shares,
            )
        except InputError as error:
            problems.extend(error.problems)
            continue
        money = units.money(year, study.money, plan.pupils)
        found = []
        for policy in study.policy:
            try:
                found.append(KINDS[policy.kind](policy, money))
            except InputError as error:
                problems.extend(error.problems)
        bands = expected_bands(
            plan, lattice, levels.thresholds, levels.model, study.study.seed, sources
        )
        plans.append(replace(plan, bands=bands))
        amounts.append(money)
        policies.append(tuple(found))
        splits.append(
            plan_splits(
                units.pupils,
                year,
                base=base,
                mother=mother,
                father=father,
                lattice=lattice,
                value=value,
                wanted=wanted,
            )
        )
    if problems:
        # the same column is missed in every year: say it once
        raise InputError(dict.fromkeys(problems))
    swv = units.table
    compared = comparison(study, amounts, policies)
    settled, settled_notes = settlements(study, amounts, policies, pupils, inputs.pro_flows)
    moved_coordinates, moved, moved_notes = transition_constants(study)
    growing = pro_plan(study, swv, amounts[-1].support)
    attribution = tuple(ATTRIBUTIONS.index(name) for name in study.target_group.attribution)
    prepared = Prepared(
        seed=study.study.seed,
        sources=sources,
        coefficients=indicator.parameters() if study.uncertainty.coefficients else None,
        ties=study.target_group.ties,
        lattice=lattice,
        thresholds=levels.thresholds,
        model=levels.model,
        region=np.array(swv.labels.get("region", ("",) * len(swv.codes)), dtype=str),
        attribution=attribution,
        plans=tuple(plans),
        policies=tuple(policies),
        splits=tuple(splits),
        transition=transition_plan(study, compared),
        pro=growing,
        remake=plan_remake(study, inputs, prepare),
        resample=None
        if study.uncertainty.population is not True
        else plan_resample(
            pupils,
            units.pupils,
            plans,
            base=base,
            mother=mother,
            father=father,
            lattice=lattice,
            indicator=indicator,
        ),
    )
    split_coordinates: dict[str, Sequence[str]] = {}
    if wanted:
        names = [policy.name for policy in study.split_policies]
        split_coordinates = {"split": names, "factor": FACTORS}
    layout = Layout(
        coordinates={
            "draw": np.arange(study.study.draws),
            "year": np.array(years, np.int64),
            "attribution": study.target_group.attribution,
            "share": np.array([float(share) for share in shares]),
            "swv": swv.codes,
            "policy": [policy.name for policy in study.policy],
            "part": PARTS,
            "category": lattice.categories,
            "rung": ladder,
            **split_coordinates,
            **moved_coordinates,
            **pro_coordinates(growing),
        },
        constants={
            "pupils": np.stack([plan.pupils[list(attribution)] for plan in plans]),
            "asylum_pupils": np.stack([plan.asylum[list(attribution)] for plan in plans]),
            "donor_rung_pupils": np.stack(
                [np.bincount(plan.copied.step, minlength=len(ladder)) for plan in plans]
            ),
            "asylum_category_pupils": asylum_categories(pupils, years, indicator, lattice),
            **table_constants(swv, years),
            **units.constants(),
            **policy_constants(study.policy, policies),
            **compared.constants(),
            **settled,
            **moved,
            **pro_constants(growing),
        },
        notes=(
            *compared.notes,
            *settled_notes,
            *moved_notes,
            *pro_notes(growing),
            *_model_notes(levels.model),
            *_population_notes(study),
        ),
        education=levels.fitted,
    )
    return prepared, layout


def _model_notes(model: EducationModel | None) -> tuple[str, ...]:
    """Say where drawn parameters are dear, and what helps."""
    if model is None or model.rows <= _MANY_PATTERNS or not model.sizes:
        return ()
    widest = max(model.sizes, key=lambda name: (model.sizes[name], name))
    return (
        f"the education model has {model.rows:,} patterns to work out in every draw, most of them "
        f"by the {model.sizes[widest]:,} values of {widest}; imputation.bins = {{ {widest} = 10 }} "
        "makes draws of its parameters faster (I-1)",
    )


def _population_notes(study: Study) -> tuple[str, ...]:
    """Say what a drawn population is, and what does not follow it."""
    uncertainty = study.uncertainty
    if uncertainty.population is True:
        return (
            "the population is drawn: persons of the register, with replacement, within swv and "
            "track; donors, settlement and border traffic stay with the register (Q-1)",
        )
    found = []
    if uncertainty.population == "fresh":
        found.append("persons are simulated anew")
    if uncertainty.suppressed:
        found.append('counts published as "<5" are 1 to 4')
    if not found:
        return ()
    return (
        f"in every draw {' and '.join(found)}; the fixed variables are those of one of them (Q-1)",
    )
