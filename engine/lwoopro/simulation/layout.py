"""What the results are laid out by, and what of them no draw changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from lwoopro.imputation.education_model import EducationModel

__all__ = ["Layout"]


@dataclass(frozen=True, eq=False)
class Layout:
    """The results' coordinates, and the variables that no draw changes.

    Attributes
    ----------
    coordinates : mapping of str to values
        `draw` included.
    constants : mapping of str to array
    notes : tuple of str
        What a reader of the results should know.
    education : EducationModel or None
        The fitted model, with method `model`.
    """

    coordinates: Mapping[str, NDArray[Any] | Sequence[str]]
    constants: Mapping[str, NDArray[Any]]
    notes: tuple[str, ...] = ()
    education: EducationModel | None = None
