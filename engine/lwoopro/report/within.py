"""Results cut to what tables and report have memory for."""

from typing import Final

import xarray as xr

from lwoopro.simulation.memory import free_memory, used_memory

__all__ = ["draws_within", "within"]

_PART: Final = 0.5
"""Of the bytes of the results: so much is in memory at once while tables and report are made, one
date or one growth scenario after another. Measured: a fifth of the national study's, two fifths of
one with growth scenarios."""

_LIBRARIES: Final = 150_000_000
"""Bytes that are still to come besides, where the memory is limited: what draws the pictures."""

_FEWEST: Final = 1_000
"""Draws that are always taken: of so few, the libraries take more."""

_NOTE: Final = "tables and report show the first"


def draws_within(result_bytes: int, draws: int, memory: int | None) -> int:
    """Say how many of the draws tables and report have memory for.

    Parameters
    ----------
    result_bytes : int
        Size of the results of all draws.
    draws : int
    memory : int or None
        Bytes that this process may take; None: what is free on this machine.

    Returns
    -------
    int
        From the first draw on.
    """
    free = free_memory() if memory is None else memory - used_memory() - _LIBRARIES
    each = _PART * result_bytes / max(draws, 1)
    return min(draws, max(int(free / max(each, 1e-9)), _FEWEST))


def within(results: xr.Dataset, memory: int | None = None) -> xr.Dataset:
    """Leave draws out that there is no memory for.

    Draws are independent of each other: the first ones are as good a sample as all, but a smaller
    one. Every Monte-Carlo error is that of so many.

    Parameters
    ----------
    results : Dataset
    memory : int, optional
        See `draws_within`.

    Returns
    -------
    Dataset
        The results, or their first draws and a note that says so.
    """
    notes = results.attrs.get("notes", [])
    draws = results.sizes["draw"]
    if any(str(line).startswith(_NOTE) for line in notes):
        # what was free a moment ago is no reason to leave out still more
        return results
    some = draws_within(results.nbytes, draws, memory)
    if some >= draws:
        return results
    note = f"{_NOTE} {some} of {draws} draws: memory does not hold more; the results have them all"
    return results.isel(draw=slice(some)).assign_attrs(notes=[*notes, note])
