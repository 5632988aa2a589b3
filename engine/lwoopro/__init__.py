"""lwoopro: how the Netherlands funds lwoo and pro, simulated with its uncertainty.

The names below are the public interface. They are imported when they are first used, so that the
command line answers at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lwoopro.allocation.border import BorderTraffic, assumed_pro_flows, border_traffic
    from lwoopro.allocation.indexation import index_factor
    from lwoopro.allocation.opting_out import release, release_outcomes
    from lwoopro.allocation.settlement import Settlement, funds_by_population, recover, settlement
    from lwoopro.allocation.transition import blend, max_loss_path, smallest_loss, transition_steps
    from lwoopro.allocation.weights import apply_threshold
    from lwoopro.analysis.certainty import analytic_summary, decomposition, most_uncertain
    from lwoopro.analysis.change import change, change_summary
    from lwoopro.analysis.criteria import criteria_policies, criteria_scenarios
    from lwoopro.analysis.explanation import explain
    from lwoopro.analysis.lumpsum import cut_per_pupil, exceedance, fan, net_position
    from lwoopro.analysis.monitoring import monitor, operating_curves
    from lwoopro.analysis.profile import target_profile
    from lwoopro.analysis.redistribution import redistribution
    from lwoopro.analysis.regions import per_pupil, regions
    from lwoopro.analysis.reliability import reliability, reliability_by_size
    from lwoopro.analysis.reverse import growth_for_cut, growth_for_loss
    from lwoopro.analysis.risk import risk
    from lwoopro.analysis.scenarios import scenario_scores
    from lwoopro.analysis.sources import draws_needed, interval_widths
    from lwoopro.analysis.stability import scatter, stability, yearly_change
    from lwoopro.analysis.stress import combined_change, most_exposed, stress_summary
    from lwoopro.analysis.two_runs import compare_runs
    from lwoopro.analysis.why import why, why_summary
    from lwoopro.errors import InputError, Problem
    from lwoopro.recalibration.recalibrate import recalibrate
    from lwoopro.report.tables import tables, write_tables
    from lwoopro.simulation.answer import run_analytic
    from lwoopro.simulation.results import open_results
    from lwoopro.simulation.runner import run
    from lwoopro.study import Study, load_study, with_sources

__all__ = [
    "BorderTraffic",
    "InputError",
    "Problem",
    "Settlement",
    "Study",
    "analytic_summary",
    "apply_threshold",
    "assumed_pro_flows",
    "blend",
    "border_traffic",
    "change",
    "change_summary",
    "combined_change",
    "compare_runs",
    "criteria_policies",
    "criteria_scenarios",
    "cut_per_pupil",
    "decomposition",
    "draws_needed",
    "exceedance",
    "explain",
    "fan",
    "funds_by_population",
    "growth_for_cut",
    "growth_for_loss",
    "index_factor",
    "interval_widths",
    "load_study",
    "max_loss_path",
    "monitor",
    "most_exposed",
    "most_uncertain",
    "net_position",
    "open_results",
    "operating_curves",
    "per_pupil",
    "recalibrate",
    "recover",
    "redistribution",
    "regions",
    "release",
    "release_outcomes",
    "reliability",
    "reliability_by_size",
    "risk",
    "run",
    "run_analytic",
    "scatter",
    "scenario_scores",
    "settlement",
    "smallest_loss",
    "stability",
    "stress_summary",
    "tables",
    "target_profile",
    "transition_steps",
    "why",
    "why_summary",
    "with_sources",
    "write_tables",
    "yearly_change",
]

_HOME = {
    "compare_runs": "lwoopro.analysis.two_runs",
    "draws_needed": "lwoopro.analysis.sources",
    "interval_widths": "lwoopro.analysis.sources",
    "with_sources": "lwoopro.study",
    "analytic_summary": "lwoopro.analysis.certainty",
    "decomposition": "lwoopro.analysis.certainty",
    "most_uncertain": "lwoopro.analysis.certainty",
    "run_analytic": "lwoopro.simulation.answer",
    "criteria_policies": "lwoopro.analysis.criteria",
    "criteria_scenarios": "lwoopro.analysis.criteria",
    "explain": "lwoopro.analysis.explanation",
    "per_pupil": "lwoopro.analysis.regions",
    "recalibrate": "lwoopro.recalibration.recalibrate",
    "redistribution": "lwoopro.analysis.redistribution",
    "regions": "lwoopro.analysis.regions",
    "reliability": "lwoopro.analysis.reliability",
    "reliability_by_size": "lwoopro.analysis.reliability",
    "risk": "lwoopro.analysis.risk",
    "scatter": "lwoopro.analysis.stability",
    "scenario_scores": "lwoopro.analysis.scenarios",
    "stability": "lwoopro.analysis.stability",
    "tables": "lwoopro.report.tables",
    "target_profile": "lwoopro.analysis.profile",
    "why": "lwoopro.analysis.why",
    "why_summary": "lwoopro.analysis.why",
    "write_tables": "lwoopro.report.tables",
    "yearly_change": "lwoopro.analysis.stability",
    "BorderTraffic": "lwoopro.allocation.border",
    "assumed_pro_flows": "lwoopro.allocation.border",
    "border_traffic": "lwoopro.allocation.border",
    "index_factor": "lwoopro.allocation.indexation",
    "release": "lwoopro.allocation.opting_out",
    "release_outcomes": "lwoopro.allocation.opting_out",
    "Settlement": "lwoopro.allocation.settlement",
    "funds_by_population": "lwoopro.allocation.settlement",
    "recover": "lwoopro.allocation.settlement",
    "settlement": "lwoopro.allocation.settlement",
    "blend": "lwoopro.allocation.transition",
    "max_loss_path": "lwoopro.allocation.transition",
    "smallest_loss": "lwoopro.allocation.transition",
    "transition_steps": "lwoopro.allocation.transition",
    "InputError": "lwoopro.errors",
    "Problem": "lwoopro.errors",
    "Study": "lwoopro.study",
    "apply_threshold": "lwoopro.allocation.weights",
    "change": "lwoopro.analysis.change",
    "change_summary": "lwoopro.analysis.change",
    "load_study": "lwoopro.study",
    "open_results": "lwoopro.simulation.results",
    "run": "lwoopro.simulation.runner",
    "combined_change": "lwoopro.analysis.stress",
    "stress_summary": "lwoopro.analysis.stress",
    "most_exposed": "lwoopro.analysis.stress",
    "cut_per_pupil": "lwoopro.analysis.lumpsum",
    "exceedance": "lwoopro.analysis.lumpsum",
    "fan": "lwoopro.analysis.lumpsum",
    "net_position": "lwoopro.analysis.lumpsum",
    "growth_for_cut": "lwoopro.analysis.reverse",
    "growth_for_loss": "lwoopro.analysis.reverse",
    "monitor": "lwoopro.analysis.monitoring",
    "operating_curves": "lwoopro.analysis.monitoring",
}


def __getattr__(name: str) -> Any:
    if name == "plot":
        return import_module("lwoopro.plot")
    if name == "__version__":
        return import_module("importlib.metadata").version("lwoopro")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
