"""Worlds are what they say: broken by the clause named, and the same in files."""

import tomllib
from decimal import Decimal
from fractions import Fraction

import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given, settings

from tests import strategies as made
from tests import world as files
from tests.reference_money import ClauseError

D = Decimal
F = Fraction
slow_worlds = settings(deadline=None, max_examples=40)


# --- Strategies -----------------------------------------------------------------------------


@slow_worlds
@given(made.failing_worlds())
def test_failing_worlds_fail_by_their_clause(failing: tuple[made.World, str]) -> None:
    world, clause = failing
    with pytest.raises(ClauseError) as caught:
        made.run_reference(world)
    assert caught.value.clause == clause


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_files_say_what_the_world_says(
    suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    @settings(deadline=None, max_examples=15)
    @given(made.worlds(max_pupils=20))
    def check(world: made.World) -> None:
        study = made.write_world(world, tmp_path_factory.mktemp("world"), suffix)
        said = tomllib.loads(study.read_text(), parse_float=D)
        assert said["target_group"]["shares"] == list(world.settings.shares)
        assert said["study"]["draws"] == len(world.settings.draws)
        assert said["money"] == {
            k: v for k, v in vars(world.settings.money).items() if v is not None
        }
        assert said["policy"] == list(world.settings.policies)
        path = study.parent / said["pupils"]["path"]
        if suffix == ".csv":
            options = pyarrow.csv.ConvertOptions(
                column_types=files.PUPIL_TYPES, strings_can_be_null=True
            )
            table = pyarrow.csv.read_csv(path, convert_options=options)
        else:
            table = pyarrow.parquet.read_table(path)
        assert table.to_pylist() == [dict(row) for row in files.pupil_table(world.rows).to_pylist()]
        for found, row in zip(table.to_pylist(), world.rows, strict=True):
            assert {k: v for k, v in found.items() if k in row} == row
        read = tomllib.loads((study.parent / "indicator.toml").read_text(), parse_float=D)
        assert {k: v for k, v in read.items() if k not in ("name", "source")} == world.indicator
        lines = (study.parent / "education.csv").read_text().splitlines()[1:]
        cells = [line.split(",") for line in lines]
        assert {(int(c), level): D(p) for c, level, p in cells} == {
            (c, level): p
            for c, levels in world.probabilities.items()
            for level, p in levels.items()
        }
        header, *body = (study.parent / "swv.csv").read_text().splitlines()
        for line, row in zip(body, world.swv, strict=True):
            for column, cell in zip(header.split(","), line.split(","), strict=True):
                value = row[column]
                assert cell == (value or "") if column in ("swv", "region") else D(cell) == value

    check()
