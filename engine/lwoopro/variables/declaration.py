"""What a declaration of a variable says."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Kind", "Variable"]

Kind = Literal["float64", "int64", "int32", "str"]


@dataclass(frozen=True, slots=True)
class Variable:
    """Declaration of one variable or coordinate.

    Attributes
    ----------
    name : str
    dims : tuple of str
    kind : str
        Type of the values.
    units : str
    clauses : str
        Clauses of the model that it follows.
    long_name : str
    comment : str
        Short plain explanation, as it is stored beside the values.
    """

    name: str
    dims: tuple[str, ...]
    kind: Kind
    units: str
    clauses: str
    long_name: str
    comment: str

    @property
    def attrs(self) -> dict[str, str]:
        """Attributes as they are stored."""
        return {
            "long_name": self.long_name,
            "units": self.units,
            "comment": self.comment,
            "clauses": self.clauses,
        }
