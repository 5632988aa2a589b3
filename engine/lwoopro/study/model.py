"""The study: what a study file says, with every default filled in."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from lwoopro.errors import InputError, Problem
from lwoopro.study.decomposition import DecompositionSection, follows_scores
from lwoopro.study.policy import (
    DirectProPolicy,
    EqualisedPolicy,
    IndicatorPolicy,
    KeyPolicy,
    ParticipationPolicy,
    Policy,
    PolicySection,
    VmboCountPolicy,
    can_be_split,
)
from lwoopro.study.pro import GrowthSection, MonitoringSection, ProSection
from lwoopro.study.sections import (
    ComputeSection,
    ImputationSection,
    IndicatorSection,
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
from lwoopro.study.settlement import SettlementSection
from lwoopro.study.transition import TransitionSection
from lwoopro.study.values import FrozenMap
from lwoopro.study.words import pydantic_words

__all__ = ["CHOICES", "NAMED_SECTIONS", "PLAIN_SECTIONS", "Choice", "Study"]

PLAIN_SECTIONS: Final[Mapping[str, type[Section]]] = {
    "study": StudySection,
    "indicator": IndicatorSection,
    "target_group": TargetGroupSection,
    "imputation": ImputationSection,
    "uncertainty": UncertaintySection,
    "money": MoneySection,
    "settlement": SettlementSection,
    "transition": TransitionSection,
    "pro": ProSection,
    "monitoring": MonitoringSection,
    "swv": SwvSection,
    "report": ReportSection,
    "decomposition": DecompositionSection,
    "compute": ComputeSection,
}
"""The sections that have the same keys in every study."""


NAMED_SECTIONS: Final[Mapping[str, type[Section]]] = {"growth": GrowthSection}
"""Sections of which there are any number, as ``[growth.<name>]``."""


@dataclass(frozen=True)
class Choice:
    """A section in which one key says which others there may be.

    Attributes
    ----------
    key : str
        The key that chooses.
    models : mapping of str to type
        The model of each of its values.
    common : type
        What the models share.
    """

    key: str
    models: Mapping[str, type[Section]]
    common: type[Section]


CHOICES: Final[Mapping[str, Choice]] = {
    "pupils": Choice("source", {"table": TablePupils, "synthetic": SyntheticPupils}, Section),
    "policy": Choice(
        "kind",
        {
            "participation": ParticipationPolicy,
            "vmbo-count": VmboCountPolicy,
            "indicator": IndicatorPolicy,
            "direct-pro": DirectProPolicy,
            "equalised": EqualisedPolicy,
            "key": KeyPolicy,
        },
        PolicySection,
    ),
}
"""The other sections."""


class Study(BaseModel):
    """A study file that was read and found right; `load_study` makes it.

    Nothing of it can be changed; `with_overrides` gives another study. Two studies are equal
    when they say the same and come from the same path.

    Attributes
    ----------
    study, pupils, indicator, target_group, imputation, uncertainty, money, settlement, transition
    swv, report, compute
        The sections of the file, with every default filled in.
    policy : tuple of PolicySection
        The policies, in the order of the file.
    growth : mapping of str to GrowthSection
        The growth scenarios by name; without any, nothing of pro growth is computed.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    study: StudySection
    pupils: Annotated[TablePupils | SyntheticPupils, Field(discriminator="source")]
    indicator: IndicatorSection = IndicatorSection()
    target_group: TargetGroupSection = TargetGroupSection()
    imputation: ImputationSection = ImputationSection()
    uncertainty: UncertaintySection = UncertaintySection()
    money: MoneySection = MoneySection()
    policy: Annotated[tuple[Policy, ...], Field(min_length=1)]
    settlement: SettlementSection = SettlementSection()
    transition: TransitionSection = TransitionSection()
    pro: ProSection = ProSection()
    growth: Annotated[Mapping[str, GrowthSection], AfterValidator(FrozenMap)] = Field(
        default_factory=dict, validate_default=True
    )
    monitoring: MonitoringSection = MonitoringSection()
    swv: SwvSection = SwvSection()
    report: ReportSection = ReportSection()
    decomposition: DecompositionSection = DecompositionSection()
    compute: ComputeSection = ComputeSection()

    _path: Path = PrivateAttr(default=Path("study.toml"))

    @property
    def path(self) -> Path:
        """The study file, as the user gave it."""
        return self._path

    @property
    def baseline(self) -> str:
        """Name of the policy that gains and losses are measured against."""
        return self.report.baseline or self.policy[0].name

    @property
    def suppress_below(self) -> int:
        """Counts of pupils below this number are kept out of report and tables."""
        given = self.report.suppress_below
        return (10 if self.pupils.source == "table" else 0) if given is None else given

    @property
    def split_policies(self) -> tuple[IndicatorPolicy | DirectProPolicy, ...]:
        """The policies whose year-on-year changes are split by cause (R-10)."""
        able = [policy for policy in self.policy if can_be_split(policy)]
        if self.report.split is None:
            # with drawn coefficients a factor is worth something else in every draw
            uncertainty = self.uncertainty
            drawn = uncertainty.coefficients or uncertainty.population or uncertainty.suppressed
            possible = len(self.study.years) > 1 and not drawn
            return tuple(able[:1]) if possible else ()
        return tuple(policy for policy in able if policy.name in self.report.split)

    @property
    def decomposed_policies(self) -> tuple[str, ...]:
        """Names of the policies whose variance is taken apart (Q-6); none without draws for it."""
        if not self.decomposition.draws:
            return ()
        given = self.decomposition.policies
        return given or tuple(policy.name for policy in self.policy if follows_scores(policy))

    def resolve(self, path_in_study: str | os.PathLike[str]) -> Path:
        """Return a path of the study file as seen from the current directory.

        Parameters
        ----------
        path_in_study : str or path
            A path as the study file gives it: relative to that file, or absolute.
        """
        return self._path.parent / path_in_study

    def resolved(self) -> dict[str, Any]:
        """Return the whole study with every default, ready for JSON.

        Numbers with decimals are floats that read back as the decimal as written; None stands
        for a key that is absent and has no default. `lwoopro.study.restore_study` makes the
        study again.
        """
        return {name: _plain(getattr(self, name)) for name in type(self).model_fields}

    def identity(self) -> str:
        """Return the SHA-256 of what the study means, as 64 hexadecimal digits.

        The same for study files that differ in comments, order of keys, spelling of numbers and
        paths, defaults written out, place of the file, or ``[compute]``.
        """
        resolved = self.resolved()
        del resolved["compute"]
        text = json.dumps(resolved, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def with_overrides(self, draws: int | None = None, seed: int | None = None) -> "Study":
        """Return the study with another number of draws or another seed.

        Parameters
        ----------
        draws : int, optional
            Number of draws instead of ``[study] draws``.
        seed : int, optional
            Seed instead of ``[study] seed``.

        Raises
        ------
        InputError
            Where the study file could not say so either; it names ``--draws`` or ``--seed``.
        """
        given = {"draws": draws, "seed": seed}
        changes = {key: value for key, value in given.items() if value is not None}
        keys = {name: getattr(self.study, name) for name in StudySection.model_fields}
        try:
            section = StudySection.model_validate({**keys, **changes})
        except ValidationError as error:
            raise InputError(
                Problem(f"--{entry['loc'][0]}", *pydantic_words(entry, _right(entry["loc"][0])))
                for entry in error.errors(include_url=False)
            ) from None
        return self.model_copy(update={"study": section})


def _right(key: int | str) -> str:
    return StudySection.model_fields[str(key)].description or ""


def _plain(value: object) -> Any:
    """Turn models into dicts, tuples into lists and decimals into floats."""
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {name: _plain(value[name]) for name in sorted(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value
