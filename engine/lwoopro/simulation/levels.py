"""Which thresholds draw the level of which parent: from a table or from the model (I-1)."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import EDUCATION_LEVELS, EMPTY
from lwoopro.errors import InputError, Problem
from lwoopro.imputation.education_model import EducationModel, fit
from lwoopro.imputation.persons import Parents, own_score
from lwoopro.imputation.probabilities import ClassProbabilities
from lwoopro.simulation.inputs import Inputs
from lwoopro.study import Study

__all__ = ["Levels", "class_rows", "find_rows"]


@dataclass(frozen=True, eq=False)
class Levels:
    """Rows of the thresholds for every pupil, and the thresholds.

    Attributes
    ----------
    mother_row, father_row : int32 array, shape ``(rows of the pupil table,)``
        -1 where nothing is drawn.
    father_follows : bool array, shape ``(rows of the pupil table,)``
        The father's row counts from the mother's drawn level on.
    thresholds : uint32 array, shape ``(rows, 7)``
    model : EducationModel or None
        Where its parameters are drawn; without the rows of the pupils.
    fitted : EducationModel or None
        The same, wherever one was fitted.
    """

    mother_row: NDArray[np.int32]
    father_row: NDArray[np.int32]
    father_follows: NDArray[np.bool_]
    thresholds: NDArray[np.uint32]
    model: EducationModel | None = None
    fitted: EducationModel | None = None


def find_rows(study: Study, inputs: Inputs, mother: Parents, father: Parents) -> Levels:
    """Look up the class of every unknown parent, or fit the model.

    Parameters
    ----------
    study : Study
    inputs : Inputs
    mother, father : Parents

    Returns
    -------
    Levels

    Raises
    ------
    InputError
        A class without probabilities, or the model cannot be fitted.
    """
    pupils = inputs.pupils
    if study.imputation.method == "model":
        coded = [part.column for part in inputs.indicator.added]
        covariates = study.imputation.covariates
        where = f"{study.path}: imputation.covariates"
        model = fit(
            pupils, mother, father, covariates, coded=coded, where=where, bins=study.imputation.bins
        )
        nobody = np.zeros(0, np.int32)
        stripped = replace(
            model, mother_row=nobody, father_row=nobody, father_follows=np.zeros(0, bool)
        )
        return Levels(
            model.mother_row,
            model.father_row,
            model.father_follows,
            _fixed(model.thresholds()) if model.rows else _none(),
            stripped if study.uncertainty.parameters and model.rows else None,
            stripped if model.rows else None,
        )
    own = own_score(pupils)
    table = inputs.probabilities
    path = f"{study.path}: imputation.probabilities" if table is None else table.path
    rows = [
        class_rows(role, classes, own & (parent.level == EMPTY), table, path)
        for role, classes, parent in (
            ("mother", pupils.education_class_mother, mother),
            ("father", pupils.education_class_father, father),
        )
    ]
    thresholds = _none() if table is None else _fixed(table.threshold)
    return Levels(rows[0], rows[1], np.zeros(len(pupils), bool), thresholds)


def _none() -> NDArray[np.uint32]:
    return _fixed(np.zeros((1, len(EDUCATION_LEVELS) - 1), np.uint32))


def _fixed(thresholds: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Let nobody write: all alike, or the kernels would be compiled for each sort of study."""
    view = thresholds.view()
    view.flags.writeable = False
    return view


def class_rows(
    parent: str,
    classes: NDArray[np.int64],
    needed: NDArray[np.bool_],
    probabilities: ClassProbabilities | None,
    path: str,
) -> NDArray[np.int32]:
    """Find the row of the thresholds for every pupil whose parent's level is drawn.

    Parameters
    ----------
    parent : "mother" or "father"
    classes : int64 array, shape ``(rows,)``
    needed : bool array, shape ``(rows,)``
    probabilities : ClassProbabilities or None
    path : str
        Probability file, or the key that would name it, for messages.

    Returns
    -------
    int32 array, shape ``(rows,)``
        -1 where nothing is drawn.

    Raises
    ------
    InputError
        There is no probability file, or it lacks a class that is used.
    """
    rows = np.full(len(classes), -1, np.int32)
    if not needed.any():
        return rows
    if probabilities is None:
        raise InputError(
            Problem(
                path,
                f"the education of a {parent} is unknown ({int(needed.sum()):,} of them), and no "
                "file says how likely each level is",
                "a file with the columns class, level, probability",
            )
        )
    at = np.searchsorted(probabilities.classes, classes[needed])
    at = np.minimum(at, len(probabilities.classes) - 1)
    missing = probabilities.classes[at] != classes[needed]
    if missing.any():
        absent = np.unique(classes[needed][missing])
        shown = ", ".join(map(str, absent[:5].tolist())) + (" …" if len(absent) > 5 else "")
        raise InputError(
            Problem(
                path,
                f"{len(absent)} classes of education_class_{parent} are not in this file: {shown}",
                "every class that the pupils use, with all eight levels",
            )
        )
    rows[needed] = at
    return rows
