"""Who may import whom: data flows one way, and special libraries have one room each."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import lwoopro

ROOT = Path(lwoopro.__file__).parent

ENTRANCE = ("study", "duo")
FLOW = (
    "pupils",
    "imputation",
    "indicator",
    "recalibration",
    "kernels",
    "allocation",
    "pro",
    "analytic",
    "simulation",
    "analysis",
    "plot",
    "report",
    "bench",
)
"""The order in which data flows; `simulation` runs everything up to the money."""

SHARED = ("errors", "codes", "variables")
"""Modules that every room may know."""

ON_TOP = ("cli", "__main__", "__init__", "calibration")


def imports(path: Path) -> Iterator[str]:
    """Full names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    """Folder below the package, or the module's own name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0]


def may_know(name: str) -> set[str]:
    if name in ON_TOP:
        return {*ENTRANCE, *FLOW, *SHARED, *ON_TOP}
    if name in SHARED:
        return {name, *SHARED}
    if name in ENTRANCE:
        return {name, *SHARED}
    before = set(FLOW[: FLOW.index(name) + 1])
    # the report shows what `duo` made; every room may read what the study says
    entrance = set(ENTRANCE) if name == "report" else {"study"}
    return before | entrance | set(SHARED)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_data_flows_one_way(path: Path) -> None:
    allowed = may_know(room(path))
    for name in imports(path):
        if name.split(".")[0] == "lwoopro" and name != "lwoopro":
            assert name.split(".")[1] in allowed, f"{room(path)} must not know {name}"


def test_kernels_know_numpy_and_numba_only() -> None:
    for path in (ROOT / "kernels").glob("*.py"):
        for name in imports(path):
            own = name.startswith("lwoopro.kernels")
            plain = name in ("typing", "collections.abc")
            assert own or plain or name.split(".")[0] in ("numpy", "numba"), f"{path}: {name}"


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("dask", "scheduler"),
        ("distributed", "scheduler"),
        ("zarr", "store"),
        ("numcodecs", "store"),
        ("numba", "jit"),
    ],
)
def test_a_special_library_has_one_room(library: str, home: str) -> None:
    users = {path.stem for path in modules() if library in {n.split(".")[0] for n in imports(path)}}
    assert users == {home}


def test_figures_are_drawn_in_their_room() -> None:
    """The command line answers at once: what draws is imported by whoever draws."""
    for library, homes in (("matplotlib", {"plot", "report"}), ("shapely", {"plot"})):
        for path in modules():
            if library in {name.split(".")[0] for name in imports(path)}:
                assert room(path) in homes, f"{path}: {library}"


def test_every_room_stands_in_the_flow() -> None:
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir() and list(path.glob("*.py"))}
    assert rooms <= {*ENTRANCE, *FLOW, *SHARED, *ON_TOP}
