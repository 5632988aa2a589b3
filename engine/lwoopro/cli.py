"""The command line (contract: Command line). Heavy imports wait until a command needs them."""

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from lwoopro.errors import InputError, Problem, RunError
from lwoopro.simulation.freed import keep_freed_memory

if TYPE_CHECKING:
    import xarray as xr

    from lwoopro.study import Study

__all__ = ["app", "main"]

WRONG_INPUT: Final = 2
INTERRUPTED: Final = 130

_SELDOM: Final = 500_000
"""New objects between two searches for circles of them. By default it is 700: the search costs a
twentieth of a command, most of it while libraries are loaded, and finds next to nothing."""

_OURS: Final = "ours"
"""What commands are given where the process is ours and ends with them."""

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
    context: typer.Context,
    study: StudyFile,
    out: Annotated[
        str | None,
        typer.Option(help="Folder or address for the results; default results/<study name>."),
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
    analytic: Annotated[
        bool, typer.Option("--analytic", help="Mean and spread of the scores without any draw.")
    ] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help="No report.html.")] = False,
    results_only: Annotated[
        bool, typer.Option("--results-only", help="Neither report.html nor tables/*.csv.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Run a study: progress, results, report, and a short summary."""
    from lwoopro.study import load_study

    loaded = load_study(study).with_overrides(draws=draws, seed=seed)
    if analytic:
        from lwoopro.report.answer import answer

        answer(loaded, out, resume=resume, quiet=quiet)
        return

    from lwoopro.report.apart import started
    from lwoopro.simulation.companion import room_for

    report = not (no_report or results_only)
    apart = context.with_resource(started(report and room_for(loaded, workers, scheduler)))
    from lwoopro.report.terminal import busy, progress_display, show_summary
    from lwoopro.simulation import compiling
    from lwoopro.simulation.manifest import Manifest
    from lwoopro.simulation.runner import run_in

    context.with_resource(compiling.helped(compiling.pays(loaded, workers, scheduler)))
    areas = _areas(loaded)
    try:
        with progress_display(quiet) as watch:
            place = run_in(
                loaded,
                out,
                resume=resume,
                workers=workers,
                scheduler=scheduler,
                watch=watch,
            )
    except KeyboardInterrupt:
        # here, since the command line's own library would end with a word of its own
        typer.echo("interrupted; --resume continues where it stopped", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if areas is not None:
        from lwoopro.plot.places import AREAS

        place.write(AREAS, areas.encode())
    folder = place.text
    if not (results_only and quiet):
        from lwoopro.report.within import within
        from lwoopro.simulation.results import read_results

        results = within(_read(context, read_results(folder)), loaded.compute.memory_bytes)
    if not results_only:
        from lwoopro.report.write import write_all

        what = "tables and report" if report else "tables"
        try:
            with busy(what, quiet):
                write_all(results, folder, html=report, apart=apart)
        except KeyboardInterrupt:
            typer.echo(
                f"interrupted; the draws are done: lwoopro report {folder} makes {what}", err=True
            )
            raise typer.Exit(INTERRUPTED) from None
    finished = Manifest.load(place)
    assert finished is not None
    for line in finished.warnings:
        typer.echo(f"warning: {line}", err=True)
    if not quiet:
        show_summary(results, folder, report=report)


def _read(context: typer.Context, results: "xr.Dataset") -> "xr.Dataset":
    """Give the results; a process of ours reads no others, and ends."""
    if context.obj is _OURS:
        from lwoopro.simulation.results import without_graphs

        return without_graphs(results)
    return results


def _areas(study: "Study") -> str | None:
    """Areas for the map of the report, where the study names some; before anything is simulated."""
    if study.report.geojson is None:
        return None
    from lwoopro.plot.polygons import areas_text

    postcodes = study.report.postcodes
    return areas_text(
        study.resolve(study.report.geojson),
        study.resolve(postcodes) if postcodes is not None else None,
    )


@app.command()
def check(study: StudyFile) -> None:
    """Check a study and all its files without simulating; say what would run."""
    from lwoopro.study import load_study

    loaded = load_study(study)
    _areas(loaded)

    from lwoopro.report.terminal import show_forecast
    from lwoopro.simulation.forecast import forecast

    show_forecast(loaded, forecast(loaded))


@app.command()
def report(
    context: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Folder of a run.")],
    other: Annotated[
        str | None, typer.Argument(metavar="DIR_B", help="Another run, to compare it with DIR.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="With DIR_B: the file to write; default comparison.html.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="en or nl, instead of the study's.")] = None,
    suppress_below: Annotated[
        int | None, typer.Option(min=0, help="Withhold smaller counts; 0 shows all.")
    ] = None,
) -> None:
    """Write DIR/report.html and DIR/tables/*.csv anew, or compare two runs."""
    from lwoopro.report.language import known
    from lwoopro.report.readable import readable

    words = known(language)
    if other is not None:
        from lwoopro.report.compare import write_comparison

        file = Path("comparison.html") if out is None else out
        typer.echo(str(write_comparison(folder, other, file, words, suppress_below)))
        return
    from lwoopro.report.terminal import busy
    from lwoopro.report.write import write_all

    if out is not None:
        raise InputError(Problem("--out", "there is nothing to compare", "give two folders"))
    results = _read(context, readable(folder))
    with busy("tables and report"):
        paths = write_all(results, folder, language=words, suppress_below=suppress_below)
    for path in paths:
        typer.echo(path)


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
    out: Annotated[Path, typer.Option(help="File to write, parquet or csv.")],
    probabilities: Annotated[
        Path | None, typer.Option(help="Csv file to write: chances of unknown levels by class.")
    ] = None,
    swv: Annotated[Path | None, typer.Option(help="Csv file to write: the swv table.")] = None,
    truth: Annotated[
        bool, typer.Option("--truth", help="Add what a synthetic population hides.")
    ] = False,
) -> None:
    """Write the pupil table that a study would use; all three files give the same results."""
    from lwoopro.simulation.written import write_study_pupils
    from lwoopro.study import load_study

    loaded = load_study(study)
    rows = write_study_pupils(loaded, out, truth, probabilities=probabilities, swv=swv)
    typer.echo(f"{out}: {rows:,} rows")
    for path in (probabilities, swv):
        if path is not None:
            typer.echo(str(path))


@app.command()
def example(
    name: Annotated[
        str | None, typer.Argument(help="Which; without a name, all are listed.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder to write it to.")] = Path(),
) -> None:
    """Write a study that comes with the program, to be run and changed."""
    from lwoopro.study.examples import copy_example, examples

    if name is None:
        for known, what in examples().items():
            typer.echo(f"{known:18} {what}")
    else:
        typer.echo(str(copy_example(name, out)))


@app.command()
def schema() -> None:
    """Print the JSON schema of study files, for editors that complete from it."""
    import json

    from lwoopro.study.schema import study_schema

    typer.echo(json.dumps(study_schema(), indent=2, ensure_ascii=False))


@app.command()
def recalibrate(
    pupils: Annotated[
        str, typer.Argument(metavar="PUPILS", help="Pupil table with a test score (C-1).")
    ],
    out: Annotated[Path, typer.Option(help="Indicator file to write, ending in .toml.")],
    against: Annotated[
        str, typer.Option(help="Indicator in use: bundled name or path.")
    ] = "assumed-2022",
    errors: Annotated[
        str, typer.Option(help="classical, robust, or school: pupils of a school are alike.")
    ] = "classical",
    centre: Annotated[
        float | None, typer.Option(help="Average intelligence, such as 100; default the mean.")
    ] = None,
    characteristic: Annotated[
        list[str] | None, typer.Option(help="A further column to estimate; may be repeated.")
    ] = None,
    score: Annotated[str, typer.Option(help="Column of the test score.")] = "test_score",
    intelligence: Annotated[str, typer.Option(help="Column of intelligence.")] = "intelligence",
    advice: Annotated[str, typer.Option(help="Column of the test advice.")] = "advice",
    comparison: Annotated[
        Path | None, typer.Option(help="CSV file for the comparison with the indicator in use.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Estimate the indicator anew and compare it with the one in use."""
    from lwoopro.recalibration.recalibrate import recalibrate as estimate

    found = estimate(
        pupils,
        out,
        against=against,
        errors=errors,
        centre=centre,
        characteristics=characteristic or [],
        score=score,
        intelligence=intelligence,
        advice=advice,
    )
    if comparison is not None:
        found.comparison.to_csv(comparison, index=False)
    if not quiet:
        from lwoopro.report.recalibrated import show_recalibration

        show_recalibration(found)


@app.command()
def bench(
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer rounds: under a minute, and less sure.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Write the results as JSON, too.")
    ] = None,
) -> None:
    """Time the engine beside other libraries, on the same data, and print the table."""
    from lwoopro.bench import limit_cores

    limit_cores()

    from lwoopro.bench.show import bench as bench_and_show

    bench_and_show(quick, out)


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
    except RunError as error:
        typer.echo(str(error), err=True)
        return 1
    except OSError as error:
        typer.echo(f"{error.filename or 'lwoopro'}: {error.strerror or error}", err=True)
        return 1
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else 1
    return 0


def main() -> None:
    """Run the command line; the entry point of ``lwoopro``."""
    gc.set_threshold(_SELDOM)
    keep_freed_memory()
    status = guarded(lambda: app(obj=_OURS))
    # the interpreter searches all objects for circles before it ends: half a second after a run
    gc.freeze()
    sys.exit(status)
