"""The analytic twin and the decomposition of the variance (Q-5, Q-6)."""

from typing import Final

from lwoopro.variables.declaration import Variable

__all__ = ["CERTAINTY"]

_SCORES: Final = ("year", "attribution", "share", "swv")
_BUDGETS: Final = ("year", "policy", "swv")
_SOBOL: Final = ("source", *_BUDGETS)

CERTAINTY: Final = (
    Variable(
        "analytic_mean",
        _SCORES,
        "float64",
        "score points",
        "Q-5, D-1",
        "mean of the disadvantage score, without drawing",
        "weight mean, no threshold; the cut and the national mean move approximately",
    ),
    Variable(
        "analytic_sd",
        _SCORES,
        "float64",
        "score points",
        "Q-5, D-1",
        "standard deviation of the disadvantage score, without drawing",
        "sources education and donors; the cut and the national mean move approximately",
    ),
    Variable(
        "analytic_kurtosis",
        _SCORES,
        "float64",
        "1",
        "Q-5",
        "kurtosis of the disadvantage score, without drawing",
        "3 for a normal one; says how well draws can tell the standard deviation; NaN where too "
        "few pupils are drawn for the approximations",
    ),
    Variable(
        "analytic_target_pupils",
        _SCORES,
        "float64",
        "pupils",
        "Q-5, T-2",
        "expected pupils in the target group, without drawing",
        "asylum pupils included",
    ),
    Variable(
        "analytic_budget_mean",
        _BUDGETS,
        "float64",
        "euro",
        "Q-5, B-4",
        "mean of light support, without drawing",
        "delta method for the part that follows the scores; NaN with a threshold or a lift",
    ),
    Variable(
        "analytic_budget_sd",
        _BUDGETS,
        "float64",
        "euro",
        "Q-5, B-4",
        "standard deviation of light support, without drawing",
        "delta method for the part that follows the scores; NaN with a threshold or a lift",
    ),
    Variable(
        "sobol_first",
        _SOBOL,
        "float64",
        "1",
        "Q-6",
        "first-order index",
        "share of the variance of light support that the source explains by itself; estimated, so "
        "it may lie a little below 0 or above 1; NaN where nothing varies",
    ),
    Variable(
        "sobol_first_se",
        _SOBOL,
        "float64",
        "1",
        "Q-6, Q-3",
        "error of the first-order index",
        "asymptotic, over the draws",
    ),
    Variable(
        "sobol_total",
        _SOBOL,
        "float64",
        "1",
        "Q-6",
        "total index",
        "share of the variance of light support that would be left if all other sources were "
        "known, interactions included",
    ),
    Variable(
        "sobol_total_se",
        _SOBOL,
        "float64",
        "1",
        "Q-6, Q-3",
        "error of the total index",
        "asymptotic, over the draws",
    ),
    Variable(
        "sobol_national_first",
        _SOBOL[:3],
        "float64",
        "1",
        "Q-6",
        "first-order index of all swv together",
        "as sobol_first, the swv weighed by their variance",
    ),
    Variable(
        "sobol_national_first_se",
        _SOBOL[:3],
        "float64",
        "1",
        "Q-6, Q-3",
        "error of the first-order index of all swv together",
        "asymptotic, over the draws",
    ),
    Variable(
        "sobol_national_total",
        _SOBOL[:3],
        "float64",
        "1",
        "Q-6",
        "total index of all swv together",
        "as sobol_total, the swv weighed by their variance",
    ),
    Variable(
        "sobol_national_total_se",
        _SOBOL[:3],
        "float64",
        "1",
        "Q-6, Q-3",
        "error of the total index of all swv together",
        "asymptotic, over the draws",
    ),
    Variable(
        "sobol_variance",
        _BUDGETS,
        "float64",
        "euro2",
        "Q-6",
        "variance of light support",
        "of the draws that the indices were estimated from, all sources on",
    ),
)
