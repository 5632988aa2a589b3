"""Damaged input: exit 2, one clear line per defect, nothing written, nobody's values (contract)."""

import csv
import io
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from lwoopro.cli import app, guarded
from tests.damage import country
from tests.damage.mutations import (
    EITHER,
    FINE,
    SECRET,
    WRONG,
    Mutation,
    mutations_of_csv,
    mutations_of_toml,
)
from tests.duo import dialects

LONGEST_SECONDS = 2.0

WHOLE_FILE = 32
"""So many mutations of a table come before those of single columns."""

INTEGER = ["", SECRET, "1.5", "1e400", "-", "9" * 30, "0x10", "1 000", "１２x"]
CODE = ["", SECRET, "BB?", "x" * 5000, "\x01", "1"]
WRONG_CELLS = {
    "year": INTEGER,
    "pupil_id": INTEGER,
    "school_id": [*CODE, "97qx01", "97QX1", "97QX001", "９７QX01"],
    "school_swv": [*CODE, "VO9999", "vo2001"],
    "home_swv": [SECRET, "VO9999", "VO0001", "2001"],
    "grade": [*INTEGER, "2", "5", "-3"],
    "track": [*CODE, "BB", "havo"],
    "registration": [*CODE, "Complete", "none"],
    "asylum": [SECRET, "", "2", "ja", "T R U E"],
    "mother_id": [value for value in INTEGER if value],
    "father_id": [value for value in INTEGER if value],
    "education_mother": [SECRET, "PRIMARY", "hbo", "7"],
    "education_father": [SECRET, "PRIMARY", "hbo", "7"],
    "education_class_mother": [SECRET, "1.5", "9" * 30],
    "education_class_father": ["", SECRET, "99", "1.5", "9" * 30],
    "origin": [*CODE, "NL", "germany"],
    "stay": [*CODE, "10", "5–10"],
    "debt": [SECRET, "", "2", "nee"],
}
NEEDED = {
    "year", "pupil_id", "school_id", "school_swv", "grade", "track", "registration", "asylum",
    "education_mother", "education_father", "education_class_father", "origin", "stay", "debt",
}  # fmt: skip
NUMBER = ["x", "nan", "inf", "-1", "1e400", "1,5"]
WRONG_SWV = {
    "swv": ["", "VO2001", " VO2002x y", "x" * 500],
    "vo": ["", *NUMBER],
    "pro": NUMBER,
    "q_lwoo_2012": ["", *NUMBER, "1.5"],
    "q_pro_2012": ["", *NUMBER, "1.5"],
}
WRONG_PROBABILITIES = {
    "class": ["", "x", "1.5", "9" * 30],
    "level": ["", "PRIMARY", "x", "primary"],
    "probability": ["", *NUMBER, "0.2", "1.5"],
}


def outcome(*arguments: str) -> int:
    return guarded(lambda: app(list(arguments), standalone_mode=False))


