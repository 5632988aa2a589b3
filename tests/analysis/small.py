"""Results Datasets made by hand, small enough to work out on paper."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from lwoopro.variables import check

PARTS = ("regional", "lwoo", "pro")


def money(
    lwoo: Mapping[str, Any],
    *,
    other: Any = 0.0,
    years: Sequence[int] = (2020,),
    swv: Sequence[str] | None = None,
    pupils: Any = 100,
    region: Sequence[str] | None = None,
) -> xr.Dataset:
    """Results with budgets: lwoo per policy as ``(draw, year, swv)``, pro as `other`."""
    arrays = {name: np.asarray(values, float) for name, values in lwoo.items()}
    shape = np.broadcast_shapes(*(values.shape for values in arrays.values()))
    draws, _, many = shape
    codes = list(swv or (f"VO20{j:02}" for j in range(1, many + 1)))
    part = np.zeros((draws, len(years), len(arrays), len(PARTS), many))
    for p, values in enumerate(arrays.values()):
        part[:, :, p, 1] = np.broadcast_to(values, shape)
        part[:, :, p, 2] = other
    results = xr.Dataset(
        {
            "budget": (("draw", "year", "policy", "swv"), part.sum(axis=3)),
            "budget_part": (("draw", "year", "policy", "part", "swv"), part),
            "pupils": (
                ("year", "attribution", "swv"),
                np.broadcast_to(np.asarray(pupils, np.int64), (len(years), 1, many)).copy(),
            ),
            "region": ("swv", np.array(list(region or [""] * many), object)),
            "vo_pupils": (("year", "swv"), np.full((len(years), many), 1000.0)),
            "lwoo_pupils": (("year", "swv"), np.full((len(years), many), 100.0)),
        },
        coords={
            "draw": np.arange(draws),
            "year": np.asarray(years, np.int64),
            "attribution": ["school"],
            "policy": list(arrays),
            "part": list(PARTS),
            "swv": codes,
        },
        attrs={"baseline": next(iter(arrays))},
    )
    check(results, [str(name) for name in results.data_vars])
    return results
