"""DuckDB: one query per draw on tables in memory, with its own random numbers."""

from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from lwoopro.bench.contest import CHECKED, Job, budgets, profiles, settle
from lwoopro.bench.scores import Scores
from lwoopro.bench.world import Unknown, World, given_words

__all__ = ["THREADS", "cut", "draw", "group", "levels", "study"]

THREADS: Final = 2

_UNIFORM: Final = "(random() * 2147483647)::UINTEGER"

_QUERY: Final = """
WITH own AS MATERIALIZED (
    SELECT id, score + {mother} + {father} AS score, school, home
    FROM ({unknown})
    UNION ALL SELECT id, score, school, home FROM known
),
everyone AS (
    SELECT score, school, home FROM own
    UNION ALL
    SELECT own.score, picked.school, picked.home
    FROM ({copying}) picked JOIN candidate USING (place) JOIN own USING (id)
),
-- few scores are different: everything else follows from the counts
cells AS MATERIALIZED (
    SELECT score, school, home, count(*) AS pupils FROM everyone GROUP BY ALL
),
reached AS (
    SELECT score, sum(sum(pupils)) OVER (ORDER BY score) AS upto FROM cells GROUP BY score
),
cuts AS (
    SELECT share, min(score) AS cut FROM need JOIN reached ON upto >= pupils GROUP BY share
)
SELECT share, cut, school, home, sum(pupils) AS pupils, sum(pupils * score) AS total
FROM cells JOIN cuts ON score <= cut
GROUP BY GROUPING SETS ((share, cut, school), (share, cut, home))
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, sum(pupils * score) FROM cells
"""


def _connect() -> duckdb.DuckDBPyConnection:
    """Open a database in memory on the stated number of threads."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"SET threads = {THREADS}")
    # rows may come in any order: results are sums
    connection.execute("SET preserve_insertion_order = false")
    return connection


def _load(connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, Any]) -> None:
    """Copy arrays into a table."""
    connection.register("arriving", columns)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM arriving")
    connection.unregister("arriving")


def _gain(parent: Unknown, name: str) -> str:
    """Write what the drawn level adds; CASE stops at the first threshold that is not reached."""
    steps = " ".join(
        f"WHEN {name} < {name}{k} THEN {value}" for k, value in enumerate(parent.value[:-1])
    )
    return f"CASE {steps} ELSE {parent.value[-1]} END"


class _Draws:
    """A database with the pupils of a world, and the query of a draw.

    All in one query; what it gives has a row per share and swv.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.connection = _connect()
        _fill(self.connection, world)
        gains = {"mother": _gain(world.mother, "m"), "father": _gain(world.father, "f")}
        self.own_random = _QUERY.format(
            **gains,
            unknown=f"SELECT *, {_UNIFORM} AS m, {_UNIFORM} AS f FROM unknown",
            copying="SELECT start + floor(random() * length)::INT AS place, school, home"
            " FROM copying",
        )
        self.given_random = _QUERY.format(
            **gains,
            unknown="FROM unknown JOIN words USING (id)",
            copying="SELECT start + ((d * length) >> 32)::INT AS place, school, home"
            " FROM copying JOIN donor_words USING (number)",
        )

    def random(self) -> NDArray[np.float64]:
        """Do a draw with DuckDB's own random numbers."""
        return _settled(self.world, self.connection.execute(self.own_random).fetchnumpy())

    def given(self) -> NDArray[np.float64]:
        """Do the draws that are compared."""
        found = []
        for number in CHECKED:
            _give(self.connection, self.world, number)
            rows = self.connection.execute(self.given_random).fetchnumpy()
            found.append(_settled(self.world, rows))
        return np.stack(found)


def draw(world: World) -> Job:
    """Whole draws, one at a time."""
    draws = _Draws(world)
    return Job(draws.random, 1, draws.given)


def study(world: World, many: int = 10) -> Job:
    """Do a study of such draws; see `contest.studying`."""
    draws = _Draws(world)

    def run() -> None:
        found = np.stack([draws.random() for _ in range(many)])
        np.savez(world.folder / "study.npz", draws=found, budgets=budgets(world, found))

    return Job(run, many / world.draws, lambda: budgets(world, draws.given()))


