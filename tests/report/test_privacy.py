"""Small counts: nobody reads them from report or tables, nor a pupil from the folder of a run."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from lwoopro.report.privacy import MOVED, Privacy, _complete, _Levels, find
from lwoopro.report.tables import tables, withhold
from lwoopro.report.write import write_all
from lwoopro.simulation.runner import open_results, run
from tests.report.conftest import EVERYTHING, write_study
from tests.world import pupil, write_pupils, write_swv

BELOW = 25
"""For the simulated pupils: some of their swv have less, others more."""

DEFAULT = 10


@pytest.fixture(scope="module")
def results(everything_results: xr.Dataset) -> xr.Dataset:
    return everything_results


@pytest.fixture(scope="module")
def raw(results: xr.Dataset) -> dict[str, pd.DataFrame]:
    return tables(results, suppress_below=0)


def withheld(raw: dict[str, pd.DataFrame], privacy: Privacy) -> dict[str, pd.DataFrame]:
    return {name: withhold(name, table, privacy) for name, table in raw.items()}


@pytest.fixture(scope="module")
def made(results: xr.Dataset, raw: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return withheld(raw, find(results, BELOW))


def test_no_table_shows_a_small_count(made: dict[str, pd.DataFrame]) -> None:
    found = 0
    for name, table in made.items():
        counts = table[table["unit"].eq("pupils") & table["statistic"].ne("published")]
        assert not (counts["value"] < BELOW).any(), name
        found += int(counts["value"].isna().sum())
        hidden = table[table["value"].isna()]
        assert hidden["mcse"].isna().all(), "an error would tell, too"
    assert found > 50, "there was something to withhold"


def totals(results: xr.Dataset) -> xr.DataArray:
    """What anybody knows: the size of the target group in the country."""
    return results["target_pupils"].mean("draw").sum("swv")


def test_no_total_gives_a_withheld_score_away(
    results: xr.Dataset, made: dict[str, pd.DataFrame]
) -> None:
    """An attacker knows the national number and subtracts all that is shown."""
    table = made["scores"]
    counts = table[(table["measure"] == "target_pupils") & (table["statistic"] == "mean")]
    whole = totals(results)
    attacked = 0
    for place, cells in counts.groupby(["year", "attribution", "share"]):
        year, attribution, share = place
        hidden = cells["value"].isna()
        if not hidden.any():
            continue
        at = {"year": year, "attribution": attribution, "share": share}
        rest = float(whole.sel(at)) - cells["value"].sum()
        assert hidden.sum() > 1 and rest >= BELOW, place
        attacked += 1
    assert attacked > 0


def test_no_difference_of_shares_gives_a_small_band_away(
    results: xr.Dataset, made: dict[str, pd.DataFrame]
) -> None:
    """A target group of 20 % less one of 10 %, and a swv less its target group."""
    table = made["scores"]
    counts = table[(table["measure"] == "target_pupils") & (table["statistic"] == "mean")]
    wide = counts.pivot(index=["year", "attribution", "swv"], columns="share", values="value")
    pupils = results["pupils"].to_series().reindex(wide.index)
    for one, other in combinations(wide.columns, 2):
        gap = (wide[one] - wide[other]).abs().dropna()
        assert len(gap) and (gap >= BELOW).all()
    for share in wide.columns:
        assert ((pupils - wide[share]).dropna() >= BELOW).all()


def test_of_two_shares_that_tell_a_small_band_the_one_that_matters_is_shown() -> None:
    up_to = np.array([[30.0, 30.0, 30.0, 4.0], [33.0, 60.0, 60.0, 40.0]])
    target = xr.DataArray(
        np.stack([up_to, up_to]),
        dims=("draw", "share", "swv"),
        coords={"share": [0.1, 0.2], "swv": ["band", "rest", "fine", "few"]},
    )
    pupils = xr.DataArray([100.0, 65.0, 100.0, 100.0], dims="swv")
    levels = _Levels(target, pupils, "swv")
    found = {share: hidden.tolist() for share, hidden, _ in levels.judged([0.2, 0.1], DEFAULT)}
    # 33 less 30; 65 less 60; 4
    assert found == {0.2: [False, True, False, False], 0.1: [True, False, False, True]}
    other = {share: hidden.tolist() for share, hidden, _ in levels.judged([0.1, 0.2], DEFAULT)}
    assert other == {0.2: [True, True, False, False], 0.1: [False, False, False, True]}


def test_money_is_withheld_with_the_score_that_it_follows(
    results: xr.Dataset, made: dict[str, pd.DataFrame]
) -> None:
    privacy = find(results, BELOW)
    away = privacy.scores["school", 0.20]
    assert away
    for name in ("budgets", "change", "risk", "per_pupil", "yearly_change"):
        table = made[name]
        table = table[(table["policy"] == "indicator-20-school")]
        shown = set(table.loc[table["value"].notna(), "swv"])
        assert shown.isdisjoint(away) and shown, name
    plain = made["budgets"][made["budgets"]["policy"] == "current"]
    assert plain["value"].notna().all(), "rests on no pupil"
    moved = made["transition"]
    assert moved.loc[moved["swv"].isin(list(away)), "value"].isna().all()


def test_asylum_pupils_are_withheld_by_themselves(
    results: xr.Dataset, made: dict[str, pd.DataFrame]
) -> None:
    privacy = find(results, BELOW)
    few = results["asylum_pupils"].to_series().groupby("swv").min()
    assert set(few[few < BELOW].index) <= privacy.asylum
    why = made["why"]
    parts = why[why["cause"].isin(["asylum", "donated"]) & why["swv"].isin(list(privacy.asylum))]
    assert len(parts) and parts["value"].isna().all(), "the change and one part tell the other"


def test_the_profile_withholds_lines_of_few_pupils(
    results: xr.Dataset, made: dict[str, pd.DataFrame]
) -> None:
    table = made["profile"]
    wide = table[table["statistic"].isin(["mean", "estimate"])].pivot(
        index=["year", "share", "line"], columns="measure", values="value"
    )
    counts = wide["target"] * wide["target_size"]
    assert not (counts.dropna() < BELOW - 0.5).any()
    # the shares of one characteristic add up to one: never a single one is withheld
    target = wide["target"].reset_index()
    target = target[target["line"].str.contains("=")]
    target = target[~target["line"].isin(["education_mother=high", "origin=three"])]
    target["column"] = target["line"].str.partition("=")[0]
    target = target[~target["line"].str.endswith("=high")]
    for _, lines in target.dropna(subset=["share"]).groupby(["year", "share", "column"]):
        assert lines["target"].isna().sum() != 1


def test_the_report_shows_nothing_that_the_tables_withhold(
    everything: Path, results: xr.Dataset, tmp_path: Path
) -> None:
    from lwoopro.report.page import page
    from lwoopro.simulation.manifest import Manifest

    manifest = Manifest.load(everything)
    assert manifest is not None
    text = page(results, manifest, suppress_below=BELOW)
    privacy = find(results, BELOW)
    away = privacy.scores["school", 0.20]
    for code in sorted(away):
        start = text.index(f'<details id="{code}"')
        own = text[start : text.index("</details>", start)]
        row = re.search(r"<tr><th scope=\"row\">indicator-20-school</th>(.*?)</tr>", own)
        assert row is not None
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row[1])
        assert set(cells) == {"withheld"}
        exact = results["budget"].sel(policy="indicator-20-school", swv=code, year=2020)
        assert not re.search(rf">{float(exact.mean()) / 1000:,.0f}\b", own)
        # figures that show every swv by itself leave it out
        for figure in ("fig-gains", "fig-map", "fig-scatter", "fig-reliability"):
            at = text.index(f'id="{figure}"')
            assert code[2:] not in re.sub(r"<[^>]*>", " ", text[at : text.index("</figure>", at)])
    assert "what may leave a closed environment" in text


def brute(
    hidden: np.ndarray[Any, Any], counts: np.ndarray[Any, Any], region: list[str], groups: set[str]
) -> float:
    """Smallest sum that known totals give: of all swv, of shown regions, and of what is left."""
    labels = np.array(region)
    shown = sorted(set(region) - {""} - groups)
    worst = np.inf
    for many in range(len(shown) + 1):
        for some in combinations(shown, many):
            inside = np.isin(labels, some)
            for part in (inside, ~inside):
                here = hidden & part
                if here.any():
                    alone = 0.0 if here.sum() == 1 else np.inf
                    worst = min(worst, float(counts[:, here].sum(axis=1).min()), alone)
    return worst


def test_regions_and_the_country_give_nothing_away() -> None:
    rng = np.random.default_rng(5)
    for _ in range(300):
        many = int(rng.integers(2, 12))
        region = [str(rng.choice(["", "g4", "shrinking"])) for _ in range(many)]
        counts = rng.integers(0, 40, (2, many)).astype(float)
        counts[1] += counts[0]
        first = (counts < DEFAULT).any(axis=0)
        hidden, groups = _complete(first, counts, counts[1], region, DEFAULT)
        assert (first <= hidden).all()
        if hidden.all() and counts.sum(axis=1).min() < DEFAULT:
            continue  # the whole country is a small number
        assert brute(hidden, counts, region, set(groups)) >= DEFAULT


def test_a_region_of_few_is_withheld_in_every_table(
    results: xr.Dataset, raw: dict[str, pd.DataFrame]
) -> None:
    """Where all swv of a region are small, no other of them can hide one."""
    privacy = find(results, 80)
    made = withheld(raw, privacy)
    assert privacy.groups["indicator-20-school"]
    away = sorted(privacy.groups["indicator-20-school"])
    table = made["regions"]
    table = table[table["policy"] == "indicator-20-school"]
    assert table.loc[table["group"].isin(away), "value"].isna().all()
    criteria = made["criteria_policies"]
    criteria = criteria[criteria["policy"] == "indicator-20-school"]
    hidden = set(criteria.loc[criteria["value"].isna(), "criterion"])
    names = {"g4": "g4", "shrinking": "shrinking", "anticipating": "shrinking"}
    assert hidden == {names[name] for name in away if name in names}


def test_nothing_is_withheld_where_nothing_is_small_or_everything_may_be_shown(
    results: xr.Dataset,
) -> None:
    assert find(results) == Privacy(), "simulated pupils are nobody's"
    assert find(results, 0) == Privacy()
    assert find(results.drop_attrs()).below == DEFAULT, "safe where the results do not say"
    table = pd.DataFrame({"swv": ["VO0001"], "value": [3.0], "unit": ["pupils"]})
    assert withhold("scores", table, Privacy()) is table


OWN = """
[study]
name = "own"
years = [2019]
draws = 4
seed = 1

