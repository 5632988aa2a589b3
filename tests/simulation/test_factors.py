"""The disadvantage score by factor (R-10): adds up, and means what it says."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tests.conftest import STUDY
from tests.world import pupil, write_pupils

from lwoopro.errors import InputError
from lwoopro.simulation.runner import run
from lwoopro.study import load_study

SPLIT = """
[[policy]]
name = "home"
kind = "indicator"
share = 0.15
attribution = "home"
[report]
split = ["indicator-20-school", "home"]
"""


@pytest.mark.parametrize("ties", ["include", "exclude", "fractional"])
def test_the_factors_add_up_to_the_score(ties: str, tmp_path: Path) -> None:
    shares = "shares = [0.15, 0.20]"
    study = tmp_path / "study.toml"
    study.write_text(STUDY.replace(shares, f'{shares}\nties = "{ties}"') + SPLIT, "utf-8")
    found = run(study, tmp_path / "run").load()
    assert found["split"].values.tolist() == ["indicator-20-school", "home"]
    assert found["factor"].values.tolist() == ["education", "origin", "other", "donated", "asylum"]
    for name, attribution, share in (
        ("indicator-20-school", "school", 0.2),
        ("home", "home", 0.15),
    ):
        part = found["disadvantage_part"].sel(split=name)
        whole = found["disadvantage_score"].sel(attribution=attribution, share=share)
        np.testing.assert_allclose(
            part.sum("factor"), whole.transpose("draw", "year", "swv"), atol=1e-8
        )
        for factor in found["factor"].values:
            assert abs(part.sel(factor=factor)).max() > 0.1, factor


def results(tmp_path: Path, share: str) -> xr.Dataset:
    """Four known pupils, an asylum pupil and one who copies the only donor of his school."""
    indicator = {
        "start": {"bbkb": 530, "gltl": 532},
        "education_mother": [0, 1, 2, 3, 4, 5, 6, 7],
        "education_father": [0, 1, 2, 3, 4, 5, 6, 7],
        "origin": [0, -1, -1, -2, 0],
    }
    levels = "primary vmbo_bk vmbo_gt mbo23 havo_vwo mbo4 bachelor master".split()
    origins = "nl north_africa suriname_antilles turkey other".split()
    lines = ['name = "small"', 'source = "a test"', "[start]", "bbkb = 530.0", "gltl = 532.0"]
    for column, codes in (
        ("education_mother", levels),
        ("education_father", levels),
        ("origin", origins),
    ):
        values = indicator[column]
        lines.append(f"[{column}]")
        lines += [f"{code} = {value}.0" for code, value in zip(codes, values, strict=True)]
    lines += ["[stay]", '"0-5" = 0.0', '"5-10" = 0.0', '"10+" = 0.0']
    lines += ["[debt]", "no = 0.0", "yes = -1.0"]
    (tmp_path / "indicator.toml").write_text("\n".join(lines), "utf-8")
    other = {"school_swv": "VO2002", "home_swv": "VO2002", "school_id": "02BB00"}
    rows = [
        # 530 - 2 = 528, in debt: 527
        pupil(1, origin="turkey", debt=True),
        # 530 + 3 + 3 = 536
        pupil(2, education_mother="mbo23", education_father="mbo23"),
        # 532 + 7 + 7 = 546
        pupil(3, track="gl", education_mother="master", education_father="master"),
        # 530 + 1 = 531, the other swv
        pupil(4, education_mother="vmbo_bk", **other),
        pupil(5, registration="no_father", education_father=None, **other),
        pupil(6, asylum=True, **other),
    ]
    write_pupils(rows, tmp_path / "pupils.parquet")
    (tmp_path / "swv.csv").write_text(
        "swv,vo,q_lwoo_2012,q_pro_2012\nVO2001,100,0.1,0.1\nVO2002,100,0.1,0.1\n", "utf-8"
    )
    (tmp_path / "study.toml").write_text(
        f"""
        [study]
        name = "hand"
        years = [2019]
        draws = 1
        seed = 1
        [pupils]
        source = "table"
        path = "pupils.parquet"
        [indicator]
        table = "indicator.toml"
        [target_group]
        shares = [{share}]
        [imputation]
        match = []
        [[policy]]
        name = "p"
        kind = "indicator"
        share = {share}
        [report]
        split = ["p"]
        [swv]
        path = "swv.csv"
        """,
        "utf-8",
    )
    return run(tmp_path / "study.toml", tmp_path / "run").load()


def test_by_hand(tmp_path: Path) -> None:
    found = results(tmp_path, "0.50")
    part = found["disadvantage_part"].isel(draw=0, year=0, split=0)
    # N = 6, a = 1, m = 3 - 1 = 2; scores 527, 531, 531 (pupil 5 copies pupil 4), 536, 546:
    # c = 531, members 527, 531, 531; G = (527 + 531 + 531) / 3 = 529 2/3
    g = Decimal(527 + 531 + 531) / 3
    a = (527 + 536 + 546 + 531 + 531 + g) / 6
    np.testing.assert_allclose(found["target_mean"].item(), float(g))
    np.testing.assert_allclose(found["mean_score"].item(), float(a))
    # pupils with a score of their own: 1, 2, 3, 4; their means by factor
    education = (0 + 6 + 14 + 1) / 4
    origin = (-2 + 0 + 0 + 0) / 4
    other = (529 + 530 + 532 + 530) / 4  # start and debt
    own = education + origin + other
    # what others do to the national mean, per pupil: (531 - own) / 6 and (G - own) / 6
    donors, asylum = (531 - own) / 6, (float(g) - own) / 6
    expected = {
        # one member of his own score in each swv: 527 in VO2001, 531 in VO2002
        "education": [education - 0, education - 1],
        "origin": [origin + 2, origin - 0],
        "other": [other - 529, other - 530],
        "donated": [donors, float(a) - 531 + donors],
        "asylum": [asylum, float(a - g) + asylum],
    }
    for factor, values in expected.items():
        np.testing.assert_allclose(part.sel(factor=factor), values, atol=1e-9, err_msg=factor)


def test_the_default_is_the_first_that_can_be_split(small_study: Path, tmp_path: Path) -> None:
    study = load_study(small_study)
    assert study.report.split == ("indicator-20-school",)
    one = tmp_path / "one.toml"
    one.write_text(STUDY.replace("[2019, 2020]", "[2019]"), "utf-8")
    assert load_study(one).report.split == ()
    found = run(one, tmp_path / "run")
    assert "disadvantage_part" not in found and "split" not in found.dims


def test_policies_that_cannot_be_split_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    for name, words in (
        ("indicator-15-home", 'the changes of policy "indicator-15-home" cannot be split (R-10)'),
        ("current", 'the changes of policy "current" cannot be split (R-10)'),
        ("indicator-20", 'there is no policy "indicator-20"; the nearest name of a policy is'),
    ):
        path.write_text(STUDY + f'[report]\nsplit = ["{name}"]\n', "utf-8")
        with pytest.raises(InputError) as caught:
            load_study(path)
        assert f"report.split: {words}" in str(caught.value)
