"""Measure, and put the figures where they are read: ``python -m benchmarks``.

Writes ``benchmarks/results/bench.json``, the table in the README, and the outputs of the notebook
that plots it; about five minutes on an idle machine. With ``--readme`` nothing is measured: README
and notebook follow the JSON as it is.
"""

import sys
from pathlib import Path

from lwoopro.bench import limit_cores

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "bench.json"
NOTEBOOK = ROOT / "notebooks" / "05-benchmarks.ipynb"
BEGIN, END = "<!-- benchmarks: begin -->\n", "<!-- benchmarks: end -->\n"


def with_table(readme: str, table: str) -> str:
    """Put the table between its marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def run_notebook() -> None:
    """Run the notebook where it stands, and keep its outputs."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    nbformat.write(notebook, NOTEBOOK)


def main() -> None:
    """Do it."""
    limit_cores()

    from lwoopro.bench.results import load
    from lwoopro.bench.show import bench
    from lwoopro.bench.table import markdown

    if "--readme" not in sys.argv:
        bench(quick=False, out=RESULTS)
    readme = ROOT / "README.md"
    table = markdown(load(RESULTS))
    readme.write_text(with_table(readme.read_text("utf-8"), table), "utf-8")
    run_notebook()


if __name__ == "__main__":
    main()
