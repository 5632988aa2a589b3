"""Reports of unusual runs: unfinished, of one draw, of other policies, and with all withheld."""

from dataclasses import replace
from pathlib import Path

import pytest
import xarray as xr

from lwoopro.report.language import Language
from lwoopro.report.page import page
from lwoopro.report.tables import tables
from lwoopro.report.write import write_all
from lwoopro.simulation.manifest import Manifest
from tests.report.conftest import POLICY


@pytest.fixture(scope="module")
def manifest(everything: Path) -> Manifest:
    found = Manifest.load(everything)
    assert found is not None
    return found


def test_an_unfinished_run_says_so_and_what_disagrees(
    everything_results: xr.Dataset, manifest: Manifest
) -> None:
    t = Language("en")
    whole = page(everything_results, manifest)
    own = {"source": "table", "path": "pupils.csv"}
    swv = manifest.study["swv"] | {"path": "swv.csv"}
    study = manifest.study | {"pupils": own, "swv": swv}
    warned = replace(
        manifest, results_sha256=None, warnings=["draws and twin differ"], assumed=[], study=study
    )
    text = page(everything_results, warned, suppress_below=0)
    unfinished = t("reproduce.unfinished", draws="12", all=str(manifest.draws))
    for words in (unfinished, "draws and twin differ", t("privacy.off")):
        assert words in text and words not in whole
    for words in (t("method.assumed"), t("answer.simulated")):
        assert words in whole and words not in text


def test_one_draw_has_no_chances(everything_results: xr.Dataset, manifest: Manifest) -> None:
    t = Language("en")
    one = everything_results.isel(draw=[0])
    text = page(one, manifest)
    assert t("monitoring.title") not in text and t("stress.title") not in text
    assert 'id="fig-gains"' in text and 'id="fig-reliability"' not in text
    made = tables(one)
    assert "stress" not in made and "monitoring" not in made and "lumpsum" in made
    assert made["budgets"]["mcse"].isna().all()


def test_a_policy_that_is_not_the_published_one(
    everything_results: xr.Dataset, manifest: Manifest
) -> None:
    others = [str(name) for name in everything_results["policy"].values if name != POLICY]
    text = page(everything_results.sel(policy=others).isel(split=[]), manifest)
    published = Language("en")("redistribution.published", source="")[:20]
    assert published in page(everything_results, manifest) and published not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_one_policy_and_one_date_are_compared_with_nothing(
    everything_results: xr.Dataset, manifest: Manifest
) -> None:
    t = Language("en")
    one = everything_results.sel(policy=["current"]).isel(year=[1])
    text = page(one, manifest)
    assert t("stability.one_year") in text
    for name in ("gains", "map", "scatter", "per-pupil", "regions", "stability"):
        assert f'id="fig-{name}"' not in text
    made = tables(one)
    assert not {"change", "redistribution", "risk", "regions", "stability", "why"} & set(made)


def test_where_all_is_small_nothing_of_a_swv_is_shown(
    everything_results: xr.Dataset, manifest: Manifest
) -> None:
    t = Language("en")
    text = page(everything_results, manifest, suppress_below=10**9)
    assert t("privacy.cell") in text
    for name in ("gains", "map", "scatter", "per-pupil", "regions"):
        assert f'id="fig-{name}"' not in text


def test_nobody_copied_a_score(everything_results: xr.Dataset, manifest: Manifest) -> None:
    without = everything_results.drop_vars("donor_rung_pupils")
    assert 'id="tab-donors"' in page(everything_results, manifest)
    assert 'id="tab-donors"' not in page(without, manifest, suppress_below=10)
    assert set(tables(everything_results)) - set(tables(without)) == {"donors"}


def test_tables_without_a_page(
    everything_results: xr.Dataset, manifest: Manifest, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="has no manifest"):
        write_all(everything_results, tmp_path)
    manifest.save(tmp_path)
    written = write_all(everything_results, tmp_path, html=False)
    assert {Path(path).parent.name for path in written} == {"tables"}
    assert not (tmp_path / "report.html").exists()
