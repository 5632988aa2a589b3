"""The command line (contract: Command line). Heavy imports wait until a command needs them."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from lwoopro.errors import InputError

__all__ = ["app", "main"]

WRONG_INPUT: Final = 2
INTERRUPTED: Final = 130

app = typer.Typer(
    help="How the Netherlands funds lwoo and pro, simulated with its uncertainty.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

StudyFile = Annotated[str, typer.Argument(metavar="STUDY.toml", help="The study file.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")]


@app.command()
def run(
    study: StudyFile,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; default results/<study name>.")
    ] = None,
    draws: Annotated[int | None, typer.Option(help="Draws, instead of the study's.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed, instead of the study's.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes on this machine, instead of threads.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of an existing dask scheduler.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an earlier run.")] = False,
    quiet: Quiet = False,
) -> None:
    """Run a study: progress, results, and a short summary."""
    from lwoopro.study import load_study

    loaded = load_study(study).with_overrides(draws=draws, seed=seed)

    from lwoopro.report.terminal import progress_display, show_summary
    from lwoopro.simulation import runner

    try:
        with progress_display(quiet) as progress:
            results = runner.run(
                loaded,
                out,
                resume=resume,
                workers=workers,
                scheduler=scheduler,
                progress=progress,
            )
    except KeyboardInterrupt:
        # here, since the command line's own library would end with a word of its own
        typer.echo("interrupted; --resume continues where it stopped", err=True)
        raise typer.Exit(INTERRUPTED) from None
    from lwoopro.report.tables import write_tables

    folder = runner.results_folder(loaded, out)
    write_tables(results, folder)
    if not quiet:
        show_summary(results, folder)


@app.command()
def check(study: StudyFile) -> None:
    """Check a study and all its files without simulating; say what would run."""
    from lwoopro.study import load_study

    loaded = load_study(study)

    from lwoopro.report.terminal import show_forecast
    from lwoopro.simulation.forecast import forecast

    show_forecast(loaded, forecast(loaded))


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished run.")],
) -> None:
    """Write DIR/tables/*.csv anew from a finished run."""
    from lwoopro.report.readable import readable
    from lwoopro.report.tables import write_tables

    for path in write_tables(readable(folder), folder):
        typer.echo(str(path))


@app.command()
def explain(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    swv: Annotated[str, typer.Option(help="Code of the swv, such as VO2810.")],
    policy: Annotated[
        str | None, typer.Option(help="Policy; default the first by disadvantage score.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="Reference date; default the last.")] = None,
) -> None:
    """Say where the amount of one swv comes from, step by step."""
    from lwoopro.report.explain import explanation_of, show_explanation
    from lwoopro.report.readable import readable

    show_explanation(explanation_of(readable(folder), swv, policy, year))


@app.command()
def pupils(
    study: StudyFile,
    out: Annotated[Path, typer.Option(help="Parquet file to write.")],
    truth: Annotated[
        bool, typer.Option("--truth", help="Add what a synthetic population hides.")
    ] = False,
) -> None:
    """Write the pupil table that a study would use."""
    from lwoopro.simulation.inputs import write_study_pupils
    from lwoopro.study import load_study

    rows = write_study_pupils(load_study(study), out, truth)
    typer.echo(f"{out}: {rows:,} rows")


@app.command()
def schema() -> None:
    """Print the JSON schema of study files, for editors that complete from it."""
    import json

    from lwoopro.study.schema import study_schema

    typer.echo(json.dumps(study_schema(), indent=2, ensure_ascii=False))


@app.command()
def duo(
    enrolment: Annotated[Path, typer.Option(help="DUO: pupils per location and type.")],
    locations: Annotated[Path, typer.Option(help="DUO: locations with postcode.")],
    location_swv: Annotated[Path, typer.Option(help="DUO: location to swv.")],
    postcode_swv: Annotated[Path, typer.Option(help="Postcode-4 to swv.")],
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    exams: Annotated[
        list[Path] | None, typer.Option(help="DUO: exam candidates; may be repeated.")
    ] = None,
) -> None:
    """Make swv.csv and cohorts.csv from DUO open data."""
    from lwoopro.duo import build, write
    from lwoopro.report.terminal import show_duo

    result = build(enrolment, locations, location_swv, postcode_swv, exams or [])
    write(result, out)
    show_duo(result, out)


def guarded(command: Callable[[], object]) -> int:
    """Run a command and turn what goes wrong into an exit status (contract).

    Parameters
    ----------
    command : callable

    Returns
    -------
    int
        0 done, 2 wrong input, 130 interrupted, 1 anything that the machine refused.
    """
    try:
        command()
    except InputError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        return WRONG_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        typer.echo(f"{error.filename or 'lwoopro'}: {error.strerror or error}", err=True)
        return 1
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else 1
    return 0


def main() -> None:
    """Run the command line; the entry point of ``lwoopro``."""
    sys.exit(guarded(app))
