"""What a study would run, before it runs: size, memory, time (contract: ``lwoopro check``)."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lwoopro.simulation.block import DRAWS_PER_PASS
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.study import Study
from lwoopro.variables import VARIABLES

__all__ = ["Forecast", "forecast"]

# measured on one core of a server of 2024; a rough guide, not a promise
_SECONDS_PER_PUPIL_DRAW: Final = 5.0e-9
_SECONDS_PER_YEAR_DRAW: Final = 1.0e-4
_SECONDS_PER_PRO_CELL: Final = 4.0e-7
_BYTES_PER_PRO_CELL: Final = 100
_SECONDS_TO_COMPILE: Final = 10


@dataclass(frozen=True)
class Forecast:
    """Size of a study.

    Attributes
    ----------
    rows : int
        Pupils over all years.
    imputed, copied, asylum : int
        Pupils with a drawn level, with a donor, and asylum pupils.
    draws, years, policies, swv : int
    result_bytes : int
        Results, uncompressed.
    memory_bytes : int
        At work, all threads together, without the pupil table.
    seconds : float
        Expected time of the draws.
    assumed : tuple of str
    """

    rows: int
    imputed: int
    copied: int
    asylum: int
    draws: int
    years: int
    policies: int
    swv: int
    result_bytes: int
    memory_bytes: int
    seconds: float
    assumed: tuple[str, ...]

    def lines(self) -> Iterator[tuple[str, str]]:
        """Give the figures as words and numbers."""
        yield "pupils, all years", f"{self.rows:,}"
        yield "  with a level to draw (I-1)", f"{self.imputed:,}"
        yield "  with a donor's score (I-2, I-3)", f"{self.copied:,}"
        yield "  asylum (I-4)", f"{self.asylum:,}"
        yield "years × draws", f"{self.years} × {self.draws:,}"
        yield "policies × swv", f"{self.policies} × {self.swv}"
        yield "results, uncompressed", f"{self.result_bytes / 1e6:,.1f} MB"
        yield "memory at work", f"{self.memory_bytes / 1e6:,.0f} MB"
        yield "time of the draws", f"about {max(self.seconds, 1):,.0f} s"
        yield "first run on a machine", f"{_SECONDS_TO_COMPILE} s more, to compile"


def forecast(study: Study) -> Forecast:
    """Check all inputs of a study and work out its size.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Forecast

    Raises
    ------
    InputError
        As `simulation.runner.run` before its first draw.
    """
    inputs = load_inputs(study)
    prepared, layout = prepare(study, inputs)
    draws = study.study.draws
    values = 0
    for name in prepared.draw_variables:
        size = 1
        for dim in VARIABLES[name].dims:
            size *= len(layout.coordinates[dim])
        values += size
    imputed = [len(plan.imputed.base) for plan in prepared.plans]
    copied = [len(plan.copied.person) for plan in prepared.plans]
    threads = study.compute.threads or os.cpu_count() or 1
    width = prepared.lattice.profile_type(0).itemsize
    at_work = (max(imputed) + max(copied)) * width * DRAWS_PER_PASS
    at_work += len(prepared.lattice.score) * DRAWS_PER_PASS * 9
    busy = sum(imputed) * _SECONDS_PER_PUPIL_DRAW + len(imputed) * _SECONDS_PER_YEAR_DRAW
    if prepared.pro is not None:
        flow = prepared.pro.flow
        cells = len(flow.scenarios) * len(flow.years) * len(flow.persons)
        at_work += cells * DRAWS_PER_PASS * _BYTES_PER_PRO_CELL
        busy += cells * _SECONDS_PER_PRO_CELL
    return Forecast(
        rows=len(inputs.pupils),
        imputed=sum(imputed),
        copied=sum(copied),
        asylum=int(inputs.pupils.asylum.sum()),
        draws=draws,
        years=len(prepared.plans),
        policies=len(study.policy),
        swv=len(inputs.swv.codes),
        result_bytes=8 * values,
        memory_bytes=threads * (at_work + 8 * values * study.compute.block_draws // draws),
        seconds=busy * draws / threads,
        assumed=inputs.assumed,
    )
