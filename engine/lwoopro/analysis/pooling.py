"""Pooling of estimates over imputations: Rubin's rules with Barnard and Rubin's df (Q-4)."""

from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

__all__ = ["NO_WITHIN", "POOLED_LEVEL", "pool"]

POOLED_LEVEL: Final = 0.95
"""Probability that a pooled interval holds, unless something else is asked for."""

NO_WITHIN: Final = (
    "none: a complete register has no sampling variance; total = (1 + 1/D) x between, df = D - 1"
)
"""What the attribute ``within_variance`` says where there is none (Q-4)."""


def pool(
    estimate: xr.DataArray | NDArray[np.float64],
    variance: xr.DataArray | NDArray[np.float64] | None = None,
    *,
    complete_df: ArrayLike | xr.DataArray = np.inf,
    level: float = POOLED_LEVEL,
) -> xr.Dataset:
    """Pool one estimate per draw into one estimate with its uncertainty.

    With D draws, W the mean of the variances and B the variance of the estimates (over D − 1), the
    total variance is T = W + (1 + 1/D) B (Rubin 1987). The degrees of freedom are those of Barnard
    and Rubin (1999): 1/ν = 1/ν_m + 1/ν_obs with λ = (1 + 1/D) B / T, ν_m = (D − 1) / λ² and
    ν_obs = (ν_com + 1) / (ν_com + 3) · ν_com · (1 − λ).

    Without `variance` nothing varies within a draw: T = (1 + 1/D) B, df = D − 1, and the attribute
    ``within_variance`` says so. The same df stands where a variance is given and is 0 in every
    draw.

    Parameters
    ----------
    estimate : DataArray with dimension ``draw``, or array with draws first
        At least two draws.
    variance : like `estimate`, optional
        Square of the standard error within each draw; at least 0.
    complete_df : float, array or DataArray
        ν_com, degrees of freedom had nothing been missing; infinite by default. An array has the
        shape of one draw.
    level : float
        Probability that the interval holds.

    Returns
    -------
    Dataset
        Without ``draw``: ``estimate``, ``between``, ``total`` (variances, in the squared unit),
        ``df``, ``low``, ``high``; with `variance` also ``within``, ``relative_increase``
        r = (1 + 1/D) B / W, ``imputation_share`` λ, and ``fraction_missing``
        (r + 2/(ν + 3)) / (r + 1), NaN where W is 0.

    Raises
    ------
    ValueError
        Fewer than two draws, a negative variance, a level or df out of range, or shapes that do
        not fit.
    """
    values = _with_draws(estimate)
    draws = values.sizes["draw"]
    if draws < 2:
        raise ValueError(f"{draws} draw: pooling needs at least two")
    if not 0 < level < 1:
        raise ValueError(f"level {level}: between 0 and 1")
    centre = values.mean("draw", skipna=False)
    between = values.var("draw", ddof=1, skipna=False)
    extra = (1 + 1 / draws) * between
    parts = {"estimate": centre, "between": between}
    if variance is None:
        total = extra
        df = xr.full_like(between, draws - 1.0)
    else:
        within = _within(variance, values)
        complete = _complete_df(complete_df, centre)
        total = within + extra
        none = within == 0
        share = extra / total.where(~none)
        pooled = _barnard_rubin(share, within / total.where(~none), draws, complete)
        df = xr.where(none, draws - 1.0, pooled).transpose(*centre.dims)
        increase = extra / within.where(~none)
        missing = (increase + 2 / (df + 3)) / (increase + 1)
        parts |= {
            "within": within,
            "relative_increase": increase,
            "imputation_share": share,
            "fraction_missing": missing,
        }
    half = df.copy(data=_student((1 + level) / 2, df.to_numpy())) * np.sqrt(total)
    parts |= {"total": total, "df": df, "low": centre - half, "high": centre + half}
    result = xr.Dataset({name: part.drop_attrs() for name, part in parts.items()})
    units = values.attrs.get("units")
    for name in result.data_vars:
        if name in ("within", "between", "total"):
            squared = None if units is None else "1" if units == "1" else f"({units})^2"
            result[name].attrs = {} if squared is None else {"units": squared}
        elif name in ("estimate", "low", "high"):
            result[name].attrs = dict(values.attrs)
        else:
            result[name].attrs = {"units": "1"}
    return result.assign_attrs(
        draws=draws, level=level, within_variance=NO_WITHIN if variance is None else "given"
    )


def _with_draws(values: xr.DataArray | NDArray[np.float64]) -> xr.DataArray:
    if isinstance(values, xr.DataArray):
        if "draw" not in values.dims:
            raise ValueError(f"no dimension draw among {', '.join(map(str, values.dims))}")
        return values.astype(np.float64).transpose("draw", ...).compute()
    array = np.asarray(values, np.float64)
    if not array.ndim:
        raise ValueError("a single number has no draws")
    return xr.DataArray(array, dims=("draw", *(f"dim_{k}" for k in range(1, array.ndim))))


def _within(variance: xr.DataArray | NDArray[np.float64], values: xr.DataArray) -> xr.DataArray:
    given = _with_draws(variance)
    if set(given.dims) != set(values.dims) or dict(given.sizes) != dict(values.sizes):
        raise ValueError(f"variance {dict(given.sizes)} and estimate {dict(values.sizes)} differ")
    _, given = xr.align(values, given, join="exact")
    if (given < 0).any():
        raise ValueError("a variance is negative")
    return given.mean("draw", skipna=False).transpose(*values.dims[1:])


def _complete_df(complete_df: ArrayLike | xr.DataArray, centre: xr.DataArray) -> xr.DataArray:
    if isinstance(complete_df, xr.DataArray):
        given = complete_df.astype(np.float64)
    else:
        shaped = np.broadcast_to(np.asarray(complete_df, np.float64), centre.shape)
        given = centre.copy(data=shaped)
    if not (given > 0).all():
        raise ValueError("complete_df is above 0, or infinite")
    return given


def _barnard_rubin(
    share: xr.DataArray, kept: xr.DataArray, draws: int, complete: xr.DataArray
) -> xr.DataArray:
    """Degrees of freedom; each part is kept as its inverse, which may be 0."""
    finite = complete.where(np.isfinite(complete), 1.0)
    observed = (finite + 3) / ((finite + 1) * finite * kept)
    inverse = share**2 / (draws - 1) + xr.where(np.isfinite(complete), observed, 0.0)
    df: xr.DataArray = xr.where(inverse == 0, np.inf, 1 / inverse.where(inverse != 0))
    return df


def _student(at: float, df: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantile of Student's t; of the normal distribution where df is infinite."""
    finite = np.where(np.isinf(df), 1.0, df)
    quantile: NDArray[np.float64] = np.where(np.isinf(df), ndtri(at), stdtrit(finite, at))
    return quantile
