"""OpenFisca-core: the score (S-1) as a formula of a tax and benefit system with one entity.

It is no part of the extra `bench`: ``python -m pip install openfisca-core`` by hand.
"""

from typing import Any, Final

import numpy as np

from lwoopro.bench.contest import Job
from lwoopro.bench.one_score import code
from lwoopro.bench.world import World
from lwoopro.codes import DEBT, EDUCATION_LEVELS, ORIGINS, STAYS, TRACK_GROUPS

__all__ = ["score"]

_PERIOD: Final = "2019"
_CODES: Final = {
    "track_group": TRACK_GROUPS,
    "origin": ORIGINS,
    "stay": STAYS,
    "debt": DEBT,
    "mother": EDUCATION_LEVELS,
    "father": EDUCATION_LEVELS,
}


def _system(world: World) -> Any:
    """Lay down the entity, its variables and the parameters."""
    from openfisca_core.entities import Entity
    from openfisca_core.indexed_enums import Enum
    from openfisca_core.parameters import ParameterNode
    from openfisca_core.periods import DateUnit
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    pupil = Entity("pupil", "pupils", "A pupil of upper vmbo", "")
    system = TaxBenefitSystem([pupil])
    indicator = world.indicator
    values = {
        "track_group": indicator.start,
        "origin": indicator.origin.value,
        "stay": indicator.stay.value,
        "debt": indicator.debt.value,
        "mother": indicator.education_mother.value,
        "father": indicator.education_father.value,
    }
    names = {name: [f"code_{k}" for k in range(len(of))] for name, of in _CODES.items()}
    tree = {
        name: {
            key: {"values": {"2015-01-01": {"value": value}}}
            for key, value in zip(names[name], values[name], strict=True)
        }
        for name in _CODES
    }
    system.parameters = ParameterNode("", data=tree)
    common = {"entity": pupil, "definition_period": DateUnit.YEAR, "label": ""}
    for name in _CODES:
        kind = Enum(name, {key: key for key in names[name]})
        members = {"value_type": Enum, "possible_values": kind, "default_value": next(iter(kind))}
        system.add_variable(type(name, (Variable,), {**common, **members}))

    def formula(pupils: Any, period: Any, parameters: Any) -> Any:
        total = 0
        for name in _CODES:
            node = parameters(period)[name]
            # indexing the node itself by the codes is a hundred times slower
            value = np.array([node[key] for key in names[name]], np.int32)
            total = total + value.take(pupils(name, period))
        return total

    system.add_variable(
        type("score", (Variable,), {**common, "value_type": int, "formula": formula})
    )
    return system


def score(world: World) -> Job:
    """Set the inputs once; the score is forgotten before each run."""
    from openfisca_core.indexed_enums import EnumArray
    from openfisca_core.simulations import SimulationBuilder

    codes = code(world)
    system = _system(world)
    simulation = SimulationBuilder().build_default_simulation(system, count=len(codes.mother))
    for name in _CODES:
        kind = system.get_variable(name).possible_values
        column = getattr(codes, name).astype(np.int16)
        simulation.set_input(name, _PERIOD, EnumArray(column, kind))

    def run() -> Any:
        simulation.delete_arrays("score")
        return simulation.calculate("score", _PERIOD)

    return Job(run, len(codes.mother), run)
