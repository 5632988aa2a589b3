"""The bundled national aggregates: consistent with each other, and what the raw files give."""

import io
import re
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lwoopro.codes import NATIONAL_SWV, TRACKS
from lwoopro.duo import DuoResult
from lwoopro.duo import bundle as module
from lwoopro.duo.bundle import (
    FILES,
    Q_LWOO_2012,
    Q_PRO_2012,
    bundle,
    main,
    participation_lwoo,
    participation_pro,
)
from lwoopro.errors import InputError

SHARED = Path(__file__).parents[3] / "shared" / "data"
BUNDLED = resources.files("lwoopro") / "data" / "populations" / "national"
YEARS = [f"{year}-{year + 1}" for year in range(2014, 2024)]


def bundled(name: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO((BUNDLED / name).read_text(encoding="utf-8")))


# Without the raw files


def test_swv_csv_adds_up() -> None:
    swv = bundled("swv.csv")
    assert len(swv) == 75
    assert swv["swv"].is_monotonic_increasing and swv["swv"].is_unique
    assert swv["swv"].str.fullmatch(r"VO[0-9]{4}").all()
    assert swv["swv"].iloc[0] == NATIONAL_SWV
    assert swv["vo"].sum() == 956_857
    assert swv[list(TRACKS)].sum().sum() == 201_566
    assert swv["pro"].sum() == 29_315
    stays = [f"pro_{year}" for year in range(1, 7)]
    assert swv[stays].sum().tolist() == [6978, 6311, 5163, 5000, 4197, 1666]
    assert (swv[stays].sum(axis=1) == swv["pro"]).all()
    for track in TRACKS:
        assert (swv[f"{track}_3"] + swv[f"{track}_4"] == swv[track]).all()
        assert (swv[f"lwoo_{track}"] <= swv[track]).all()
    assert (swv[[f"lwoo_{t}" for t in TRACKS]].sum(axis=1) == swv["lwoo_34"]).all()
    assert (swv["lwoo_34"] <= swv["lwoo"]).all()
    assert (swv[list(TRACKS)].sum(axis=1) + swv["pro"] < swv["vo"]).all()
    assert (swv["suppressed"] == 0).all()
    lwoo_share = {t: round(100 * swv[f"lwoo_{t}"].sum() / swv[t].sum(), 1) for t in TRACKS}
    assert lwoo_share == {"bb": 42.0, "kb": 17.8, "gl": 3.7, "tl": 2.3}


def test_participation_of_2012_adds_up_nationally() -> None:
    swv = bundled("swv.csv")
    for column, national in (("q_lwoo_2012", Q_LWOO_2012), ("q_pro_2012", Q_PRO_2012)):
        assert ((swv[column] > 0) & (swv[column] < 0.3)).all()
        assert (swv[column] * swv["vo"]).sum() / swv["vo"].sum() == pytest.approx(
            national, abs=1e-3
        )


def test_regions() -> None:
    swv = bundled("swv.csv").set_index("swv")["region"].fillna("")
    of = {region: set(swv.index[swv == region]) for region in swv.unique()}
    assert set(of) == {"g4", "shrinking", "anticipating", ""}
    assert of["g4"] == {"VO2601", "VO2708", "VO2806", "VO2810"}
    assert of["shrinking"] == {
        "VO2002", "VO2502", "VO2503", "VO2903", "VO3104", "VO3105", "VO3106"
    }  # fmt: skip
    assert NATIONAL_SWV in of[""]


def test_cohorts_csv_has_every_cell() -> None:
    cohorts = bundled("cohorts.csv")
    assert list(cohorts.columns) == ["swv", "school_year", "track", "candidates", "suppressed"]
    codes = bundled("swv.csv")["swv"]
    index = pd.MultiIndex.from_product([codes, YEARS, TRACKS])
    assert pd.MultiIndex.from_frame(cohorts[["swv", "school_year", "track"]]).equals(index)
    assert (cohorts["candidates"] >= 0).all()
    whole = cohorts["suppressed"] == 0
    assert (cohorts.loc[whole, "candidates"] % 1 == 0).all()
    assert (cohorts["candidates"] >= 2.5 * cohorts["suppressed"]).all()
    first = cohorts["school_year"] < "2019-2020"
    assert cohorts.loc[first, "suppressed"].sum() == 0
    assert cohorts.loc[~first, "suppressed"].sum() == 4734


