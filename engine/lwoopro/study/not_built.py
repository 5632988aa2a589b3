"""What a study file may say according to the model, but the engine cannot do yet.

One table: whoever builds a thing strikes its line, and the key works.
"""

from dataclasses import dataclass
from typing import Final

from lwoopro.study.words import shown

__all__ = ["NOT_BUILT", "NotBuilt", "known_but_not_built", "not_built"]


@dataclass(frozen=True)
class NotBuilt:
    """A key, or a value of a key, that is known but not built yet.

    Attributes
    ----------
    section, key : str
        Where it stands; an empty key stands for the whole section.
    clause : str
        The clause of the model that describes it.
    value : str, bool or None
        The value that is not built; None stands for the key with any value.
    instead : str
        What works today.
    """

    section: str
    key: str
    clause: str
    value: str | bool | None = None
    instead: str = "leave it out"

    @property
    def what(self) -> str:
        """What is wrong with it."""
        value = "" if self.value is None else f"{shown(self.value)} is "
        return f"{value}known, but not built yet ({self.clause})"


NOT_BUILT: Final[tuple[NotBuilt, ...]] = ()
"""Everything that is known but not built yet."""


def not_built(section: str, key: str = "", value: object = None) -> NotBuilt | None:
    """Return the line of `NOT_BUILT` that a key of a study file runs into, or None."""
    for line in NOT_BUILT:
        if (line.section, line.key) == (section, key) and (
            line.value is None or (type(line.value) is type(value) and line.value == value)
        ):
            return line
    return None


def known_but_not_built(section: str | None = None) -> tuple[str, ...]:
    """Return the keys of a section, or the sections, that `NOT_BUILT` refuses with any value."""
    if section is None:
        return tuple(line.section for line in NOT_BUILT if not line.key)
    return tuple(
        line.key
        for line in NOT_BUILT
        if line.section == section and line.value is None and line.key
    )
