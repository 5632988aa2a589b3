"""The notebook of gains and losses: committed with its outputs, and it still runs."""

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03-who-gains-who-loses.ipynb"


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_it_is_committed_with_its_outputs() -> None:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    cells = code_cells(notebook)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert sum(bool(cell["outputs"]) for cell in cells) >= len(cells) - 1
    for cell in cells:
        assert all(output["output_type"] != "error" for output in cell["outputs"])
    text = NOTEBOOK.read_text("utf-8")
    assert not re.search(r'"[^"]*(/tmp|/home|/root|C:\\\\)', text), "no path of a machine"


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_it_runs() -> None:
    missing = [name for name in ("nbclient", "ipykernel", "matplotlib") if find_spec(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}: install lwoopro[notebooks]")
    import nbclient
    import nbformat

    notebook = nbformat.read(NOTEBOOK, 4)
    nbclient.NotebookClient(notebook, timeout=240, kernel_name="python3").execute()
    assert all(cell["execution_count"] for cell in code_cells(notebook))
