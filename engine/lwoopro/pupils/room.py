"""Memory that reading a pupil table may take: refused before it is taken (Q-2)."""

from dataclasses import dataclass
from typing import Final

from lwoopro.errors import InputError, Problem

__all__ = ["Room"]

# measured on 2 million rows of two years: as they are read, and as checked columns beside them;
# on a busy machine pyarrow holds up to 50 MB more than on an idle one
_BYTES: Final = 120_000_000
_BYTES_PER_ROW: Final = 45
_BYTES_PER_KEPT_ROW: Final = 125
_BYTES_PER_FURTHER_CELL: Final = 20


@dataclass(frozen=True)
class Room:
    """The setting ``compute.memory``, and what is left of it.

    Attributes
    ----------
    allowed : int
        Bytes that the process may use.
    held : int
        Bytes that it uses now.
    """

    allowed: int
    held: int

    @property
    def left(self) -> int:
        """Bytes that reading may take."""
        return max(self.allowed - self.held, 0)

    def refuse(self, path: str, rows: int, kept: int, further: int, text: int = 0) -> None:
        """Say that the memory does not suffice to read a table.

        Parameters
        ----------
        path : str
        rows : int
            In the file.
        kept : int
            Of them in the years of the study, as far as known.
        further : int
            Columns beside those of every table.
        text : int
            Bytes of the file's text, see `lwoopro.pupils.source.Source`.

        Raises
        ------
        InputError
            It needs more.
        """
        more = (
            _BYTES
            + text
            + _BYTES_PER_ROW * rows
            + (_BYTES_PER_KEPT_ROW + _BYTES_PER_FURTHER_CELL * further) * kept
        )
        if more > self.left:
            which = f"{kept:,} of the {rows:,} rows" if kept else f"the {rows:,} rows"
            raise InputError(
                Problem(
                    "compute.memory",
                    f"{self.allowed / 1e6:,.0f} MB is too little to read {which} of {path}",
                    f"at least {(self.held + more) / 1e6:,.0f} MB, or fewer years in a file",
                )
            )
