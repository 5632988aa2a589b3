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
    from lwoopro.analysis.change import change, change_summary
    from lwoopro.errors import InputError, Problem
    from lwoopro.simulation.runner import open_results, run
    from lwoopro.study import Study, load_study

__all__ = [
    "BorderTraffic",
    "InputError",
    "Problem",
    "Settlement",
    "Study",
    "apply_threshold",
    "assumed_pro_flows",
    "blend",
    "border_traffic",
    "change",
    "change_summary",
    "funds_by_population",
    "index_factor",
    "load_study",
    "max_loss_path",
    "open_results",
    "recover",
    "release",
    "release_outcomes",
    "run",
    "settlement",
    "smallest_loss",
    "transition_steps",
]

_HOME = {
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
    "open_results": "lwoopro.simulation.runner",
    "run": "lwoopro.simulation.runner",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
