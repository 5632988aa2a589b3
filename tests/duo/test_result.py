"""`build` and `write`: counts per swv from small files in every dialect."""

import os
from pathlib import Path

import pandas as pd
import pytest

from lwoopro.duo import build, write
from lwoopro.errors import InputError
from tests.duo import dialects
from tests.duo.dialects import (
    AREAS,
    DIALECTS,
    ENROLMENT,
    EXAMS,
    LIST,
    PLACES,
    area,
    country,
    exams,
    listed,
    place,
    pupils,
)

CONTRACT = ["swv", "vo", "bb", "kb", "gl", "tl", "pro", "lwoo", "q_lwoo_2012", "q_pro_2012"]


def per_swv(frame: pd.DataFrame, column: str) -> dict[str, float]:
    values = frame.set_index("swv")[column]
    return {code: float(value) for code, value in values.items() if value}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_gives_the_same_counts(tmp_path: Path, name: str) -> None:
    result = build(*country(tmp_path, DIALECTS[name]).arguments())
    swv = result.swv
    assert list(swv["swv"]) == ["VO0001", "VO2001", "VO2002", "VO2003"]
    assert [c for c in swv.columns if c in (*CONTRACT, "region")] == [*CONTRACT, "region"]
    assert per_swv(swv, "vo") == {"VO0001": 150, "VO2001": 70, "VO2002": 70, "VO2003": 27}
    assert per_swv(swv, "bb") == {"VO2001": 17}
    assert per_swv(swv, "kb") == {"VO2001": 41}
    assert per_swv(swv, "gl") == {"VO2002": 30}
    assert per_swv(swv, "tl") == {"VO2002": 40}
    assert per_swv(swv, "pro") == {"VO2003": 27}
    assert per_swv(swv, "pro_1") == {"VO2003": 7}
    assert per_swv(swv, "pro_6") == {"VO2003": 2}
    assert per_swv(swv, "lwoo") == {"VO2001": 19}
    assert per_swv(swv, "lwoo_34") == per_swv(swv, "lwoo_bb") == {"VO2001": 10}
    assert per_swv(swv, "bb_3") == {"VO2001": 13}
    assert per_swv(swv, "kb_4") == {"VO2001": 21}
    assert swv[["q_lwoo_2012", "q_pro_2012", "region"]].isna().all(axis=None)
    assert result.unplaced.empty
    assert result.places["name"].tolist()[0] == "Collège 10AA00"

    cohorts = result.cohorts.set_index(["swv", "school_year", "track"])
    assert len(cohorts) == 4 * 2 * 4
    candidates = cohorts["candidates"]
    assert candidates["VO2001", "2019-2020", "bb"] == 11 + 2.5
    assert candidates["VO2001", "2020-2021", "bb"] == 9
    assert candidates["VO2001", "2019-2020", "kb"] == 20
    assert candidates["VO2002", "2020-2021", "gl"] == 2.5
    assert candidates["VO2002", "2020-2021", "tl"] == 26
    assert candidates.sum() == 13.5 + 9 + 42 + 15 + 2.5 + 51
    assert cohorts["suppressed"].sum() == result.summary.suppressed_candidates == 2


def test_dialects_may_differ_from_file_to_file(tmp_path: Path) -> None:
    plain = country(tmp_path)
    dialects.write(plain.enrolment, ENROLMENT, dialects.PORTAL)
    dialects.write(plain.exams[0], EXAMS, dialects.NEW)
    assert build(*plain.arguments()).swv["vo"].sum() == 317


def test_summary_counts_locations_and_pupils_per_evidence(tmp_path: Path) -> None:
    summary = build(*country(tmp_path).arguments()).summary
    found = {e.evidence: (e.locations, e.pupils, e.upper_vmbo) for e in summary.evidence}
    assert found == {
        "rsvo": (1, 150, 0),
        "list": (2, 70, 58),
        "column": (0, 0, 0),
        "postcode": (2, 97, 70),
        "school": (0, 0, 0),
        "table": (0, 0, 0),
        "unplaced": (0, 0, 0),
    }
    assert (summary.swv, summary.pupils, summary.upper_vmbo) == (4, 317, 128)
    assert (summary.pro, summary.lwoo, summary.mixed, summary.suppressed) == (27, 19, 0, 0)
    assert summary.school_years == ("2019-2020", "2020-2021")


