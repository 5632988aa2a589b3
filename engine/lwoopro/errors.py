"""Errors that are meant for people: what is wrong with the input, and what would be right."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["InputError", "Problem", "RunError"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One defect of the user's input.

    Attributes
    ----------
    where : str
        The file, and in it the key, column or row: ``"study.toml: money.support_amount"``.
    what : str
        What is wrong. Never a value that belongs to a pupil.
    right : str
        What would be right; may be empty where `what` says it already.
    """

    where: str
    what: str
    right: str = ""

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}"
        return f"{line}; {self.right}" if self.right else line


class InputError(Exception):
    """The user's input is wrong; the command line turns it into exit status 2.

    Parameters
    ----------
    problems : Problem or iterable of Problem
        Every defect that was found, in the order in which the user reads the file.

    Attributes
    ----------
    problems : tuple of Problem

    Examples
    --------
    >>> print(InputError(Problem("study.toml: study.draws", "0 draws", "use 1 or more")))
    study.toml: study.draws: 0 draws; use 1 or more
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(*self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class RunError(Exception):
    """A run cannot go on, and the user's input is not to blame; what was done is kept.

    The message is one line for people; the command line turns it into exit status 1.
    """