[pupils]
source = "table"
path = "pupils.parquet"

[target_group]
shares = [0.2]

[swv]
path = "swv.csv"

[[policy]]
name = "equalised"
kind = "equalised"

[[policy]]
name = "indicator"
kind = "indicator"
share = 0.2
"""

MARK = 987_650_000_000
"""Numbers of pupils and parents begin here: nothing else in a run is like them."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    rng = np.random.default_rng(1)
    levels = ["primary", "vmbo_bk", "vmbo_gt", "mbo23", "havo_vwo", "mbo4", "bachelor"]
    sizes = {"VO2001": 700, "VO2002": 500, "VO2101": 300, "VO2102": 60, "VO2103": 7}
    rows = []
    for code, many in sizes.items():
        for _ in range(many):
            number = MARK + 7 * len(rows)
            rows.append(
                pupil(
                    number,
                    school_id=f"77QZ{list(sizes).index(code):02}",
                    school_swv=code,
                    home_swv=code,
                    track=str(rng.choice(["bb", "kb", "gl", "tl"])),
                    mother_id=number + 1,
                    father_id=number + 2,
                    education_mother=str(rng.choice(levels)),
                    education_father=str(rng.choice(levels)),
                    asylum=bool(rng.random() < 0.02),
                    registration="complete" if rng.random() < 0.95 else "no_father",
                    origin=str(rng.choice(["nl", "turkey", "other"])),
                )
            )
    write_pupils(rows, folder / "pupils.parquet")
    write_swv(
        [
            {"swv": code, "vo": 5 * many, "q_lwoo_2012": "0.1", "q_pro_2012": "0.03"}
            for code, many in sizes.items()
        ],
        folder / "swv.csv",
    )
    (folder / "study.toml").write_text(OWN, "utf-8")
    write_all(run(folder / "study.toml", folder / "run"), folder / "run")
    return folder / "run"


