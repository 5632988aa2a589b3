"""What a study reads, written as files that another study can read (contract: lwoopro pupils)."""

from pathlib import Path

from lwoopro.errors import InputError, Problem
from lwoopro.imputation.probabilities import probabilities_text, read_probabilities
from lwoopro.pupils.swv import swv_text
from lwoopro.pupils.synthetic import SyntheticPopulation, generate
from lwoopro.simulation.files import write_atomically
from lwoopro.simulation.inputs import load_inputs, load_swv, population_of
from lwoopro.study import Study, TablePupils

__all__ = ["write_study_pupils"]


def write_study_pupils(
    study: Study,
    path: Path,
    truth: bool = False,
    *,
    probabilities: Path | None = None,
    swv: Path | None = None,
) -> int:
    """Write the pupil table that a study would use, and what else a study with such a table needs.

    A study whose `[pupils] path`, `[imputation] probabilities` and `[swv] path` name these files,
    and which is otherwise the same, gives the same draws, to the last bit.

    Parameters
    ----------
    study : Study
    path : Path
        Parquet or csv, by its suffix.
    truth : bool
        Add the columns that a synthetic population knows and hides.
    probabilities : Path, optional
        Where to write the chances of the levels of every class, as csv (I-1).
    swv : Path, optional
        Where to write the swv table, as csv.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    InputError
        An input is wrong, a file cannot be written, the truth is asked of a table, or
        probabilities of a study that has none.
    """
    from lwoopro.pupils.write import write_pupils

    if isinstance(study.pupils, TablePupils):
        if truth:
            raise InputError(
                Problem("--truth", "only a synthetic population knows the truth", "leave it out")
            )
        made = None
    else:
        made = generate(
            population_of(study, study.pupils),
            sorted(study.study.years),
            study.study.seed,
            float(study.pupils.scale),
        )
    # everything is there before the first file is written
    beside: list[tuple[Path, bytes]] = []
    if probabilities is not None:
        beside.append((probabilities, _probabilities(study, made)))
    if swv is not None:
        beside.append((swv, _swv(study)))
    if made is None:
        pupils = load_inputs(study).pupils
        write_pupils(pupils, path)
    else:
        pupils = made.pupils
        columns, codes = (made.truth_columns, made.truth_codes) if truth else (None, None)
        write_pupils(pupils, path, columns, characteristics=codes)
    for file, content in beside:
        try:
            write_atomically(file, content)
        except OSError as error:
            what = f"cannot be written: {(error.strerror or str(error)).lower()}"
            raise InputError(Problem(str(file), what)) from None
    return len(pupils)


def _probabilities(study: Study, made: SyntheticPopulation | None) -> bytes:
    own = study.imputation.probabilities
    if own is not None:
        # as it stands: its decimals are what is computed with
        path = study.resolve(own)
        read_probabilities(path)
        return path.read_bytes()
    if made is None:
        raise InputError(
            Problem("--probabilities", "this study has no table of chances", "leave it out")
        )
    return probabilities_text(made.classes, made.probability).encode()


def _swv(study: Study) -> bytes:
    table = load_swv(study)
    own = study.swv.path
    return swv_text(table).encode() if own is None else study.resolve(own).read_bytes()
