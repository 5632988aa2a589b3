"""Words for defects of input files: where they stand, which name was meant, how much to show."""

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

__all__ = ["SHOWN", "did_you_mean", "in_places", "listed", "named", "nearest", "quoted"]

SHOWN = 5
"""How many line or row numbers, classes or names a message shows at most."""


def in_places(word: str, numbers: Sequence[int], count: int | None = None) -> str:
    """Say where something stands, with at most `SHOWN` numbers.

    Parameters
    ----------
    word : str
        ``"line"`` or ``"row"``.
    numbers : sequence of int
        The places, in order; at least one.
    count : int, optional
        How many there are, where `numbers` holds only the first of them.

    Examples
    --------
    >>> in_places("line", [17])
    'line 17'
    >>> in_places("row", [1, 2, 3, 4, 5, 6, 7])
    '7 rows: 1, 2, 3, 4, 5, …'
    """
    total = len(numbers) if count is None else count
    if total == 1:
        return f"{word} {numbers[0]}"
    return f"{total:,} {word}s: {listed((str(n) for n in numbers[:SHOWN]), total)}"


def listed(names: Iterable[str], total: int | None = None, shown: int = SHOWN) -> str:
    """Join the first `shown` names with commas, and an ellipsis where there are more.

    Examples
    --------
    >>> listed(["bb", "kb", "gl", "tl"])
    'bb, kb, gl, tl'
    >>> listed(["a", "b", "c"], shown=2)
    'a, b, …'
    """
    every = [named(name) for name in names]
    total = len(every) if total is None else total
    return ", ".join(every[:shown]) + (", …" if total > min(shown, len(every)) else "")


def named(name: str, width: int = 60) -> str:
    r"""Return a name as it is, or quoted and shortened where it would spoil the line.

    Examples
    --------
    >>> named("mother_id"), named("two\nlines")
    ('mother_id', "'two\\nlines'")
    """
    return name if name.isprintable() and len(name) <= width else quoted(name)


def nearest(name: str, known: Collection[str]) -> str | None:
    """Return the known name that looks most like `name`, or None.

    Examples
    --------
    >>> nearest("Orgin", ["origin", "stay"])
    'origin'
    >>> nearest("postcode", ["origin", "stay"]) is None
    True
    """
    by_lower = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Return ``" (nearest: 'origin')"`` for a name that looks like a known one, else nothing."""
    found = nearest(name, known)
    return "" if found is None else f" (nearest: {quoted(found)})"


def quoted(text: str, width: int = 40) -> str:
    """Quote a value for a message, shortened and on one line.

    Examples
    --------
    >>> quoted("12,5")
    "'12,5'"
    """
    return repr(text if len(text) <= width else text[: width - 1] + "…")
