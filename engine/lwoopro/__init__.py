"""lwoopro: how the Netherlands funds lwoo and pro, simulated with its uncertainty.

The names below are the public interface. They are imported when they are first used, so that the
command line answers at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lwoopro.allocation.weights import apply_threshold
    from lwoopro.analysis.change import change, change_summary
    from lwoopro.errors import InputError, Problem
    from lwoopro.simulation.runner import open_results, run
    from lwoopro.study import Study, load_study

__all__ = [
    "InputError",
    "Problem",
    "Study",
    "apply_threshold",
    "change",
    "change_summary",
    "load_study",
    "open_results",
    "run",
]

_HOME = {
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