def test_cohorts_carry_the_counts() -> None:
    exams = bundled("cohorts.csv").groupby("school_year")["candidates"].sum()
    upper = bundled("swv.csv")[list(TRACKS)].sum().sum()
    assert 1.036 * (exams["2019-2020"] + exams["2020-2021"]) == pytest.approx(upper, rel=0.002)
    assert 1.036 * (exams["2020-2021"] + exams["2021-2022"]) == pytest.approx(190_488, rel=0.002)


def test_context_csv_has_every_swv() -> None:
    context = bundled("context.csv").set_index("swv")
    swv = bundled("swv.csv").set_index("swv")
    assert context.index.equals(swv.index)
    assert context["name"].is_unique and context["name"].notna().all()
    assert context.loc["VO2708", "name"] == "Amsterdam"
    regional = context.drop(index=NATIONAL_SWV)
    assert context.loc[NATIONAL_SWV, ["lon", "lat"]].isna().all()
    assert regional["lon"].between(3.3, 7.3).all()
    assert regional["lat"].between(50.7, 53.6).all()
    upper = swv[list(TRACKS)].sum(axis=1)
    assert np.allclose(context["vmbo_locations"] * context["location_mean"], upper, atol=1)
    assert context["location_cv"].between(0, 2).all()
    shrinking = swv["region"].eq("shrinking") | swv["region"].eq("anticipating")
    assert (context["shrinking_share"].ge(0.1) == shrinking).all()
    percentages = [c for c in context.columns if c.endswith("_pct")]
    assert len(percentages) == 4
    assert ((context[percentages] > 0) & (context[percentages] < 60)).all(axis=None)


def test_neighbours_csv_is_symmetric_and_joins_the_country() -> None:
    table = bundled("neighbours.csv")
    codes = set(bundled("swv.csv")["swv"]) - {NATIONAL_SWV}
    pairs = table.set_index(["swv", "neighbour"])
    assert pairs.index.is_unique
    assert set(table["swv"]) == codes == set(table["neighbour"])
    turned = pairs.swaplevel().reindex(pairs.index)
    assert np.array_equal(turned[["weight", "border_km"]], pairs[["weight", "border_km"]])
    assert (table["weight"] > 0).all() and (table["swv"] != table["neighbour"]).all()
    assert ("VO2708", "VO2709") in pairs.index
    reached = {"VO2708"}
    while True:
        more = reached | set(table.loc[table["swv"].isin(reached), "neighbour"])
        if more == reached:
            break
        reached = more
    assert reached == codes


def test_sources_name_every_raw_file() -> None:
    text = (BUNDLED / "SOURCES.md").read_text(encoding="utf-8")
    for name in FILES.values():
        assert Path(name).name in text
    for phrase in ("assumed", "CC0", "CC-BY 4.0", "1 October 2019", "division of 2015"):
        assert phrase in text
    assert not re.search(r"[0-9]{2}[A-Z]{2}[0-9]{2}", text)  # no school


def small_swv() -> pd.DataFrame:
    rows = {
        "swv": ["VO2708", "VO3301", "VO3302"],
        "vo": [1000, 2000, 3000],
        "pro": [20, 60, 100],
        "lwoo": [100, 2, 150],
    }
    counts = {t: [50, 100, 150] for t in TRACKS} | {f"lwoo_{t}": [10, 1, 15] for t in TRACKS}
    return pd.DataFrame(rows | counts)


def test_assumed_participation() -> None:
    swv = small_swv()
    pro = participation_pro(swv)
    assert (pro * swv["vo"]).sum() == pytest.approx(0.029 * 6000, abs=0.1)
    assert pro[1] / pro[0] == pytest.approx(1.5, rel=1e-3)
    lwoo = participation_lwoo(swv)
    assert (lwoo * swv["vo"]).sum() == pytest.approx(0.106 * 6000, abs=0.1)
    # Amsterdam is above the others by its factor and what it registers; 3301 registers nothing
    # worth the name and gets the pattern, 3302 a mean of both
    assert lwoo[0] > lwoo[1] > lwoo[2]
    doubled = swv.assign(lwoo=[100, 2, 300])
    assert participation_lwoo(doubled)[2] > lwoo[2]
    ignored = swv.assign(lwoo=[100, 9, 150])
    assert participation_lwoo(ignored).equals(lwoo)


