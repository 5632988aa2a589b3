"""The study file: what it may say, its defaults, and how it is read.

`load_study` reads a file, or raises `lwoopro.errors.InputError` with all its problems at once.
Nothing here needs NumPy: a study is read before anything is computed.
"""

from lwoopro.study.load import load_study, restore_study, with_sources
from lwoopro.study.model import Study
from lwoopro.study.policy import (
    DirectProPolicy,
    EqualisedPolicy,
    IndicatorPolicy,
    KeyPolicy,
    ParticipationPolicy,
    Policy,
    PolicySection,
    VmboCountPolicy,
)
from lwoopro.study.sections import (
    Attribution,
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

__all__ = [
    "Study",
    "load_study",
    "restore_study",
    "with_sources",
    "Attribution",
    "ComputeSection",
    "DirectProPolicy",
    "EqualisedPolicy",
    "ImputationSection",
    "IndicatorPolicy",
    "IndicatorSection",
    "KeyPolicy",
    "MoneySection",
    "ParticipationPolicy",
    "Policy",
    "PolicySection",
    "ReportSection",
    "Section",
    "SettlementSection",
    "StudySection",
    "SwvSection",
    "SyntheticPupils",
    "TablePupils",
    "TargetGroupSection",
    "TransitionSection",
    "UncertaintySection",
    "VmboCountPolicy",
]
