"""Opting-out and release of criteria: who overruns, and who pays (B-11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lwoopro.allocation.exact import as_fraction
from lwoopro.allocation.settlement import Settlement, settlement

__all__ = ["SWITCHES", "VARIANTS", "Release", "release", "release_outcomes"]


SWITCHES: Final = ("criteria", "duration", "licence")
"""What a swv may set itself: who qualifies, for how long, which schools may offer it."""


@dataclass(frozen=True)
class Release:
    """What a variant hands over to the swv.

    Attributes
    ----------
    lwoo, pro : tuple of str
        Switches that a swv may use for lwoo and for pro.
    everywhere : bool
        In every swv; otherwise only where all boards agree to opt out.
    """

    lwoo: tuple[str, ...]
    pro: tuple[str, ...]
    everywhere: bool


VARIANTS: Final[Mapping[str, Release]] = {
    "none": Release((), (), everywhere=False),
    "2016": Release(SWITCHES, (), everywhere=False),
    "2018-OCW14": Release(SWITCHES, SWITCHES, everywhere=True),
    "2018-OCW18": Release(SWITCHES, ("licence",), everywhere=True),
}
"""The variants by name; under OCW18 pro keeps its national criteria and duration."""


def release(
    lwoo: ArrayLike,
    pro: ArrayLike,
    variant: str,
    *,
    opting_out: ArrayLike | None = None,
    response: Mapping[str, Any] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Move registered pupils as a variant lets swv set criteria, duration, licence (B-11).

    Each switch that a swv may use multiplies its number of registered pupils by a factor: more
    or fewer who qualify, a longer or shorter stay, more schools that offer it. How large these
    factors are no source tells: they are the user's, and *assumed*. They are independent of
    need; the disadvantage scores, and with them `indicator`, do not see them.

    Parameters
    ----------
    lwoo, pro : array, shape ``(swv,)``
        Registered pupils as they are now.
    variant : str
        "none", "2016", "2018-OCW14" or "2018-OCW18".
    opting_out : bool array, shape ``(swv,)``, optional
        Where all boards agree; needed by "2016", which acts nowhere else.
    response : mapping of str to number or array, optional
        Factor of each of `SWITCHES`, for all swv or one for each; 1 where absent, which is also
        how a swv leaves a switch unused.

    Returns
    -------
    lwoo, pro : float64 array, shape ``(swv,)``

    Raises
    ------
    ValueError
        The variant or a switch is unknown, a factor is negative, or `opting_out` is missing.

    Examples
    --------
    >>> release([100], [50], "2018-OCW18", response={"criteria": 1.2, "licence": 1.1})
    (array([132.]), array([55.]))
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant {variant!r}: use one of {', '.join(VARIANTS)}")
    given = response or {}
    unknown = [name for name in given if name not in SWITCHES]
    if unknown:
        raise ValueError(f"switch {unknown[0]!r}: use one of {', '.join(SWITCHES)}")
    handed = VARIANTS[variant]
    swv = len(np.asarray(lwoo))
    if handed.everywhere or variant == "none":
        where = np.full(swv, True)
    elif opting_out is None:
        raise ValueError(f"variant {variant} acts where all boards agree: give opting_out")
    else:
        where = np.asarray(opting_out, bool)
    factors = {
        name: np.broadcast_to(np.asarray(given.get(name, 1), object), swv) for name in SWITCHES
    }
    if any(factor < 0 for row in factors.values() for factor in row):
        raise ValueError("a factor is negative")
    return (
        _moved(lwoo, [factors[name] for name in handed.lwoo], where),
        _moved(pro, [factors[name] for name in handed.pro], where),
    )


def _moved(
    counts: ArrayLike, factors: list[NDArray[Any]], where: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Multiply decimals as written; one rounding at the end."""
    numbers = []
    for j, count in enumerate(np.asarray(counts).tolist()):
        number = as_fraction(count)
        for factor in factors if where[j] else ():
            number *= as_fraction(factor[j])
        numbers.append(float(number))
    return np.array(numbers)


def release_outcomes(
    parts: ArrayLike,
    lwoo: ArrayLike,
    pro: ArrayLike,
    vo: ArrayLike,
    support_amount: Fraction | float,
    *,
    opting_out: ArrayLike,
    by_population: ArrayLike | None = None,
    response: Mapping[str, Any] | None = None,
) -> dict[str, Settlement]:
    """Settle every variant: who overruns (`overrun`), and who pays (B-11, B-7).

    An overrun is borne by the swv's regional support first (`from_regional`), the rest by all its
    schools (`deficit`). The national money stays what it is. Where lwoo is funded by population,
    registered lwoo pupils cost nothing more.

    Parameters
    ----------
    parts, lwoo, pro, vo, support_amount, by_population
        As for `settlement`; `lwoo`, `pro` and `vo` of shape ``(swv,)``.
    opting_out, response
        As for `release`.

    Returns
    -------
    dict of str to Settlement
        By variant; "none" is how it is now.
    """
    found = {}
    for variant in VARIANTS:
        moved = release(lwoo, pro, variant, opting_out=opting_out, response=response)
        found[variant] = settlement(parts, *moved, vo, support_amount, by_population)
    return found