def test_a_data_folder_without_files_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--data", str(tmp_path), "--out", str(tmp_path / "out")])
    assert caught.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(FILES)
    assert all(line.endswith(": no such file") for line in lines)
    assert not (tmp_path / "out").exists()


# With the raw files


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DuoResult]:
    if not SHARED.is_dir():
        pytest.skip("the public files are not there: ../shared/data")
    out = tmp_path_factory.mktemp("national")
    return out, bundle(SHARED, out)


@pytest.mark.shared_data
def test_national_figures(made: tuple[Path, DuoResult]) -> None:
    _, result = made
    summary = result.summary
    assert (summary.swv, summary.pupils) == (75, 956_857)
    assert (summary.upper_vmbo, summary.pro) == (201_566, 29_315)
    assert summary.lwoo == 49_914
    assert summary.mixed == summary.suppressed == 0
    assert summary.school_years == tuple(YEARS)
    assert summary.superseded == ()
    assert result.unplaced.empty
    assert result.swv["vo"].sum() == 956_857
    registered = result.swv["lwoo"] / result.swv["vo"]
    assert (registered < 0.005).sum() == 22


@pytest.mark.shared_data
def test_national_evidence(made: tuple[Path, DuoResult]) -> None:
    evidence = {e.evidence: (e.locations, e.pupils) for e in made[1].summary.evidence}
    assert evidence == {
        "rsvo": (32, 21_539),
        "list": (1215, 860_378),
        "column": (0, 0),
        "postcode": (311, 74_588),
        "school": (27, 352),
        "table": (19, 0),
        "unplaced": (0, 0),
    }


@pytest.mark.shared_data
def test_exam_candidates_of_every_year(made: tuple[Path, DuoResult]) -> None:
    exams = made[1].cohorts.groupby("school_year")["candidates"].sum()
    assert exams.iloc[:5].tolist() == [105_392, 108_061, 109_055, 106_132, 103_255]
    assert exams.iloc[5:].tolist() == [100_350.5, 94_331.5, 89_289.5, 87_054, 91_968.5]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "name", ["swv.csv", "cohorts.csv", "context.csv", "neighbours.csv", "SOURCES.md"]
)
def test_what_ships_is_what_the_raw_files_give(made: tuple[Path, DuoResult], name: str) -> None:
    new = (made[0] / name).read_text(encoding="utf-8")
    shipped = (BUNDLED / name).read_text(encoding="utf-8")
    assert new == shipped, f"make {name} again with python -m lwoopro.duo.bundle"


# What may go wrong on the way


def test_a_swv_without_figures_of_cbs_is_named() -> None:
    places = pd.DataFrame(
        {
            "swv": ["VO2001", "VO2002", "VO2002"],
            "upper_vmbo": [40, 30, 0],
            "pupils": [100, 80, 20],
            "municipality": ["A", "B", "B"],
        }
    )
    cbs = pd.DataFrame({"vo_swv": ["VO2001"]} | {name: [1.0] for name in module._CONTEXT})
    with pytest.raises(InputError) as caught:
        module._context(places, {"B"}, cbs)
    assert str(caught.value) == f"{FILES['cbs']}: swv VO2002 are missing"
    both = pd.concat([cbs, cbs.assign(vo_swv="VO2002")])
    context = module._context(places, {"B"}, both)
    assert context["shrinking_share"].tolist() == [0.0, 1.0]
    assert context["vmbo_locations"].tolist() == [1, 1]


def test_a_name_says_where_most_pupils_go_to_school() -> None:
    def named(**pupils: int) -> str:
        frame = pd.DataFrame({"municipality": list(pupils), "pupils": list(pupils.values())})
        return module._name("VO2001", frame)

    assert named(A=95, B=5) == "A"
    assert named(A=60, B=40) == "A e.o."
    assert named(A=40, B=14, C=13, D=13, E=10, F=10) == "A e.o."
    assert named(A=40, B=35, C=25) == "A - B"


def test_the_command_says_when_it_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Path, Path]] = []
    monkeypatch.setattr(module, "bundle", lambda data, out: asked.append((data, out)))
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    assert asked == [(tmp_path, tmp_path / "out")]
