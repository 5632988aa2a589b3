"""From TOML tables to a `Study`, or to every problem of the file at once."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from lwoopro.errors import InputError, Problem
from lwoopro.study.checks import misfits
from lwoopro.study.decomposition import decomposition_misfits
from lwoopro.study.findings import Findings
from lwoopro.study.model import CHOICES, NAMED_SECTIONS, PLAIN_SECTIONS, Choice, Study
from lwoopro.study.not_built import known_but_not_built, not_built
from lwoopro.study.pro import growth_misfits
from lwoopro.study.read import read_toml
from lwoopro.study.sections import Section
from lwoopro.study.units import school_attribution, unit_misfits
from lwoopro.study.words import kind_of, nearest, pydantic_words, shown

__all__ = ["load_study", "restore_study", "with_sources"]

NEEDED: Final = {
    "study": "add [study] with name, years, draws and seed",
    "pupils": 'add [pupils] with source = "table" or "synthetic"',
    "policy": "add at least one [[policy]] with name and kind",
}
"""The sections without which there is no study, and what to do."""

STAND_INS: Final = {"policy": {"name": "policy"}, "pupils": {"path": "pupils.csv"}}
"""Stand for required values that are wrong while the rest of a wrong file is checked."""

MOST_POLICIES: Final = 1000

MOST_LISTED: Final = 50
"""More problems of one sort in one section are counted, not listed."""

MOST_SCENARIOS: Final = 200

_SECTIONS: Final = {**PLAIN_SECTIONS, **NAMED_SECTIONS}

Place = tuple[str | int, ...]


def load_study(path: str | os.PathLike[str]) -> Study:
    """Read a study file.

    Parameters
    ----------
    path : str or path
        The study file (TOML, UTF-8).

    Returns
    -------
    Study
        Frozen, with every default filled in.

    Raises
    ------
    InputError
        With every problem of the file at once: file, key, what is wrong, what would be right.
        The files that the study names are not looked at.
    """
    file = os.fspath(path)
    return _study(file, read_toml(file))


def restore_study(resolved: Mapping[str, Any], path: str | os.PathLike[str]) -> Study:
    """Make a study from what `Study.resolved` gave, as a manifest keeps it.

    Parameters
    ----------
    resolved : mapping
        The resolved study; None stands for an absent key.
    path : str or path
        Where the study file was: paths in the study are relative to it.

    Returns
    -------
    Study
        Equal to the study that was resolved.

    Raises
    ------
    InputError
        As `load_study`.
    """
    return _study(os.fspath(path), dict(resolved))


def with_sources(study: Study, *sources: str) -> Study:
    """Return the study with these sources of uncertainty on and all others off (Q-1).

    Parameters
    ----------
    study : Study
    *sources : str
        Keys of ``[uncertainty]``, such as ``"education"``; ``"fresh"`` stands for
        ``population = "fresh"``.

    Returns
    -------
    Study
        Changes are not split by cause (R-10) where that is not possible.

    Raises
    ------
    InputError
        There is no such source, or the study cannot have it.
    """
    resolved = study.resolved()
    known = [*resolved["uncertainty"], "fresh"]
    unknown = [name for name in sources if name not in known]
    if unknown:
        near = f"the nearest is {shown(nearest(unknown[0], known))}"
        raise InputError(Problem("sources", f"{shown(unknown[0])} is no source", near))
    resolved["uncertainty"] = {name: name in sources for name in resolved["uncertainty"]}
    if "fresh" in sources:
        resolved["uncertainty"]["population"] = "fresh"
    if {"coefficients", "population", "fresh", "suppressed"} & set(sources):
        resolved["report"]["split"] = None
    return restore_study(resolved, study.path)


def _study(file: str, tables: dict[str, Any]) -> Study:
    findings = Findings(file, tables)
    _refuse_unknown_sections(tables, findings)
    sections: dict[str, Section] = {}
    for name in ("pupils", *PLAIN_SECTIONS):
        if name in tables or name not in NEEDED:
            section = _section((name,), tables.get(name, {}), findings)
            if section is not None:
                sections[name] = section
    school_attribution(sections)
    policies = _policies(tables.get("policy"), findings)
    growth = _growth(tables, findings)
    for name, right in NEEDED.items():
        if name not in tables:
            findings.add((name,), "the section is missing", right)
    for misfit in misfits(sections, policies, findings.policy_names):
        if all(map(findings.clean, (misfit.place, *misfit.relies_on))):
            findings.add(misfit.place, misfit.what, misfit.right)
    for place, what, right in growth_misfits(sections, growth, findings.policy_names):
        if findings.clean(place):
            findings.add(place, what, right)
    for place, what, right in unit_misfits(sections, policies, bool(growth)):
        if findings.clean(place):
            findings.add(place, what, right)
    for place, what, right in decomposition_misfits(sections, policies):
        if findings.clean(place):
            findings.add(place, what, right)
    findings.raise_if_any()

    study = Study.model_validate({**sections, "policy": tuple(policies), "growth": growth})
    split = tuple(policy.name for policy in study.split_policies)
    report = study.report.model_copy(
        update={
            "baseline": study.baseline,
            "split": split,
            "suppress_below": study.suppress_below,
        }
    )
    study = study.model_copy(update={"report": report})
    if study.decomposition.draws:
        chosen = {"policies": study.decomposed_policies}
        decomposition = study.decomposition.model_copy(update=chosen)
        study = study.model_copy(update={"decomposition": decomposition})
    study._path = Path(file)
    return study


def _refuse_unknown_sections(tables: Mapping[str, Any], findings: Findings) -> None:
    known = [*Study.model_fields, *known_but_not_built()]
    unknown = []
    for name in tables:
        line = not_built(name)
        if line is not None:
            findings.add((name,), line.what, line.instead)
        elif name not in known:
            unknown.append(name)
    for name in unknown[:MOST_LISTED]:
        home = _sections_with(name)
        if isinstance(tables[name], dict | list) or not home:
            near = nearest(name, known, cutoff=0.6) or nearest(name, Study.model_fields)
            findings.add((name,), "unknown section", f"the nearest known section is [{near}]")
        else:
            right = f"put it below {' or '.join(home)}"
            findings.add((name,), "the key stands outside its section", right)
    _count_the_rest((), unknown, findings)


def _section(place: Place, table: object, findings: Findings) -> Section | None:
    """Return one section; what is wrong goes to `findings`.

    Where some of it is wrong, the rest is returned with stand-ins, so that what does not depend
    on them is checked all the same; None where that is not possible.
    """
    name = str(place[0])
    if not isinstance(table, dict):
        head = f"[[{name}]]" if name == "policy" else f"[{'.'.join(map(str, place))}]"
        findings.add(place, f"this is {kind_of(table)}", f"start the section with a line {head}")
        return None
    choice = CHOICES.get(name)
    model = _SECTIONS[name] if choice is None else _chosen(choice, table)
    fields = _fields(name) if model is None else set(model.model_fields)
    known = fields.union(known_but_not_built(name))
    kept, unknown = {}, []
    for key, value in table.items():
        line = not_built(name, key, value)
        if line is not None:
            findings.add((*place, key), line.what, line.instead)
        if key not in known:
            unknown.append(key)
        elif line is None or (choice is not None and key == choice.key):
            kept[key] = value
    for key in unknown[:MOST_LISTED]:
        findings.add((*place, key), "unknown key", _where_known(name, table, key, fields))
    _count_the_rest(place, unknown, findings)
    if choice is not None and model is None:
        _refuse_choice((*place, choice.key), table.get(choice.key), choice.models, findings)
        model = choice.common
        kept = {key: value for key, value in kept.items() if key in model.model_fields}
        kept |= dict.fromkeys({choice.key} & set(model.model_fields), "unknown")
    assert model is not None
    return _validated(model, kept, place, findings)


def _validated(
    model: type[Section], keys: Mapping[str, Any], place: Place, findings: Findings
) -> Section | None:
    try:
        return model.model_validate(keys)
    except ValidationError as error:
        entries = error.errors(include_url=False)
    # of several things that might stand in a place, what the last would be is said
    entries = list({_in_file(keys, entry): entry for entry in entries}.values())
    for entry in entries[:MOST_LISTED]:
        inside = _in_file(keys, entry)
        right = model.model_fields[str(inside[0])].description or ""
        findings.add((*place, *inside), *pydantic_words(entry, right))
    if len(entries) > MOST_LISTED:
        what = f"there are {len(entries) - MOST_LISTED} more wrong values"
        findings.add((*place, *entries[MOST_LISTED]["loc"]), what, "mend them likewise")
    wrong = {entry["loc"][0] for entry in entries}
    sound = {key: value for key, value in keys.items() if key not in wrong}
    try:
        return model.model_validate({**STAND_INS.get(str(place[0]), {}), **sound})
    except ValidationError:
        return None


def _in_file(keys: Mapping[str, Any], entry: Mapping[str, Any]) -> Place:
    """Say where an error is, without what is no place in a file: what a value was tried as."""
    found: list[str | int] = []
    inside: Any = keys
    for part in entry["loc"]:
        is_item = isinstance(inside, list) and isinstance(part, int)
        if not is_item and not isinstance(inside, Mapping):
            break
        if not is_item and part not in inside and entry["type"] != "missing":
            break
        found.append(part)
        inside = inside[part] if is_item or part in inside else None
    return tuple(found)


def _policies(tables: object, findings: Findings) -> list[Section | None]:
    if tables is None:
        return []
    if not isinstance(tables, list):
        what = f"this is {kind_of(tables)}"
        findings.add(("policy",), what, "start every policy with a line [[policy]]")
        return []
    if not tables:
        findings.add(("policy",), "the list is empty", NEEDED["policy"])
    if len(tables) > MOST_POLICIES:
        what = f"there are {len(tables)} policies"
        findings.add(("policy",), what, f"use at most {MOST_POLICIES}")
        return []
    return [_section(("policy", place), table, findings) for place, table in enumerate(tables)]


def _growth(tables: Mapping[str, Any], findings: Findings) -> dict[str, Section | None]:
    """Return the growth scenarios by name; what is wrong goes to `findings`."""
    table = tables.get("growth", {})
    right = 'add at least one, as [growth.reference] with kind = "reference"'
    if not isinstance(table, dict):
        findings.add(("growth",), f"this is {kind_of(table)}", "start with a line [growth.name]")
        return {}
    if "growth" not in tables and "pro" in tables:
        findings.add(("growth",), "there is no growth scenario", right)
    if len(table) > MOST_SCENARIOS:
        what = f"there are {len(table)} growth scenarios"
        findings.add(("growth",), what, f"use at most {MOST_SCENARIOS}")
        return {}
    return {name: _section(("growth", name), inner, findings) for name, inner in table.items()}


def _chosen(choice: Choice, table: Mapping[str, Any]) -> type[Section] | None:
    value = table.get(choice.key)
    return choice.models.get(value) if isinstance(value, str) else None


def _fields(name: str) -> set[str]:
    """Return the keys that a section may have, whatever its choosing key says."""
    choice = CHOICES.get(name)
    models = [_SECTIONS[name]] if choice is None else choice.models.values()
    return {key for model in models for key in model.model_fields}


def _refuse_choice(place: Place, value: object, choices: Iterable[str], findings: Findings) -> None:
    right = f"use {', '.join(map(shown, choices))}"
    if value is None:
        findings.add(place, "is missing", right)
    elif isinstance(value, str):
        near = nearest(value, choices, cutoff=0.6)
        right += f"; the nearest is {shown(near)}" if near else ""
        findings.add(place, f"{shown(value)} is unknown here", right)
    elif isinstance(value, dict | list):
        findings.add(place, f"this is {kind_of(value)}", right)
    else:
        findings.add(place, f"{shown(value)} is {kind_of(value)}", right)


def _sections_with(key: str) -> list[str]:
    """Return the sections that may have a key, as the file writes them."""
    return [f"[{name}]" for name in Study.model_fields if key in _fields(name)]


def _where_known(name: str, table: Mapping[str, Any], key: str, fields: Iterable[str]) -> str:
    """Say where an unknown key is known, or which known key of its section is nearest."""
    choice = CHOICES.get(name)
    if choice is not None and _chosen(choice, table) is not None:
        having = [value for value, model in choice.models.items() if key in model.model_fields]
        if having:
            return f"it belongs to {choice.key} = {' or '.join(map(shown, having))}"
    known = sorted(fields)
    near = nearest(key, [*known, *known_but_not_built(name)], cutoff=0.6) or nearest(key, known)
    homes = " and ".join(_sections_with(key))
    elsewhere = f"; {shown(key)} is a key of {homes}" if homes else ""
    return f"the nearest known key is {near}{elsewhere}"


def _count_the_rest(place: Place, unknown: list[str], findings: Findings) -> None:
    if len(unknown) > MOST_LISTED:
        what = f"there are {len(unknown) - MOST_LISTED} more unknown keys"
        findings.add((*place, unknown[MOST_LISTED]), what, "leave them out")
