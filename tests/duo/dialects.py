"""Small DUO files in every dialect: a little country of three swv and the reformed schools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Dialect:
    """How a file is written; the fields are what DUO's own files differ in."""

    separator: str = ";"
    quoted: bool = False
    encoding: str = "cp1252"
    newline: str = "\n"
    new_names: bool = False
    whole_key: bool = False
    padded: bool = False
    decimals: str = ""


OLD = Dialect()
NEW = Dialect(quoted=True, encoding="utf-8", newline="\r\n", new_names=True, whole_key=True)
PORTAL = Dialect(separator=",", quoted=True, encoding="utf-8-sig", new_names=True, whole_key=True)
DIALECTS = {
    "old": OLD,
    "new": NEW,
    "portal": PORTAL,
    "padded": Dialect(padded=True),
    "whole key beside old names": Dialect(whole_key=True),
    "two digits beside new names": Dialect(new_names=True, quoted=True, encoding="utf-8"),
    "decimal comma": Dialect(decimals=",0"),
    "decimal point": Dialect(decimals=".0", separator=",", quoted=True),
    "tab, utf-16": Dialect(separator="\t", encoding="utf-16"),
    "old Mac": Dialect(newline="\r"),
}

_NEW_NAMES = {"BRIN NUMMER": "INSTELLINGSCODE", "VESTIGINGSNUMMER": "VESTIGINGSCODE"}


def write(path: Path, rows: Sequence[Row], dialect: Dialect = OLD) -> Path:
    """Write `rows` (the same keys in all) in a dialect."""

    def cell(value: Any) -> str:
        text = str(value)
        if isinstance(value, int) and dialect.decimals:
            text += dialect.decimals
        if dialect.padded:
            text = f"{text}     "
        return '"' + text.replace('"', '""') + '"' if dialect.quoted else text

    headings = [_NEW_NAMES.get(k, k) if dialect.new_names else k for k in rows[0]]
    lines = [[cell(h) for h in headings]]
    for row in rows:
        values = dict(row)
        if dialect.whole_key and "BRIN NUMMER" in values:
            values["VESTIGINGSNUMMER"] = values["BRIN NUMMER"] + values["VESTIGINGSNUMMER"]
        lines.append([cell(value) for value in values.values()])
    text = "".join(dialect.separator.join(line) + dialect.newline for line in lines)
    path.write_bytes(text.encode(dialect.encoding))
    return path


def pupils(
    location: str, kind: str, programme: str, men: Sequence[Any], women: Sequence[Any], **more: Any
) -> Row:
    """Return a row of the enrolment file; `men` and `women` are six cells each."""
    row: dict[str, Any] = {
        "BRIN NUMMER": location[:4],
        "VESTIGINGSNUMMER": location[4:],
        "INSTELLINGSNAAM VESTIGING": f"Collège {location}",
        "PLAATSNAAM VESTIGING": "DRIEBRUGGEN",
        "ONDERWIJSTYPE VO EN LEER- OF VERBLIJFSJAAR": kind,
        "OPLEIDINGSNAAM": programme,
    }
    for grade, (man, woman) in enumerate(zip(men, women, strict=True), start=1):
        row[f"LEER- OF VERBLIJFSJAAR {grade} - MAN"] = man
        row[f"LEER- OF VERBLIJFSJAAR {grade} - VROUW"] = woman
    return row | more


def exams(location: str, programme: str, kind: str = "VMBO", **years: Sequence[Any]) -> Row:
    """Return a row of the exam file; `y2019=(men, women, total)` is school year 2019-2020."""
    row: dict[str, Any] = {
        "BRIN NUMMER": location[:4],
        "VESTIGINGSNUMMER": location[4:],
        "INSTELLINGSNAAM VESTIGING": f"Collège {location}",
        "GEMEENTENAAM": "DRIEBRUGGEN",
        "ONDERWIJSTYPE VO": kind,
        "OPLEIDINGSNAAM": programme,
    }
    for year, cells in years.items():
        first = int(year[1:])
        for sex, cell in zip(("MAN", "VROUW", "TOTAAL"), cells, strict=True):
            row[f"EXAMENKANDIDATEN SCHOOLJAAR {first}-{first + 1} - {sex}"] = cell
            row[f"SLAAGPERC SCHOOLJAAR {first}-{first + 1} - {sex}"] = "66,7%"
    return row


def place(location: str, postcode: str) -> Row:
    """Return a row of the list of locations."""
    return {
        "BRIN NUMMER": location[:4],
        "VESTIGINGSNUMMER": location[4:],
        "VESTIGINGSNAAM": f"Collège {location}",
        "POSTCODE": postcode,
        "GEMEENTENAAM": "DRIEBRUGGEN",
        "POSTCODE CORRESPONDENTIEADRES": "9999 ZZ",
    }


