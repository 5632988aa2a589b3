"""The indicator file that a recalibration writes (C-1, S-4, S-6)."""

import json
from pathlib import Path

from lwoopro.codes import TRACK_GROUPS
from lwoopro.recalibration.estimate import Estimate

__all__ = ["indicator_text", "write_indicator"]

_DECIMALS = 6
_ERRORS = {
    "classical": "equal residual variances",
    "robust": "any residual variances (HC1)",
    "school": "schools as clusters",
}


def indicator_text(estimate: Estimate, name: str, source: str) -> str:
    """Write an estimate as an indicator file.

    Values are rounded to six decimals (S-4). The reference codes are 0 and do not vary; all other
    coefficients stand in the covariance.

    Parameters
    ----------
    estimate : Estimate
    name, source : str
        As the file states them.

    Returns
    -------
    str
        TOML; `lwoopro.indicator.file.read_indicator` reads it.
    """
    sample = estimate.sample
    value = dict(zip(estimate.names, estimate.value.tolist(), strict=True))
    lines = [
        "# Written by lwoopro recalibrate (C-1): test score regressed on intelligence and the",
        "# characteristics; intelligence is no part of the score.",
        f"# {len(sample):,} pupils of {len(set(sample.school.tolist())):,} schools; "
        f"R2 {estimate.r_squared:.3f}; errors: {_ERRORS[estimate.errors]}.",
        f"# Intelligence: {estimate.slope:.6g} (s.e. {estimate.slope_se:.2g}) points per unit, "
        f"measured from {estimate.centre:.6g}.",
        *(f"# Left out, {why}: {many:,} rows." for why, many in sample.left_out.items() if many),
        "",
        f"name = {_text(name)}",
        f"source = {_text(source)}",
        "",
        "[start]",
        *(f"{_key(group)} = {_points(value[f'start.{group}'])}" for group in TRACK_GROUPS),
    ]
    for factor in sample.factors:
        head = f"characteristic.{_key(factor.column)}" if factor.added else factor.column
        lines += ["", f"[{head}]"]
        for code in factor.codes:
            points = value.get(f"{factor.column}.{code}", 0.0)
            lines.append(f"{_key(code)} = {_points(points)}")
    lines += ["", "[covariance]", "parameters = ["]
    lines += [f"    {_text(parameter)}," for parameter in estimate.names]
    lines += ["]", "matrix = ["]
    for row in estimate.covariance.tolist():
        # a float64 as repr writes it is read back to the same bits
        lines.append(f"    [{', '.join(map(repr, row))}],")
    return "\n".join([*lines, "]", ""])


def write_indicator(path: Path, estimate: Estimate, name: str, source: str) -> None:
    """Write the file; see `indicator_text`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(indicator_text(estimate, name, source), encoding="utf-8")


def _points(value: float) -> str:
    text = f"{value:.{_DECIMALS}f}"
    return "0.0" if float(text) == 0 else text


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _key(code: str) -> str:
    return code if code.replace("_", "").isalnum() and code.isascii() else _text(code)