def tidy(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country")
    assert outcome("check", str(country.write(folder))) == 0
    country.write(folder / "parquet", "pupils.parquet")
    return folder


def answer(
    case: str, said: str, status: int, expected: str, folder: Path, private: bool = True
) -> None:
    """Assert that a damaged file was answered as people need it."""
    case = f"{case}: {said[:500]}"
    assert status in {0, 2}, case
    if expected == WRONG:
        assert status == 2, case
    if expected == FINE:
        assert status == 0, case
    if status == 2:
        lines = said.splitlines()
        assert lines, case
        assert all(str(folder) in line for line in lines), case
        assert len(lines) == len(set(lines)) <= 200, case
        assert all(len(line) < 600 and line.isprintable() for line in lines), case
        assert "Traceback" not in said, case
    if private:
        assert SECRET not in said, case
    assert country.PERSON not in said, case
    assert not any(school in said for school in country.SCHOOLS), case


def check_damage(
    folder: Path,
    file: str,
    mutation: Mutation,
    capsys: pytest.CaptureFixture[str],
    study: str = "study.toml",
) -> None:
    """Damage one file of a good country, check the study, and see what is said."""
    path = folder / file
    before = path.read_bytes()
    names = tidy(folder)
    path.write_bytes(mutation.content)
    started = time.perf_counter()
    try:
        status = outcome("check", str(folder / study))
    finally:
        path.write_bytes(before)
    seconds = time.perf_counter() - started
    said = capsys.readouterr()
    case = f"{file}: {mutation.name}"
    answer(case, said.err, status, mutation.expected, folder, private="pupils" in file)
    assert status == 0 or said.out == "", case
    assert tidy(folder) == names, case
    # a good file is also probed for how long the study would take
    assert status == 0 or seconds < LONGEST_SECONDS, case


def all_mutations() -> Iterator[tuple[str, Mutation]]:
    """Give every mutation of every text file; the good files are made anew for it."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        country.write(folder)

        def text(file: str) -> str:
            return (folder / file).read_text("utf-8")

        files = {
            "pupils.csv": mutations_of_csv(text("pupils.csv"), NEEDED, WRONG_CELLS),
            "swv.csv": mutations_of_csv(
                text("swv.csv"), {"swv", "vo", "q_lwoo_2012", "q_pro_2012"}, WRONG_SWV
            ),
            "education.csv": mutations_of_csv(
                text("education.csv"),
                {"class", "level", "probability"},
                WRONG_PROBABILITIES,
                extra_column=EITHER,
            ),
            "indicator.toml": mutations_of_toml(text("indicator.toml")),
            "study.toml": mutations_of_toml(text("study.toml")),
        }
        for file, mutations in files.items():
            for mutation in mutations:
                yield file, mutation


MUTATIONS = list(all_mutations())


def test_there_are_many_and_all_differ() -> None:
    assert len(MUTATIONS) >= 300
    assert len({(file, mutation.content) for file, mutation in MUTATIONS}) >= 300
    assert sum(mutation.expected == WRONG for _, mutation in MUTATIONS) >= 300


@pytest.mark.parametrize("file", sorted({file for file, _ in MUTATIONS}))
def test_every_mutation_is_answered(
    file: str, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = []
    for name, mutation in MUTATIONS:
        if name == file:
            try:
                check_damage(good, file, mutation, capsys)
            except AssertionError as error:
                failed.append(str(error).splitlines()[0])
    assert not failed, "\n".join(failed)


# The same table as parquet: types, absent columns, cells


def parquet_mutations(folder: Path) -> Iterator[Mutation]:
    table = pyarrow.parquet.read_table(folder / "pupils.parquet")
    raw = (folder / "pupils.parquet").read_bytes()

    def stored(some: pa.Table) -> bytes:
        sink = io.BytesIO()
        pyarrow.parquet.write_table(some, sink)
        return sink.getvalue()

    yield Mutation("empty", b"", WRONG)
    yield Mutation("csv by content", b"year,pupil_id\n2019,1\n", WRONG)
    yield Mutation("without its end", raw[: len(raw) // 2], WRONG)
    yield Mutation("without its beginning", raw[len(raw) // 2 :], WRONG)
    for place in range(8, len(raw) - 8, max(1, len(raw) // 30)):
        flipped = bytearray(raw)
        flipped[place] ^= 0x55
        yield Mutation(f"byte {place} of {len(raw)} flipped", bytes(flipped), EITHER)
    yield Mutation("no rows", stored(table.slice(0, 0)), WRONG)
    yield Mutation("rows twice", stored(pa.concat_tables([table, table])), WRONG)
    yield Mutation("no columns", stored(table.select([])), WRONG)
    for place, column in enumerate(table.column_names):
        values = table.column(column)
        without = table.remove_column(place)
        yield Mutation(f"without {column}", stored(without), WRONG if column in NEEDED else EITHER)
        nothing = pa.nulls(len(table), values.type)
        status = WRONG if column in NEEDED - {"education_mother", "education_father"} else EITHER
        yield Mutation(
            f"{column} all empty", stored(table.set_column(place, column, nothing)), status
        )
        lists = pa.array([[1]] * len(table))
        yield Mutation(f"{column} lists", stored(table.set_column(place, column, lists)), WRONG)
        text = pa.array([SECRET] * len(table))
        yield Mutation(f"{column} text", stored(table.set_column(place, column, text)), WRONG)
        halves = pa.array([0.5] * len(table))
        yield Mutation(f"{column} halves", stored(table.set_column(place, column, halves)), WRONG)
        stamps = pa.array([0] * len(table), pa.timestamp("ns"))
        yield Mutation(f"{column} dates", stored(table.set_column(place, column, stamps)), WRONG)
        if pa.types.is_integer(values.type):
            small = values.cast(pa.int32())
            yield Mutation(f"{column} int32", stored(table.set_column(place, column, small)), FINE)
            floats = values.cast(pa.float64())
            yield Mutation(f"{column} float", stored(table.set_column(place, column, floats)), FINE)
        if pa.types.is_string(values.type):
            codes = values.dictionary_encode()
            yield Mutation(f"{column} codes", stored(table.set_column(place, column, codes)), FINE)
            large = values.cast(pa.large_string())
            yield Mutation(f"{column} large", stored(table.set_column(place, column, large)), FINE)


def test_every_damaged_parquet_is_answered(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = good / "parquet"
    mutations = list(parquet_mutations(folder))
    assert len(mutations) > 150
    failed = []
    for mutation in mutations:
        try:
            check_damage(folder, "pupils.parquet", mutation, capsys)
        except AssertionError as error:
            failed.append(str(error).splitlines()[0])
    assert not failed, "\n".join(failed)


# DUO files: what chance leaves readable is read, all else is answered


@pytest.mark.parametrize(
    "which", ["enrolment", "locations", "location_swv", "postcode_swv", "exams"]
)
def test_every_damaged_duo_file_is_answered(
    which: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = dialects.country(tmp_path, dialects.PORTAL)
    path = made.exams[0] if which == "exams" else getattr(made, which)
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    heading = next(csv.reader(io.StringIO(text)))
    every = list(mutations_of_csv(text, set(), {column: [SECRET, "-1"] for column in heading}))
    # what happens to any file, and of what happens to single columns every twelfth
    mutations = every[:WHOLE_FILE] + every[WHOLE_FILE::12]
    failed = []
    out = tmp_path / "out"
    for mutation in mutations:
        path.write_bytes(mutation.content)
        status = outcome(
            "duo",
            *(f"--enrolment={made.enrolment}", f"--locations={made.locations}"),
            *(f"--location-swv={made.location_swv}", f"--postcode-swv={made.postcode_swv}"),
            *(f"--exams={made.exams[0]}", f"--out={out}"),
        )
        said = capsys.readouterr().err
        try:
            answer(f"{which}: {mutation.name}", said, status, EITHER, tmp_path, private=False)
            if mutation.name in {"empty", "blank", "binary", "html", "no rows", "no heading"}:
                assert status == 2, f"{which}: {mutation.name}"
            assert out.exists() == (status == 0), f"{which}: {mutation.name}"
        except AssertionError as error:
            failed.append(str(error).splitlines()[0])
        if out.exists():
            shutil.rmtree(out)
    assert not failed, "\n".join(failed)