def test_a_pupil_table_is_protected_without_being_asked(own: Path) -> None:
    results = open_results(own).load()
    assert results.attrs["suppress_below"] == DEFAULT
    privacy = find(results)
    assert {"VO2103"} < privacy.scores["school", 0.2]
    scores = pd.read_csv(own / "tables" / "scores.csv")
    assert scores.loc[scores["swv"] == "VO2103", "value"].isna().all()
    report = (own / "report.html").read_text("utf-8")
    assert "withheld" in report and "no count of fewer than 10 pupils" in report


def test_what_all_gainers_get_does_not_tell_what_a_withheld_one_gets(own: Path) -> None:
    """Money moves from swv to swv: with one withheld on a side, the sum of that side tells it."""
    results = open_results(own).load()
    privacy = find(results)
    change = results["budget"].sel(policy="indicator") - results["budget"].sel(policy="equalised")
    hidden = [code in privacy.policies["indicator"] for code in results["swv"].values]
    mean = change.mean("draw").isel(year=0).to_numpy()[hidden]
    assert (mean > 0).sum() < 2 or (mean < 0).sum() < 2, "else the case does not show it"
    assert privacy.moved == {"indicator"}
    policies = pd.read_csv(own / "tables" / "criteria_policies.csv")
    told = policies[policies["criterion"] == "moved_by_policy"].set_index("policy")["value"]
    assert np.isnan(told["indicator"]).all()
    scenarios = pd.read_csv(own / "tables" / "criteria_scenarios.csv")
    sums = scenarios[scenarios["criterion"].isin(MOVED)]
    assert len(sums) and sums["value"].isna().all()
    report = (own / "report.html").read_text("utf-8")
    assert "how much light support goes to another swv is withheld" in report
    assert "a year goes to another swv" not in report
    # with enough on both sides it is shown
    assert find(results, 1).moved == frozenset()


def test_the_folder_of_a_run_says_nothing_of_a_single_pupil(own: Path) -> None:
    looked = 0
    for path in own.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"77QZ" not in content, path.name
            assert str(MARK)[:5].encode() not in content, path.name
            looked += 1
    assert looked > 50
    # and inside the compressed numbers
    results = open_results(own).load()
    rows = 700 + 500 + 300 + 60 + 7
    for name in [*results.data_vars, *results.coords]:
        values = results[name]
        assert rows not in values.shape, name
        if values.dtype.kind in "if":
            assert not (np.abs(values.to_numpy().astype(float)) > MARK * 0.9).any() or (
                name == "above_cut"
            ), name
        else:
            assert not any("77QZ" in str(item) for item in values.to_numpy().ravel())
    assert not any(
        key.startswith("pupil") for key in json.loads((own / "manifest.json").read_text())
    )


def test_what_the_study_says_is_followed(tmp_path: Path) -> None:
    text = EVERYTHING.split("[settlement]")[0] + '[report]\nsuppress_below = 50\nlanguage = "nl"\n'
    results = run(write_study(tmp_path, text.replace("draws = 12", "draws = 2")), tmp_path / "run")
    assert find(results).below == 50
