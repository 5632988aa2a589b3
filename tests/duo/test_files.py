"""Every kind of malformed DUO file: which file, line and column, what is wrong, what is right."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lwoopro.duo import build
from lwoopro.duo.files import read_enrolment, read_exams, read_locations
from lwoopro.errors import InputError
from tests.duo import dialects
from tests.duo.dialects import (
    AREAS,
    ENROLMENT,
    EXAMS,
    LIST,
    PLACES,
    Country,
    Row,
    area,
    country,
    exams,
    listed,
    place,
    pupils,
)

GRADE_3 = "LEER- OF VERBLIJFSJAAR 3 - VROUW"
TYPE = "ONDERWIJSTYPE VO EN LEER- OF VERBLIJFSJAAR"
TOTAL = "EXAMENKANDIDATEN SCHOOLJAAR 2019-2020 - TOTAAL"


def renamed(rows: Sequence[Row], old: str, new: str) -> list[Row]:
    return [{new if key == old else key: value for key, value in row.items()} for row in rows]


def changed(rows: Sequence[Row], number: int, **values: object) -> list[Row]:
    return [{**row, **values} if n == number else row for n, row in enumerate(rows)]


def set_cell(rows: Sequence[Row], number: int, column: str, value: object) -> list[Row]:
    return changed(rows, number, **{column: value})


def lines(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    path.write_text("\n".join(change(path.read_text("cp1252").splitlines())) + "\n", "cp1252")


Damage = Callable[[Country], None]


def rows(attribute: str, new: Sequence[Row]) -> Damage:
    def damage(files: Country) -> None:
        path = getattr(files, attribute)
        dialects.write(path[0] if attribute == "exams" else path, new)

    return damage


def swapped(attribute: str, other: str) -> Damage:
    def damage(files: Country) -> None:
        source, target = getattr(files, other), getattr(files, attribute)
        source = source[0] if isinstance(source, tuple) else source
        target = target[0] if isinstance(target, tuple) else target
        target.write_bytes(source.read_bytes())

    return damage


NO_SWV = [{k: v for k, v in row.items() if "SWV" not in k and "SAMEN" not in k} for row in LIST]
WITH_SWV = [{**row, "swv": "VO2001"} for row in ENROLMENT]

DAMAGE: dict[str, tuple[Damage, str]] = {
    "empty": (
        lambda files: files.enrolment.write_text("") and None,
        "leerlingen.csv: the file is empty; its first line holds the headings",
    ),
    "no rows": (
        lambda files: lines(files.exams[0], lambda text: text[:1]),
        "examens.csv: headings but no rows; one row per location and programme",
    ),
    "a line cut short": (
        lambda files: lines(files.enrolment, lambda text: [*text[:3], text[3][:40], *text[4:]]),
        "leerlingen.csv: line 4: 5 cells where the header has 18",
    ),
    "enrolment: brin renamed": (
        rows("enrolment", renamed(ENROLMENT, "BRIN NUMMER", "BRIN-NUMER")),
        "leerlingen.csv: line 1: column 'BRIN NUMMER' is missing; "
        "the nearest heading there is 'BRIN-NUMER'",
    ),
    "enrolment: type missing": (
        rows("enrolment", renamed(ENROLMENT, TYPE, "ONDERWIJSTYP")),
        f"leerlingen.csv: line 1: column '{TYPE}' is missing; "
        "the nearest heading there is 'ONDERWIJSTYP'",
    ),
    "enrolment: programme missing": (
        rows("enrolment", renamed(ENROLMENT, "OPLEIDINGSNAAM", "PROGRAMMA")),
        "leerlingen.csv: line 1: column 'OPLEIDINGSNAAM' is missing",
    ),
    "enrolment: grade and sex misspelt": (
        rows("enrolment", renamed(ENROLMENT, GRADE_3, "LEER- OF VERBLIJFSJAAR 3 - VRUOW")),
        f"leerlingen.csv: line 1: column '{GRADE_3}' is missing; "
        "the nearest heading there is 'LEER- OF VERBLIJFSJAAR 3 - VRUOW'",
    ),
    "enrolment: no grade 6": (
        rows("enrolment", [{k: v for k, v in r.items() if " 6 - " not in k} for r in ENROLMENT]),
        "leerlingen.csv: line 1: column 'LEER- OF VERBLIJFSJAAR 6 - MAN' is missing",
    ),
    "enrolment: grade 7": (
        rows("enrolment", [{**r, "LEER- OF VERBLIJFSJAAR 7 - TOTAAL": 0} for r in ENROLMENT]),
        "leerlingen.csv: line 1: a grade 7; grades are 1 to 6",
    ),
    "enrolment: negative count": (
        rows("enrolment", set_cell(ENROLMENT, 4, GRADE_3, -3)),
        f"leerlingen.csv: line 6, column {GRADE_3}: '-3'; "
        "a whole number of 0 or more, without a mark for thousands, or '<5'",
    ),
    "enrolment: unreadable counts": (
        rows("enrolment", set_cell(set_cell(ENROLMENT, 2, GRADE_3, "x"), 5, GRADE_3, "3½")),
        f"leerlingen.csv: line 4, column {GRADE_3}: 'x' (and 1 more row); "
        "a whole number of 0 or more, without a mark for thousands, or '<5'",
    ),
    "enrolment: bad brin": (
        rows("enrolment", set_cell(ENROLMENT, 0, "BRIN NUMMER", "AAH")),
        "leerlingen.csv: line 2, column BRIN NUMMER: 'AAH'; "
        "a BRIN: two digits and two letters, such as '00AH'",
    ),
    "enrolment: location of another school": (
        rows("enrolment", set_cell(ENROLMENT, 0, "VESTIGINGSNUMMER", "99ZZ00")),
        "leerlingen.csv: line 2, column VESTIGINGSNUMMER: '99ZZ00'; "
        "it should begin with the BRIN NUMMER beside it",
    ),
    "enrolment: unknown track": (
        rows("enrolment", changed(ENROLMENT, 4, **{TYPE: "VMBO lj 3-4", "OPLEIDINGSNAAM": "X"})),
        "leerlingen.csv: line 6: no track can be read from 'VMBO lj 3-4', 'X'; BL, KL, GL or TL",
    ),
    "enrolment: two swv in its own column": (
        rows("enrolment", changed(WITH_SWV, 2, swv="VO2002")),
        "leerlingen.csv: location 10AA00 has swv VO2001 (line 2) and VO2002 (line 4); one of them",
    ),
    "exams: type missing": (
        rows("exams", renamed(EXAMS, "ONDERWIJSTYPE VO", "SOORT")),
        "examens.csv: line 1: column 'ONDERWIJSTYPE VO' is missing",
    ),
    "exams: neither programme nor pathway": (
        rows("exams", renamed(EXAMS, "OPLEIDINGSNAAM", "NAAM")),
        "examens.csv: line 1: column 'OPLEIDINGSNAAM' is missing",
    ),
    "exams: no school year": (
        rows("exams", [{k: v for k, v in r.items() if "SCHOOLJAAR" not in k} for r in EXAMS]),
        f"examens.csv: line 1: column '{TOTAL}' is missing",
    ),
    "exams: total and one sex missing": (
        rows("exams", [{k: v for k, v in r.items() if k != TOTAL} for r in renamed(
            EXAMS, TOTAL.replace("TOTAAL", "MAN"), "EXAMENKANDIDATEN SCHOOLJAAR 2019-2020 - MANNEN"
        )]),
        f"examens.csv: line 1: column '{TOTAL.replace('TOTAAL', 'MAN')}' is missing; "
        "the nearest heading there is 'EXAMENKANDIDATEN SCHOOLJAAR 2019-2020 - MANNEN'",
    ),
    "exams: a year too long": (
        rows("exams", [renamed([r], TOTAL, TOTAL.replace("2019-2020", "2018-2020"))[0]
                       for r in EXAMS]),
        "examens.csv: line 1: school year 2018-2020; 2018-2019",
    ),
    "exams: unknown track": (
        rows("exams", changed(EXAMS, 1, OPLEIDINGSNAAM="VMBO X - techniek")),
        "examens.csv: line 3: no track can be read from 'VMBO X - techniek'; BL, KL, GL or TL",
    ),
    "exams: nothing of vmbo": (
        rows("exams", EXAMS[-1:]),
        "examens.csv: column ONDERWIJSTYPE VO: no row of vmbo; 'VMBO' in some rows",
    ),
    "exams: sexes above total": (
        rows("exams", [exams("10AA00", "VMBO T", y2019=(8, 8, 15)), *EXAMS[:0]]),
        "examens.csv: line 2, EXAMENKANDIDATEN SCHOOLJAAR 2019-2020 - TOTAAL: "
        "the sexes are more than the total; they should add up to it",
    ),
    "locations: postcode misspelt": (
        rows("locations", renamed(PLACES, "POSTCODE", "POSTKODE")),
        "vestigingen.csv: line 1: column 'POSTCODE' is missing; "
        "the nearest heading there is 'POSTKODE'",
    ),
    "locations: bad postcode": (
        rows("locations", changed(PLACES, 1, POSTCODE="3OO1 AB")),
        "vestigingen.csv: line 3, column POSTCODE: '3OO1 AB'; "
        "a postcode, such as '1011' or '1011 AB'",
    ),
    "locations: one in two places": (
        rows("locations", [*PLACES, place("20BB00", "3002 AB")]),
        "vestigingen.csv: location 20BB00 has postcode 2001 (line 2) and 3002 (line 5); "
        "one of them",
    ),
    "list: swv of primary schools": (
        rows("location_swv", changed(LIST, 1, SAMENWERKINGSVERBAND_NUMMER="PO2001")),
        "lijst.csv: line 3, column SAMENWERKINGSVERBAND_NUMMER: 'PO2001'; "
        "a vo swv, such as 'VO2708'",
    ),
    "list: one location in two swv": (
        rows("location_swv", [*LIST, listed("10AA01", "VO2002")]),
        "lijst.csv: location 10AA01 has swv VO2001 (line 3) and VO2002 (line 5); one of them",
    ),
    "list: no swv": (
        rows("location_swv", NO_SWV),
        "lijst.csv: line 1: column 'SAMENWERKINGSVERBAND_NUMMER' is missing",
    ),
    "postcodes: no postcode": (
        rows("postcode_swv", renamed(AREAS, "pc4", "gebied")),
        "pc4.csv: line 1: column 'pc4' is missing",
    ),
    "postcodes: no swv": (
        rows("postcode_swv", renamed(AREAS, "vo_swv", "vo_sww")),
        "pc4.csv: line 1: column 'vo_swv' is missing; the nearest heading there is 'vo_sww'",
    ),
    "postcodes: one in two swv": (
        rows("postcode_swv", [*AREAS, area(2001, "VO2003")]),
        "pc4.csv: postcode 2001 has swv VO2002 (line 3) and VO2003 (line 6); one of them",
    ),
    "exams for enrolment": (
        swapped("enrolment", "exams"),
        "leerlingen.csv: --enrolment takes DUO's pupils per location, "
        "this looks like DUO's exam candidates; give it as --exams",
    ),
    "enrolment for exams": (
        swapped("exams", "enrolment"),
        "examens.csv: --exams takes DUO's exam candidates, "
        "this looks like DUO's pupils per location; give it as --enrolment",
    ),
    "locations for list": (
        swapped("location_swv", "locations"),
        "lijst.csv: --location-swv takes a list of locations with their swv, "
        "this looks like a list of locations with their postcode; give it as --locations",
    ),
    "list for locations": (
        swapped("locations", "location_swv"),
        "vestigingen.csv: --locations takes a list of locations with their postcode, "
        "this looks like a list of locations with their swv; give it as --location-swv",
    ),
    "postcodes for list": (
        swapped("location_swv", "postcode_swv"),
        "lijst.csv: --location-swv takes a list of locations with their swv, "
        "this looks like a list of postcodes with their swv; give it as --postcode-swv",
    ),
    "list for postcodes": (
        swapped("postcode_swv", "location_swv"),
        "pc4.csv: --postcode-swv takes a list of postcodes with their swv, "
        "this looks like a list of locations with their swv; give it as --location-swv",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_named(tmp_path: Path, kind: str) -> None:
    damage, message = DAMAGE[kind]
    files = country(tmp_path)
    damage(files)
    with pytest.raises(InputError) as caught:
        build(*files.arguments())
    assert [str(problem) for problem in caught.value.problems] == [f"{tmp_path}/{message}"]


def test_all_defects_of_a_file_come_at_once(tmp_path: Path) -> None:
    bad = renamed(set_cell(ENROLMENT, 0, GRADE_3, "x"), "OPLEIDINGSNAAM", "PROGRAMMA")
    bad = changed(bad, 1, **{"BRIN NUMMER": "?"})
    with pytest.raises(InputError) as caught:
        read_enrolment(dialects.write(tmp_path / "file.csv", bad))
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("tail", [" - TOTAAL", ""])
def test_grades_may_be_given_as_totals(tmp_path: Path, tail: str) -> None:
    cells = {f"LEER- OF VERBLIJFSJAAR {grade}{tail}": grade for grade in range(1, 7)}
    base = pupils("10AA00", "Praktijkonderwijs alle vj", "Praktijkonderwijs", [0] * 6, [0] * 6)
    row = {k: v for k, v in base.items() if "JAAR 1" not in k and " - " not in k} | cells
    frame = read_enrolment(dialects.write(tmp_path / "file.csv", [row]))
    assert frame[[f"pupils_{g}" for g in range(1, 7)]].to_numpy().tolist() == [[1, 2, 3, 4, 5, 6]]


def test_exam_rows_may_name_the_pathway(tmp_path: Path) -> None:
    row = exams("10AA00", "techniek", y2021=(5, 6, 11)) | {"LEERWEG VMBO": "KL"}
    frame = read_exams(dialects.write(tmp_path / "file.csv", [row]))
    assert frame[["track", "school_year", "candidates"]].to_numpy().tolist() == [
        ["kb", "2021-2022", 11]
    ]


def test_the_same_location_twice_with_the_same_postcode_is_one(tmp_path: Path) -> None:
    path = dialects.write(tmp_path / "file.csv", [*PLACES, place("20BB00", "2001XX")])
    assert read_locations(path)["location"].tolist() == ["20BB00", "30CC00", "40DD00"]
