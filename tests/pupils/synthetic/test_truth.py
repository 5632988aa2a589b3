"""``lwoopro pupils --truth``: what the generator knows and the register hides (issue 3, item 3)."""

from pathlib import Path

import pytest

from lwoopro import codes
from lwoopro.errors import InputError
from lwoopro.pupils.synthetic import bundled_folder, generate
from lwoopro.simulation.written import write_study_pupils
from lwoopro.study import load_study


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_the_truth_stands_beside_what_is_known(
    small_study: Path, tmp_path: Path, suffix: str
) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    read = {".parquet": pyarrow.parquet.read_table, ".csv": pyarrow.csv.read_csv}[suffix]
    study = load_study(small_study)
    plain, told = tmp_path / f"plain{suffix}", tmp_path / f"told{suffix}"
    rows = write_study_pupils(study, plain)
    assert write_study_pupils(study, told, truth=True) == rows
    table, columns = read(told).to_pandas(), read(plain).column_names
    made = generate("national", study.study.years, study.study.seed, float(study.pupils.scale))
    assert list(table.columns) == columns + [f"true_{name}" for name in made.truth]
    assert len(table) == rows == len(made.pupils)
    for name, words in (
        ("education_mother", codes.EDUCATION_LEVELS),
        ("education_father", codes.EDUCATION_LEVELS),
        ("origin", codes.ORIGINS),
        ("stay", codes.STAYS),
    ):
        true, known = table[f"true_{name}"], table[name]
        assert true.tolist() == [words[k] for k in made.truth[name]]
        there = known.notna() & (known != "")
        # what is known is true, and some of it is hidden
        assert (known[there] == true[there]).all()
        assert 0 < (~there).sum() < len(table)
    assert table["true_residence"].tolist() == [made.swv_codes[k] for k in made.truth["residence"]]
    assert table["true_debt"].tolist() == (made.truth["debt"] == 1).tolist()
    assert table["true_sibling"].tolist() == made.truth["sibling"].tolist()


def test_only_simulated_pupils_have_a_truth(small_study: Path, tmp_path: Path) -> None:
    path = tmp_path / "pupils.parquet"
    write_study_pupils(load_study(small_study), path)
    text = small_study.read_text("utf-8").replace('source = "synthetic"', 'source = "table"')
    lines = [line for line in text.splitlines() if not line.startswith(("scale", "population"))]
    text = "\n".join(lines).replace('"table"', f'"table"\npath = "{path.name}"')
    swv = (bundled_folder("national") / "swv.csv").as_posix()
    small_study.write_text(f'{text}\n[swv]\npath = "{swv}"\n', "utf-8")
    with pytest.raises(InputError, match="leave it out"):
        write_study_pupils(load_study(small_study), tmp_path / "told.parquet", truth=True)
    assert not (tmp_path / "told.parquet").exists()