def test_unplaced_pupils_are_in_no_row_and_reported(tmp_path: Path) -> None:
    lost = pupils("99ZZ07", "VMBO TL lj 3-4", "MAVO/Theor Lw", [0, 0, 3, 4, 0, 0], [0] * 6)
    gone = exams("98YY00", "VMBO T", y2019=(0, 6, 6), y2020=(0, 7, 7))
    files = country(tmp_path, enrolment=[*ENROLMENT, lost], exam_rows=[*EXAMS, gone])
    result = build(*files.arguments())
    assert result.unplaced.to_dict("records") == [
        {
            "location": "98YY00",
            "name": "Collège 98YY00",
            "place": "DRIEBRUGGEN",
            "pupils": 0,
            "upper_vmbo": 0,
            "candidates": 13,
        },
        {
            "location": "99ZZ07",
            "name": "Collège 99ZZ07",
            "place": "DRIEBRUGGEN",
            "pupils": 7,
            "upper_vmbo": 7,
            "candidates": 0,
        },
    ]
    assert result.swv["vo"].sum() == 317
    assert result.summary.pupils == 324
    assert result.cohorts["candidates"].sum() == 133
    unplaced = result.summary.evidence[-1]
    assert (unplaced.evidence, unplaced.locations, unplaced.pupils) == ("unplaced", 2, 7)


def test_suppressed_pupils_are_floats_and_counted(tmp_path: Path) -> None:
    few = pupils(
        "10AA00", "VMBO KL lj 3-4", "VMBO KB", [0, 0, "<5", 8, 0, 0], [0, 0, "<5"] + [0] * 3
    )
    result = build(*country(tmp_path, enrolment=[*ENROLMENT, few]).arguments())
    assert per_swv(result.swv, "kb") == {"VO2001": 41 + 2 * 2.5 + 8}
    assert per_swv(result.swv, "suppressed") == {"VO2001": 2}
    assert result.summary.suppressed == 2


def test_swv_column_places_what_the_list_does_not_have(tmp_path: Path) -> None:
    column = "samenwerkingsverband passend onderwijs vo"
    rows = [{**row, column: ""} for row in ENROLMENT]
    new = pupils("50EE00", "VMBO BL lj 3-4", "VMBO BB", [0, 0, 9, 0, 0, 0], [0] * 6)
    rows.append({**new, column: "VO2004 Driebruggen"})
    rows[0][column] = "2003"  # the published list goes before the column
    result = build(*country(tmp_path, enrolment=rows).arguments())
    assert per_swv(result.swv, "vo")["VO2004"] == 9
    assert per_swv(result.swv, "vo")["VO2001"] == 70
    evidence = result.places.set_index("location")["evidence"]
    assert (evidence["50EE00"], evidence["10AA00"]) == ("column", "list")


def test_any_duo_file_with_a_swv_column_is_a_list(tmp_path: Path) -> None:
    swv = {"10": "VO2001", "20": "VO2002", "30": "VO2003", "40": "VO0001"}
    rows = [
        {**row, "samenwerkingsverband passend onderwijs vo": swv[row["BRIN NUMMER"][:2]]}
        for row in ENROLMENT
    ]
    files = country(tmp_path)
    listed_too = dialects.write(tmp_path / "met-swv.csv", rows, dialects.PORTAL)
    result = build(files.enrolment, files.locations, listed_too, files.postcode_swv)
    assert result.summary.evidence[1].locations == 4
    assert result.cohorts.empty
    assert list(result.cohorts.columns[:4]) == ["swv", "school_year", "track", "candidates"]


def test_europoort_is_read_as_its_swv(tmp_path: Path) -> None:
    areas = [*AREAS[:1], area(2001, "Europoort"), *AREAS[2:]]
    result = build(*country(tmp_path, areas=areas).arguments())
    assert per_swv(result.swv, "gl") == {"VO2810": 30}


