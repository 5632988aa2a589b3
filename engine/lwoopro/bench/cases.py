"""Every case with its contestants; rivals are written as an expert of their library would."""

from typing import Final

from lwoopro.bench.contest import ENGINE, Case, Contestant

__all__ = ["CASES", "COEFFICIENTS", "EXPERT", "LATTICE", "PARAMETERS", "PLAIN", "POLICY"]

PLAIN: Final = "NumPy, as scripts are written"
EXPERT: Final = "NumPy, by an expert"
LATTICE: Final = "NumPy, by the engine's method"
POLICY: Final = "engine, one policy more"
COEFFICIENTS: Final = "engine, coefficients drawn"
PARAMETERS: Final = "engine, parameters drawn"

CASES: Final = (
    Case(
        "categorical draw",
        "education levels of all unknown parents, by inversion",
        "draw",
        "pupils",
        (
            Contestant(ENGINE, "ours:levels", "", 1, "makes keyed random numbers"),
            Contestant("NumPy", "with_numpy:levels", "numpy", 1, "seven comparisons per parent"),
            Contestant("polars", "with_polars:levels", "polars", 2, "the same as a lazy query"),
            Contestant("DuckDB", "with_duckdb:levels", "duckdb", 2, "CASE; own random numbers"),
        ),
    ),
    Case(
        "cut",
        "the scores that six shares of the pupils reach",
        "draw",
        "scores",
        (
            Contestant(ENGINE, "ours:cut", "", 1, "counts profiles, then walks up"),
            Contestant(EXPERT, "with_numpy:cut_by_partition", "numpy", 1, "partition"),
            Contestant(LATTICE, "with_numpy:cut_by_counts", "numpy", 1, "bincount of profiles"),
            Contestant("pandas", "with_pandas:cut", "pandas", 1, "value_counts, running sum"),
            Contestant("polars", "with_polars:cut", "polars", 2, "value_counts, running sum"),
            Contestant("DuckDB", "with_duckdb:cut", "duckdb", 2, "GROUP BY, running sum"),
            Contestant("numbagg", "with_numbagg:cut", "numbagg", 2, "group count, running sum"),
            Contestant("flox", "with_flox:cut", "flox", 1, "group count, running sum"),
        ),
    ),
    Case(
        "grouped aggregation",
        "pupils and sum of scores per swv and band of scores",
        "draw",
        "scores",
        (
            Contestant(
                ENGINE,
                "ours:group",
                "",
                1,
                "finds bands on the way; a whole draw counts as it draws",
            ),
            Contestant("NumPy", "with_numpy:group", "numpy", 1, "bincount; bands are given"),
            Contestant("pandas", "with_pandas:group", "pandas", 1, "groupby; bands are given"),
            Contestant("polars", "with_polars:group", "polars", 2, "group_by; bands are given"),
            Contestant("DuckDB", "with_duckdb:group", "duckdb", 2, "GROUP BY; bands are given"),
            Contestant("numbagg", "with_numbagg:group", "numbagg", 2, "bands are given"),
            Contestant("flox", "with_flox:group", "flox", 1, "bands are given"),
        ),
    ),
    Case(
        "whole draw",
        "levels, donors, scores, cuts, and the disadvantage scores of all twelve scenarios",
        "draw",
        "pupils",
        (
            Contestant(ENGINE, "ours:draw", "", 1, "also counts who is in the target group"),
            Contestant(PLAIN, "with_numpy:plain_draw", "numpy", 1, "a sort, a mask per share"),
            Contestant(EXPERT, "with_numpy:expert_draw", "numpy", 1, "a partition, one pass"),
            Contestant(LATTICE, "with_numpy:lattice_draw", "numpy", 1, "counts profiles"),
            Contestant("pandas", "with_pandas:draw", "pandas", 1, "draws in NumPy"),
            Contestant("flox", "with_flox:draw", "flox", 1, "the expert's NumPy, flox's sums"),
            Contestant(ENGINE, "ours:draw_on_two", "", 2, "two threads, 1,024 draws"),
            Contestant("polars", "with_polars:draw", "polars", 2, "random numbers of NumPy"),
            Contestant("DuckDB", "with_duckdb:draw", "duckdb", 2, "one query"),
            Contestant(
                "numbagg", "with_numbagg:draw", "numbagg", 2, "the expert's NumPy, its sums"
            ),
        ),
    ),
    Case(
        "whole study",
        "a study of one year, in this process: budgets, and results on disk",
        "study",
        "pupils",
        (
            Contestant(ENGINE, "ours:study", "", 1, "reads, prepares, and writes all variables"),
            Contestant(EXPERT, "with_numpy:expert_study", "numpy", 1, "starts prepared"),
            Contestant(LATTICE, "with_numpy:lattice_study", "numpy", 1, "starts prepared"),
            Contestant("pandas", "with_pandas:study", "pandas", 1, "starts prepared"),
            Contestant(ENGINE, "ours:study_on_two", "", 2, "two threads"),
            Contestant("polars", "with_polars:study", "polars", 2, "starts prepared"),
            Contestant("DuckDB", "with_duckdb:study", "duckdb", 2, "starts prepared"),
        ),
        # cents are apportioned by the engine, and left as they are by the others
        rtol=0.0,
        atol=0.05,
    ),
    Case(
        "pro flow",
        "pro pupils of 75 swv over 15 years in six growth scenarios",
        "draw",
        "pro",
        (
            Contestant(ENGINE, "pro:ours", "", 1, "quantiles of keyed random numbers"),
            Contestant("SciPy", "pro:with_scipy", "scipy", 1, "the same quantiles"),
            Contestant(
                "NumPy", "pro:sampled", "numpy", 1, "its own samplers: not keyed", in_mean=True
            ),
        ),
    ),
    Case(
        "more uncertainty",
        "whole draws with budgets to the cent: what each addition costs the engine",
        "draw",
        "scale",
        (
            Contestant(ENGINE, "variants:plain", "", 1, "education and donors"),
            Contestant(POLICY, "variants:one_policy_more", "", 1, "15 % by home"),
            Contestant(COEFFICIENTS, "variants:coefficients", "", 1, "of the indicator"),
            Contestant(PARAMETERS, "variants:parameters", "", 1, "of the imputation model"),
        ),
    ),
    Case(
        "score",
        "the score of a pupil whose characteristics are known",
        "pupil",
        "pupils",
        (
            Contestant(ENGINE, "one_score:ours", "", 1, "once per study: a draw looks scores up"),
            Contestant("NumPy", "one_score:with_numpy", "numpy", 1, "six look-ups"),
            Contestant("OpenFisca", "with_openfisca:score", "openfisca_core", 1, "a formula"),
        ),
    ),
)
"""In the order of the table."""
