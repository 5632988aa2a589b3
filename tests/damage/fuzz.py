"""Coverage-guided fuzzing of the readers, by hand; needs atheris (extra `fuzz`).

    python -m tests.damage.fuzz swv --seconds 60

Only `InputError` may come out of a reader, whatever its file holds; what else does is kept in the
folder of the finds and shown. Every reader starts from the good file and its mutations.
"""

import argparse
import csv
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lwoopro"]):
    from lwoopro.duo import files as duo
    from lwoopro.imputation.probabilities import read_probabilities
    from lwoopro.indicator.file import read_indicator
    from lwoopro.pupils.read import read_pupils
    from lwoopro.pupils.swv import read_swv
    from lwoopro.study import load_study

from lwoopro.errors import InputError
from tests.damage import country
from tests.damage.mutations import mutations_of_csv, mutations_of_toml
from tests.duo import dialects


def readers(folder: Path) -> dict[str, tuple[Path, Callable[[Path], object]]]:
    """Return, by name, the good file and the reader of each kind of input."""
    country.write(folder)
    country.write(folder / "parquet", "pupils.parquet")
    made = dialects.country(folder, dialects.PORTAL)
    swv = read_swv(folder / "swv.csv")
    return {
        "study": (folder / "study.toml", load_study),
        "indicator": (
            folder / "indicator.toml",
            lambda path: read_indicator(path.name, path.parent),
        ),
        "probabilities": (folder / "education.csv", read_probabilities),
        "swv": (folder / "swv.csv", read_swv),
        "pupils": (folder / "pupils.csv", lambda path: read_pupils(path, swv, [2019, 2020])),
        "parquet": (
            folder / "parquet" / "pupils.parquet",
            lambda path: read_pupils(path, swv, [2019, 2020]),
        ),
        "enrolment": (made.enrolment, duo.read_enrolment),
        "exams": (made.exams[0], duo.read_exams),
        "locations": (made.locations, duo.read_locations),
        "location-swv": (made.location_swv, duo.read_location_swv),
        "postcode-swv": (made.postcode_swv, duo.read_postcode_swv),
    }


def seeds(path: Path) -> list[bytes]:
    """Return the good file and, for text, its mutations."""
    raw = path.read_bytes()
    if path.suffix == ".parquet":
        return [raw]
    text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    if path.suffix == ".toml":
        return [raw, *(m.content for m in mutations_of_toml(text))]
    heading = next(csv.reader(io.StringIO(text)))
    cells = {column: ["-1", "x"] for column in heading}
    return [raw, *(m.content for m in mutations_of_csv(text, set(), cells))]


def main() -> None:
    """Fuzz one reader for some seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    kinds = readers(folder)
    parser.add_argument("kind", choices=sorted(kinds))
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    path, reader = kinds[options.kind]
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, content in enumerate(seeds(path)):
        (corpus / f"{number:04}").write_bytes(content)

    def once(data: bytes) -> None:
        path.write_bytes(data)
        try:
            reader(path)
        except InputError as error:
            text = str(error)
            # names of columns may be shown
            told = country.PERSON in text and country.PERSON.encode() not in data.split(b"\n")[0]
            if not text or told:
                raise AssertionError("a message that is empty or tells too much") from error

    atheris.Setup(
        [
            sys.argv[0],
            str(corpus),
            f"-max_total_time={options.seconds}",
            "-max_len=16384",
            "-timeout=20",
            f"-artifact_prefix={folder}/",
        ],
        once,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