def test_mixed_programmes_count_in_their_group_and_are_reported(tmp_path: Path) -> None:
    mixed = pupils("10AA00", "VMBO GL/TL lj 3-4", "VMBO GL-TL", [0, 0, 8, 0, 0, 0], [0] * 6)
    result = build(*country(tmp_path, enrolment=[*ENROLMENT, mixed]).arguments())
    assert per_swv(result.swv, "tl") == {"VO2001": 8, "VO2002": 40}
    assert result.summary.mixed == 8


def test_lower_grades_of_an_upper_row_are_vo_only(tmp_path: Path) -> None:
    odd = pupils("10AA00", "VMBO KL lj 3-4", "VMBO KB", [9, 9, 1, 0, 9, 9], [0] * 6)
    result = build(*country(tmp_path, enrolment=[*ENROLMENT, odd]).arguments())
    assert per_swv(result.swv, "kb") == {"VO2001": 42}
    assert per_swv(result.swv, "vo")["VO2001"] == 70 + 37


def test_a_school_year_of_two_files_is_read_from_the_newer(tmp_path: Path) -> None:
    files = country(tmp_path)
    later = [exams("10AA01", "VMBO K - techniek", y2020=(1, 5, 6), y2021=(2, 5, 7))]
    newer = dialects.write(tmp_path / "later.csv", later, dialects.NEW)
    arguments = files.arguments()[:4]
    for order in ((files.exams[0], newer), (newer, files.exams[0])):
        result = build(*arguments, order)
        years = result.cohorts.groupby("school_year")["candidates"].sum()
        assert years.to_dict() == {"2019-2020": 73.5, "2020-2021": 6, "2021-2022": 7}
        assert result.summary.superseded == ("2020-2021",)


def test_the_same_exam_file_twice_is_refused(tmp_path: Path) -> None:
    files = country(tmp_path)
    with pytest.raises(InputError, match="ends with 2020-2021"):
        build(*files.arguments()[:4], [files.exams[0], files.exams[0]])


def test_defects_of_all_files_come_at_once(tmp_path: Path) -> None:
    files = country(tmp_path, places=[place("20BB00", "20"), *PLACES[1:]])
    dialects.write(files.location_swv, [listed("10AA00", "XX"), *LIST])
    files.postcode_swv.unlink()
    with pytest.raises(InputError) as caught:
        build(*files.arguments())
    message = str(caught.value)
    assert "vestigingen.csv: line 2, column POSTCODE" in message
    assert "lijst.csv: line 2, column SAMENWERKINGSVERBAND_NUMMER" in message
    assert "pc4.csv: no such file" in message
    assert len(caught.value.problems) == 3


def test_write_makes_three_files_that_read_back(tmp_path: Path) -> None:
    result = build(*country(tmp_path).arguments())
    out = tmp_path / "new" / "folder"
    paths = write(result, out)
    assert [p.name for p in paths] == ["swv.csv", "cohorts.csv", "unplaced.csv"]
    assert sorted(p.name for p in out.iterdir()) == ["cohorts.csv", "swv.csv", "unplaced.csv"]
    text = paths[0].read_bytes()
    assert text.startswith(b"swv,vo,bb,kb,gl,tl,pro,lwoo,q_lwoo_2012,q_pro_2012,region,pro_1,")
    assert b"VO0001,150,0,0,0,0,0,0,,,,0," in text
    assert b"\r" not in text
    cohorts = pd.read_csv(paths[1])
    pd.testing.assert_frame_equal(
        cohorts, result.cohorts, check_dtype=False, check_column_type=False
    )
    assert paths[2].read_text() == "location,name,place,pupils,upper_vmbo,candidates\n"


def test_write_replaces_and_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = build(*country(tmp_path).arguments())
    out = tmp_path / "out"
    out.mkdir()
    for name in ("swv.csv", "cohorts.csv", "unplaced.csv"):
        (out / name).write_text("old")

    calls = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot be written: no space left"):
        write(result, out)
    assert {p.name: p.read_text() for p in out.iterdir()} == {
        "swv.csv": "old",
        "cohorts.csv": "old",
        "unplaced.csv": "old",
    }
    monkeypatch.undo()
    write(result, out)
    assert (out / "swv.csv").read_text() != "old"


def test_write_refuses_a_file_for_a_folder(tmp_path: Path) -> None:
    result = build(*country(tmp_path).arguments())
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match="cannot be written: file exists"):
        write(result, tmp_path / "taken")
