"""Pro growth and the lumpsum cut (P, R-8)."""

from typing import Final

from lwoopro.variables.declaration import Variable

__all__ = ["PRO_VARIABLES"]

_PER_GROWTH: Final = ("draw", "growth", "pro_year", "swv")
_FUNDED: Final = ("draw", "growth", "funding_year")

PRO_VARIABLES: Final = tuple(
    Variable(name, dims, "float64", units, clauses, long_name, comment)
    for name, dims, units, clauses, long_name, comment in (
        ("pro_pupils", _PER_GROWTH, "pupils", "P-1, P-2", "pro pupils", "on 1 October"),
        (
            "pro_entrants",
            _PER_GROWTH,
            "pupils",
            "P-1",
            "entrants to pro",
            "since the 1 October before, lateral entrants included; 0 in the first year",
        ),
        (
            "pro_stay_pupils",
            (*_PER_GROWTH[:3], "year_of_stay"),
            "pupils",
            "P-1",
            "pro pupils by year of stay",
            "the whole country",
        ),
        (
            "pro_reference_count",
            _FUNDED[:2],
            "pupils",
            "P-2, B-5",
            "reference count",
            "pro pupils on the reference date of the draw's own path, or as given",
        ),
        (
            "pro_extra_cost",
            _FUNDED,
            "euro",
            "P-3, P-6",
            "extra cost of pro growth",
            "support amount times provisional count minus reference count; negative: a refund",
        ),
        (
            "capped_support_amount",
            _FUNDED,
            "euro per pro pupil",
            "P-7",
            "support amount under a cap",
            "studied, not chosen: there is then no cut",
        ),
        (
            "lumpsum_cut",
            _FUNDED,
            "1",
            "P-4",
            "cut of basic funding",
            "phi, extra cost over the basic funding of all schools; negative: a refund",
        ),
        (
            "lumpsum_cut_amount",
            (*_FUNDED, "swv"),
            "euro",
            "P-4",
            "cut of the schools of a swv",
            "whole cents; they add up to the extra cost",
        ),
        (
            "basic_funding",
            (*_FUNDED, "swv"),
            "euro",
            "P-4, P-8",
            "basic funding before the cut",
            "counts of the October before, prices of the year",
        ),
        (
            "funded_vo_pupils",
            ("draw", "funding_year", "swv"),
            "pupils",
            "P-4",
            "vo pupils",
            "on 1 October before the funded year, pro included",
        ),
        (
            "funded_upper_vmbo_pupils",
            ("draw", "funding_year", "swv"),
            "pupils",
            "P-4",
            "upper-vmbo pupils",
            "on 1 October before the funded year",
        ),
        (
            "funded_support_amount",
            ("funding_year",),
            "euro per pro pupil",
            "P-3, B-10",
            "support amount",
            "prices of the year",
        ),
        (
            "basic_amount_high",
            ("funding_year",),
            "euro per pupil",
            "P-8, B-10",
            "basic funding of pro and upper vmbo",
            "prices of the year",
        ),
        (
            "basic_amount_low",
            ("funding_year",),
            "euro per pupil",
            "P-8, B-10",
            "basic funding of other vo pupils",
            "prices of the year",
        ),
    )
)