def listed(location: str, swv: str) -> Row:
    """Return a row of the published list of locations with their swv."""
    return {
        "SAMENWERKINGSVERBAND_NUMMER": swv,
        "BRIN NUMMER": location[:4],
        "VESTIGINGSNUMMER": location[4:],
        "aantal_leerlingen": 100,
    }


def area(postcode: int, swv: str) -> Row:
    """Return a row of the list of postcodes."""
    return {"pc4": str(postcode), "gemeente": "Driebruggen", "po_swv": "PO3001", "vo_swv": swv}


ENROLMENT = [
    pupils("10AA00", "Brugjaar 1-2", "Lj LWOO vb op Alle Lw", [4, 3, 0, 0, 0, 0], [2] + [0] * 5),
    pupils("10AA00", "VMBO BL lj 3-4", "LWOO BB Groen", [0, 0, 5, 4, 0, 0], [0, 0, 1, 0, 0, 0]),
    pupils("10AA00", "VMBO BL lj 3-4", "VMBO BB LWT Groen", [0, 0, 7, 0, 0, 0], [0] * 6),
    pupils("10AA00", "VMBO uitbest. aan VAVO", "VMBO-TL naar VAVO", [0, 0, 0, 3, 0, 0], [0] * 6),
    pupils("10AA01", "VMBO KL lj 3-4", "VMBO KB Groen", [0, 0, 20, 0, 0, 0], [0, 0, 0, 21, 0, 0]),
    pupils("20BB00", "VMBO GL lj 3-4", "VMBO GL Groen", [0, 0, 30, 0, 0, 0], [0] * 6),
    pupils("20BB00", "VMBO TL lj 3-4", "MAVO/Theor Lw-Profiel", [0, 0, 0, 40, 0, 0], [0] * 6),
    pupils("30CC00", "Praktijkonderwijs alle vj", "Praktijkonderwijs", [6, 5, 4, 3, 2, 1], [1] * 6),
    pupils("40DD00", "VWO lj 4-6", "VWO-ATH Prf Nat/Tech", [0, 0, 0, 50, 50, 50], [0] * 6),
]
EXAMS = [
    exams("10AA00", "VMBO B - techniek", y2019=(6, 5, 11), y2020=(6, "<5", 9)),
    exams("10AA00", "VMBO LWT - techniek", y2019=("<5", "<5", "<5"), y2020=(0, 0, 0)),
    exams("10AA01", "VMBO K - zorg & welzijn", y2019=(10, 10, 20), y2020=(11, 11, 22)),
    exams("20BB00", "VMBO G - economie", y2019=(7, 8, 15), y2020=("<5", 0, "<5")),
    exams("20BB00", "VMBO T", y2019=(12, 13, 25), y2020=(13, 13, 26)),
    exams("20BB00", "VWO - N&T", "VWO", y2019=(500, 0, 500), y2020=(500, 0, 500)),
]
PLACES = [place("20BB00", "2001 AB"), place("30CC00", "3001 ab"), place("40DD00", "3002CD")]
LIST = [listed("10AA00", "VO2001"), listed("10AA01", "VO2001"), listed("40DD00", "VO0001")]
AREAS = [area(1001, "VO2001"), area(2001, "VO2002"), area(3001, "VO2003"), area(3002, "VO2003")]


@dataclass(frozen=True)
class Country:
    """The five files of a country, in the order that `build` takes them."""

    enrolment: Path
    locations: Path
    location_swv: Path
    postcode_swv: Path
    exams: tuple[Path, ...]

    def arguments(self) -> tuple[Path, Path, Path, Path, tuple[Path, ...]]:
        """Return what `build` takes."""
        return (
            self.enrolment,
            self.locations,
            self.location_swv,
            self.postcode_swv,
            self.exams,
        )


def country(
    folder: Path,
    dialect: Dialect = OLD,
    enrolment: Sequence[Row] = ENROLMENT,
    exam_rows: Sequence[Row] = EXAMS,
    places: Sequence[Row] = PLACES,
    published: Sequence[Row] = LIST,
    areas: Sequence[Row] = AREAS,
) -> Country:
    """Write the five files of a country."""
    return Country(
        write(folder / "leerlingen.csv", enrolment, dialect),
        write(folder / "vestigingen.csv", places, dialect),
        write(folder / "lijst.csv", published, dialect),
        write(folder / "pc4.csv", areas, dialect),
        (write(folder / "examens.csv", exam_rows, dialect),),
    )
