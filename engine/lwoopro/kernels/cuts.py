"""The cut: which scores the lowest Y % have, from a histogram instead of a sort (I-4, T-2)."""

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.types import Bands, Int32s, Int64s

__all__ = ["band_table", "find_cuts"]


@kernel
def find_cuts(
    histogram: Int32s,
    fixed: Int64s,
    order: Int64s,
    rank: Int32s,
    need: Int64s,
    cut_rank: Int32s,
    cut_profile: Int64s,
) -> None:
    """Find for each draw and share the lowest score that enough pupils reach.

    That is c = the lowest score with #{score <= c} >= m (I-4); `need` is m rounded up, which is
    the same condition on whole pupils.

    Parameters
    ----------
    histogram : int32 array, shape ``(profiles, draws)``
    fixed : int64 array, shape ``(profiles,)``
        Pupils whose profile is the same in every draw.
    order : int64 array, shape ``(profiles, 1 or draws)``
        Profiles by score, lowest first; one column serves all draws.
    rank : int32 array, same shape
        Position of the profile's score among the distinct scores; equal scores share it.
    need : int64 array, shape ``(shares,)``
        Rising; each between 1 and the number of pupils.
    cut_rank : int32 array, shape ``(shares, draws)``
        Output: rank of c.
    cut_profile : int64 array, shape ``(shares, draws)``
        Output: a profile with score c.
    """
    profiles, draws = histogram.shape
    shares = need.shape[0]
    own = int(order.shape[1] > 1)
    for d in range(draws):
        e = d * own
        total = 0
        share = 0
        k = 0
        while share < shares:
            here = rank[order[k, e], e]
            while k < profiles and rank[order[k, e], e] == here:
                total += fixed[order[k, e]] + histogram[order[k, e], d]
                k += 1
            while share < shares and total >= need[share]:
                cut_rank[share, d] = here
                cut_profile[share, d] = order[k - 1, e]
                share += 1


@kernel
def band_table(
    rank: Int32s,
    cut_rank: Int32s,
    band: Bands,
) -> None:
    """Find the band of every profile between the cuts of each draw.

    The band is the number of cuts below the score plus the number of cuts at or below it: even
    numbers lie strictly between two cuts, odd ones (with distinct cuts) on a cut.

    Parameters
    ----------
    rank : int32 array, shape ``(profiles, 1 or draws)``
    cut_rank : int32 array, shape ``(shares, draws)``
        Rising along the shares.
    band : uint8 array, shape ``(profiles, draws)``
        Output, 0 … 2 * shares.
    """
    profiles, draws = band.shape
    own = int(rank.shape[1] > 1)
    for p in range(profiles):
        for d in range(draws):
            band[p, d] = 0
        for s in range(cut_rank.shape[0]):
            for d in range(draws):
                # one by one: outside the jit the sum of two bools is a bool
                band[p, d] += rank[p, d * own] > cut_rank[s, d]
                band[p, d] += rank[p, d * own] >= cut_rank[s, d]
