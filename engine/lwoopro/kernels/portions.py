"""A year's pupils, some schools after the other: drawn, counted, and copied while near (D-5)."""

from lwoopro.kernels.bands import add_given, count_runs
from lwoopro.kernels.draws import copy_donors
from lwoopro.kernels.jit import kernel
from lwoopro.kernels.levels import draw_levels
from lwoopro.kernels.types import (
    Bools,
    Bytes,
    Int16s,
    Int32s,
    Int64s,
    Profiles,
    Uint16s,
    Uint32s,
    Uint64s,
)

__all__ = ["draw_portions"]


@kernel
def draw_portions(
    portion: Int64s,
    levels: Bytes,
    histogram: Int32s,
    sums: Int64s,
    split_sums: Int64s,
    start: Bytes,
    mother_person: Uint64s,
    mother_word: Uint64s,
    mother_row: Int32s,
    father_person: Uint64s,
    father_word: Uint64s,
    father_row: Int32s,
    father_follows: Bools | None,
    exact: Uint32s,
    upper: Uint16s,
    run: Int64s,
    run_unit: Int64s,
    run_base: Int64s,
    band: Int16s,
    split_band: Int16s,
    packed: Int64s,
    given: Profiles,
    donor_levels: Bytes,
    donor_base: Profiles,
    person: Uint64s,
    word: Uint64s,
    first: Int64s,
    length: Int64s,
    given_unit: Int16s,
    given_word: Uint64s,
    candidate: Uint32s,
    key: Uint64s,
    group: int,
    education: bool,
    donors: bool,
) -> None:
    """Draw all pupils of a block of draws who are not known.

    One call for all portions: between two calls another thread would get its turn.

    Parameters
    ----------
    portion : int64 array, shape ``(portions, 4)``
        First and last + 1 of the runs and of the recipients that belong together. Together they
        are all; a recipient comes after all his donors.
    levels, start, …, upper, key, group
        See `levels.draw_levels`. Without a row of `exact` the levels stand there already.
    histogram, sums, split_sums, run, …, packed
        See `bands.count_runs`.
    given, donor_levels, donor_base, person, word, first, length, candidate
        See `draws.copy_donors`; `donor_levels` is `levels` and one row more.
    given_unit : int16 array, shape ``(recipients,)``
        Position of each recipient's swv.
    given_word : uint64 array, shape ``(profiles,)``
        See `bands.given_words`.
    education, donors : bool
        Whether the source varies.
    """
    for k in range(portion.shape[0]):
        runs = slice(portion[k, 0], portion[k, 1])
        recipients = slice(portion[k, 2], portion[k, 3])
        run_here = run[portion[k, 0] : portion[k, 1] + 1]
        if exact.shape[0] > 0:
            draw_levels(
                levels,
                run_here[0],
                run_here[run_here.shape[0] - 1],
                start,
                mother_person,
                mother_word,
                mother_row,
                father_person,
                father_word,
                father_row,
                father_follows,
                exact,
                upper,
                key,
                group,
                education,
            )
        count_runs(
            levels,
            histogram,
            sums,
            split_sums,
            start,
            mother_row,
            father_row,
            run_here,
            run_unit[runs],
            run_base[runs],
            band,
            split_band,
            packed,
        )
        copy_donors(
            given[recipients],
            donor_levels,
            donor_base,
            person[recipients],
            word[recipients],
            first[recipients],
            length[recipients],
            candidate,
            key,
            group,
            donors,
        )
        if sums.shape[1] > 0:
            add_given(sums, given[recipients], given_word, given_unit[recipients])
