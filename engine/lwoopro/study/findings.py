"""The problems of one study file, gathered in any order and told in the order of the file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lwoopro.errors import InputError, Problem
from lwoopro.study.words import LONGEST_SHOWN, quoted_key

__all__ = ["Findings"]


class Findings:
    """Gathers what is wrong with the tables of a file.

    A place in the file is a sequence of keys and, inside lists, of numbers from 0:
    ``("policy", 0, "share")``.

    Parameters
    ----------
    file : str
        The file, as the user gave it.
    tables : mapping
        What TOML made of it.
    """

    def __init__(self, file: str, tables: Mapping[str, Any]) -> None:
        self._file = file
        self._tables = tables
        self._found: list[tuple[tuple[int, ...], Problem]] = []
        self._touched: set[tuple[str | int, ...]] = set()
        policies = tables.get("policy")
        self.policy_names: tuple[str | None, ...] = tuple(
            policy["name"]
            if isinstance(policy, dict) and isinstance(policy.get("name"), str)
            else None
            for policy in (policies if isinstance(policies, list) else ())
        )
        self._times = Counter(self.policy_names)

    def add(self, place: Sequence[str | int], what: str, right: str) -> None:
        """Keep one problem: where it is, what is wrong, what would be right."""
        problem = Problem(f"{self._file}: {self._dotted(place)}", what, right)
        self._found.append((self._order(place), problem))
        self._touched.update(tuple(place[:depth]) for depth in range(1, len(place) + 1))

    def clean(self, place: Sequence[str | int]) -> bool:
        """Return whether no problem is known so far at a place or inside it."""
        return tuple(place) not in self._touched

    def raise_if_any(self) -> None:
        """Raise all problems in the order of the file, if there are any.

        Raises
        ------
        InputError
            There was at least one.
        """
        if self._found:
            in_order = sorted(self._found, key=lambda found: found[0])
            raise InputError(problem for _, problem in in_order)

    def _order(self, place: Sequence[str | int]) -> tuple[int, ...]:
        """Return numbers that sort as the file reads; what it lacks stands at the end."""
        order: list[int] = []
        inside: Any = self._tables
        for part in place:
            if isinstance(part, int):
                order.append(part)
                inside = inside[part] if isinstance(inside, list) else None
            elif isinstance(inside, dict) and part in inside:
                order.append(list(inside).index(part))
                inside = inside[part]
            else:
                order.append(len(inside) if isinstance(inside, dict) else 0)
                inside = None
        return tuple(order)

    def _dotted(self, place: Sequence[str | int]) -> str:
        """Write a place as a dotted key: policies by name, else list items by number from 1."""
        written = ""
        for depth, part in enumerate(place):
            name = self._own_name(part) if depth == 1 and place[0] == "policy" else None
            if isinstance(part, int) and name is None:
                written += f" #{part + 1}"
            else:
                written += f"{'.' if written else ''}{quoted_key(name or str(part))}"
        return written

    def _own_name(self, part: str | int) -> str | None:
        """Return the name of a policy if no other has it and a line can hold it."""
        if not isinstance(part, int):
            return None
        name = self.policy_names[part]
        return name if name and self._times[name] == 1 and len(name) <= LONGEST_SHOWN else None