def levels(world: World) -> Job:
    """Look every uniform up with CASE, for a table in memory."""
    connection = _connect()
    _fill(connection, world)
    cases = ", ".join(
        "CASE "
        + " ".join(f"WHEN {name} < {name}{k} THEN {k}" for k in range(7))
        + f" ELSE 7 END::UTINYINT AS {parent}"
        for parent, name in (("mother", "m"), ("father", "f"))
    )
    query = "CREATE OR REPLACE TEMP TABLE drawn AS SELECT id, {cases} FROM ({source})"
    own = f"SELECT *, {_UNIFORM} AS m, {_UNIFORM} AS f FROM unknown"

    def answer() -> NDArray[np.int64]:
        found = []
        for number in CHECKED:
            _give(connection, world, number)
            given = "FROM unknown JOIN words USING (id)"
            connection.execute(query.format(cases=cases, source=given))
            rows = connection.execute("SELECT mother, father FROM drawn ORDER BY id").fetchnumpy()
            found.append(
                profiles(world, *(np.asarray(rows[name]) for name in ("mother", "father")))
            )
        return np.stack(found)

    return Job(lambda: connection.execute(query.format(cases=cases, source=own)), 1, answer)


def cut(scores: Scores, draws: int = 8) -> Job:
    """Count the pupils of every score, then a running sum."""
    connection = _connect()
    for draw in {*range(draws), *CHECKED}:
        _load(connection, f"score{draw}", {"score": scores.score[draw]})
    need = scores.world.need
    _load(connection, "need", {"share": np.arange(len(need)), "pupils": need})

    def find(draw: int) -> NDArray[Any]:
        query = f"""
            WITH reached AS (
                SELECT score, sum(count(*)) OVER (ORDER BY score) AS upto
                FROM score{draw} GROUP BY score
            )
            SELECT min(score) AS cut FROM need JOIN reached ON upto >= pupils
            GROUP BY share ORDER BY share
        """
        return np.asarray(connection.execute(query).fetchnumpy()["cut"])

    def run() -> None:
        for draw in range(draws):
            find(draw)

    return Job(run, draws, lambda: np.stack([find(draw) for draw in CHECKED]))


def group(scores: Scores, draws: int = 8) -> Job:
    """One GROUP BY with two aggregates."""
    connection = _connect()
    for draw in {*range(draws), *CHECKED}:
        columns = {"label": scores.label[draw].astype(np.uint16), "score": scores.score[draw]}
        _load(connection, f"score{draw}", columns)

    def find(draw: int) -> NDArray[np.float64]:
        query = f"SELECT label, count(*) AS n, sum(score) AS s FROM score{draw} GROUP BY label"
        rows = connection.execute(query).fetchnumpy()
        full = np.zeros((2, scores.labels))
        full[:, rows["label"]] = rows["n"], rows["s"]
        return full

    def run() -> None:
        for draw in range(draws):
            find(draw)

    return Job(run, draws, lambda: np.stack([find(draw) for draw in CHECKED]))


def _fill(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Load the pupils."""
    first, last = world.unknown, world.scored
    place = np.arange(last, dtype=np.int32)
    school, home = (side.astype(np.uint8) for side in world.unit)
    _load(
        connection,
        "unknown",
        {"id": place[:first], "score": world.score[:first]}
        | {"school": school[:first], "home": home[:first]}
        | {f"m{k}": row for k, row in enumerate(world.mother.threshold)}
        | {f"f{k}": row for k, row in enumerate(world.father.threshold)},
    )
    _load(
        connection,
        "known",
        {"id": place[first:], "score": world.score[first:]}
        | {"school": school[first:last], "home": home[first:last]},
    )
    _load(
        connection,
        "copying",
        {"number": place[: len(world.copying.start)], "length": world.copying.length}
        | {"start": world.copying.start.astype(np.int32)}
        | {"school": school[last:], "home": home[last:]},
    )
    many = np.arange(len(world.copying.candidate), dtype=np.int32)
    _load(connection, "candidate", {"place": many, "id": world.copying.candidate})
    _load(connection, "need", {"share": np.arange(len(world.need)), "pupils": world.need})


def _give(connection: duckdb.DuckDBPyConnection, world: World, number: int) -> None:
    """Load the engine's random numbers of a draw."""
    words = given_words(world, number)
    place = np.arange(world.unknown, dtype=np.int32)
    _load(connection, "words", {"id": place, "m": words.mother >> 1, "f": words.father >> 1})
    donor = {"number": place[: len(words.donor)], "d": words.donor.astype(np.int64)}
    _load(connection, "donor_words", donor)


def _settled(world: World, found: dict[str, Any]) -> NDArray[np.float64]:
    """Put the rows of the result into their places."""
    columns = {name: np.ma.asarray(column) for name, column in found.items()}
    count = np.zeros((2, len(world.need), len(world.swv)))
    total = np.zeros_like(count)
    for side, name in enumerate(("school", "home")):
        row = ~np.ma.getmaskarray(columns[name])
        at = columns["share"][row].data, columns[name][row].data
        count[side][at] = columns["pupils"][row].data
        total[side][at] = columns["total"][row].data
    cut = np.zeros(len(world.need))
    cut[columns["share"][row].data] = columns["cut"][row].data
    everything = columns["total"][np.ma.getmaskarray(columns["share"])].data[0]
    return settle(world, int(everything), cut, count, total)
