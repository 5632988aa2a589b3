"""The sections of a study file and their defaults; a field's description is what is right there."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from lwoopro.study.values import (
    PEM_PATH,
    ByGroup,
    Column,
    CsvPath,
    Euro,
    Exact,
    Fraction,
    GeoPath,
    Label,
    MemorySize,
    NationalEuro,
    PemPath,
    PupilPath,
    Rise,
    Share,
    StudyName,
    TableName,
    Year,
    YearName,
    as_list,
    bundled_or,
    bytes_of,
    not_empty,
    unique,
)

__all__ = [
    "Attribution",
    "ComputeSection",
    "ImputationSection",
    "IndicatorSection",
    "MoneySection",
    "ReportSection",
    "Section",
    "StudySection",
    "SwvSection",
    "SyntheticPupils",
    "TablePupils",
    "TargetGroupSection",
    "UncertaintySection",
    "UntilSection",
]

Attribution = Literal["school", "home"]
"""Where a pupil counts (school-/woonplaatsbeginsel), `lwoopro.codes.ATTRIBUTIONS`."""


class Section(BaseModel):
    """One table of a study file: frozen, strict, without keys of its own invention."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class UntilSection(Section):
    """``until`` in ``[study]``: the run ends once an error is small enough (Q-3).

    Attributes
    ----------
    quantity : str
        The largest Monte-Carlo standard error over all years, swv and policies counts of: the
        mean of ``budget`` (euro), ``change`` (euro) or ``relative-change`` (a share) of every
        swv, of ``disadvantage-score`` (score points), the chance ``loss-10`` or ``loss-20`` that
        a swv loses 10 or 20 % or more, or the mean of ``swv-losing-20``, the share of the swv
        that lose 20 % or more.
    mcse : Decimal
        In the unit of the quantity.
    policy : str or None
        This policy only; by default all of them (changes are those against the baseline).
    """

    quantity: Literal[
        "budget",
        "change",
        "relative-change",
        "disadvantage-score",
        "loss-10",
        "loss-20",
        "swv-losing-20",
    ]
    mcse: Annotated[Decimal, Field(gt=0, le=1_000_000_000), Exact]
    policy: Label | None = None


class StudySection(Section):
    """``[study]``: what is run.

    Attributes
    ----------
    name : str
        Name of the study and of its folder of results.
    years : tuple of int
        Reference dates, 1 October.
    draws : int
        Number of Monte-Carlo draws.
    seed : int
        Root of all randomness (Q-2).
    until : UntilSection or None
        When fewer draws are enough; `draws` is then the most.
    """

    name: StudyName = Field(
        description="a name that can be a folder: at most 60 letters, digits, spaces and . _ -, "
        'with a letter or digit first, such as "example"'
    )
    years: Annotated[tuple[Year, ...], as_list, not_empty, unique] = Field(
        description="a list of years from 1990 to 2100, such as [2019, 2020]"
    )
    draws: int = Field(ge=1, le=2**31, description="a whole number from 1 to 2147483648")
    seed: int = Field(
        ge=0, lt=2**63, description="a whole number from 0 to 9223372036854775807, such as 20221118"
    )
    until: UntilSection | None = Field(
        default=None,
        description='a table such as { quantity = "loss-20", mcse = 0.005 }, with a quantity of '
        '"budget", "change", "relative-change", "disadvantage-score", "loss-10", "loss-20", '
        '"swv-losing-20"; mcse is a number above 0; policy = "..." is optional',
    )


class TablePupils(Section):
    """``[pupils]`` with ``source = "table"``: the user's own pupil table.

    Attributes
    ----------
    path : str
        Path of the table, relative to the study file.
    unit : "swv" or "school"
        The unit that scores and money are counted by (U-5).
    """

    source: Literal["table"] = Field(description='"table" or "synthetic"')
    path: PupilPath = Field(description="the path of a file that ends in .parquet or .csv")
    unit: Literal["swv", "school"] = Field(default="swv", description='"swv" or "school"')


class SyntheticPupils(Section):
    """``[pupils]`` with ``source = "synthetic"``: a simulated population with real counts.

    Attributes
    ----------
    population : str
        Name of a bundled table of counts, or path of a swv.csv.
    scale : Decimal
        Factor on every count.
    unit : "swv" or "school"
        The unit that scores and money are counted by (U-5).
    """

    source: Literal["synthetic"] = Field(description='"table" or "synthetic"')
    population: Annotated[str, bundled_or(".csv")] = Field(
        default="national", description='"national" or the path of a swv.csv'
    )
    scale: Annotated[Decimal, Field(gt=0, le=10_000), Exact] = Field(
        default=Decimal(1), description="a number above 0 and at most 10000, such as 1.0"
    )
    unit: Literal["swv", "school"] = Field(default="swv", description='"swv" or "school"')


class IndicatorSection(Section):
    """``[indicator]``: the coefficients of the education score (S-1).

    Attributes
    ----------
    table : str
        Name of a bundled indicator (S-5), or path of an indicator file.
    """

    table: TableName = Field(
        default="assumed-2022",
        description='"assumed-2022" or the path of a file that ends in .toml',
    )


class TargetGroupSection(Section):
    """``[target_group]``: shares and attributions that are computed in every draw (T-1, T-2).

    Attributes
    ----------
    shares : tuple of Decimal
        Shares Y of all pupils, as written.
    attribution : tuple of str
        Where pupils count.
    ties : str
        Who belongs to the target group at the cut.
    """

    shares: Annotated[tuple[Share, ...], as_list, not_empty, unique] = Field(
        default=tuple(map(Decimal, ("0.05", "0.10", "0.15", "0.20", "0.25", "0.30"))),
        description="a list of shares above 0 and at most 1, such as [0.15, 0.20] for 15 and 20 %",
    )
    attribution: Annotated[tuple[Attribution, ...], as_list, not_empty, unique] = Field(
        default=("school", "home"), description='a list of "school", "home" or both'
    )
    ties: Literal["include", "exclude", "fractional"] = Field(
        default="include", description='"include", "exclude" or "fractional"'
    )


class ImputationSection(Section):
    """``[imputation]``: how unknown education and missing scores are filled (I-1…I-3).

    Attributes
    ----------
    method : "table" or "model"
        Where the probabilities of the levels come from (I-1).
    probabilities : str or None
        Path of the probability file; needed only where a level is unknown.
    covariates : tuple of str
        Columns of the pupil table that the model predicts from, beside the other parent's level.
    bins : mapping of str to int
        Numbers of these covariates are put into so many groups of about as many pupils: fewer
        different values make draws of the model's parameters faster.
    match : tuple of str
        Donor match keys, most important first.
    """

    method: Literal["table", "model"] = Field(default="table", description='"table" or "model"')
    probabilities: CsvPath | None = Field(
        default=None, description="the path of a probability file that ends in .csv"
    )
    covariates: Annotated[tuple[Column, ...], as_list, unique] = Field(
        default=(),
        description='a list of columns of the pupil table, such as ["income_decile", "origin"]',
    )
    bins: Annotated[Mapping[Column, Annotated[int, Field(ge=2, le=1000)]], *ByGroup] = Field(
        default_factory=dict,
        validate_default=True,
        description="a table of whole numbers from 2 to 1000 by covariate, such as { age = 10 }",
    )
    match: Annotated[tuple[Column, ...], as_list, unique] = Field(
        default=("track", "origin"),
        description='a list of columns of the pupil table, such as ["track", "origin"]',
    )


class UncertaintySection(Section):
    """``[uncertainty]``: which sources vary between draws (Q-1); the others stay at draw 0.

    Coefficients, population and suppressed counts that are off are those of the files: they are
    what is known, and no draw takes their place.

    Attributes
    ----------
    education, donors, parameters, coefficients, pro, suppressed : bool
    population : bool or "fresh"
        True draws persons of the register, with replacement, within swv × track; "fresh" makes
        a synthetic population anew in every draw.
    """

    education: bool = Field(default=True, description="true or false")
    donors: bool = Field(default=True, description="true or false")
    parameters: bool = Field(default=False, description="true or false")
    coefficients: bool = Field(default=False, description="true or false")
    population: bool | Literal["fresh"] = Field(
        default=False, description='true, false or, with source = "synthetic", "fresh"'
    )
    pro: bool = Field(default=True, description="true or false")
    suppressed: bool = Field(default=False, description="true or false")


class MoneySection(Section):
    """``[money]``: national amounts (B-1).

    Attributes
    ----------
    support_amount : Decimal
        s, euro per lwoo or pro pupil; the default is *assumed*.
    regional_amount : Decimal
        r, euro per vo pupil; the default is *assumed*.
    lwoo_total : Decimal or None
        L, euro; None stands for the lwoo total that B-1 gives.
    price_year : int or None
        The amounts above are those of this year; needed with an index.
    index : mapping of str to Decimal
        Year → rise of all amounts on the year before, in per cent (B-10).
    withheld : mapping of str to Decimal
        Year → the part of that rise that is not given, 0 to 1 (B-10).
    """

    support_amount: Euro = Field(
        default=Decimal("4740.0"),
        description="an amount in euro per pupil from 0 to 1000000, such as 4740.0",
    )
    regional_amount: Euro = Field(
        default=Decimal("105.0"),
        description="an amount in euro per pupil from 0 to 1000000, such as 105.0",
    )
    lwoo_total: NationalEuro | None = Field(
        default=None, description="an amount in euro from 0 to 1000000000000, such as 455000000.0"
    )
    price_year: Year | None = Field(
        default=None, description="a year from 1990 to 2100, such as 2020"
    )
    index: Annotated[Mapping[YearName, Rise], *ByGroup] = Field(
        default_factory=dict,
        validate_default=True,
        description="a table of per cents from -50 to 100 by year, such as { 2021 = 2.6 }",
    )
    withheld: Annotated[Mapping[YearName, Fraction], *ByGroup] = Field(
        default_factory=dict,
        validate_default=True,
        description="a table of fractions from 0 to 1 by year, such as { 2021 = 1.0 } for all",
    )


class SwvSection(Section):
    """``[swv]``: the swv table; a synthetic population brings its own.

    Attributes
    ----------
    path : str or None
        Path of the swv.csv, relative to the study file.
    """

    path: CsvPath | None = Field(default=None, description="the path of a file that ends in .csv")


class ReportSection(Section):
    """``[report]``: what the results are measured against.

    Attributes
    ----------
    baseline : str or None
        Name of a policy; a study that was read always has one, by default the first.
    split : tuple of str or None
        Names of policies whose year-on-year changes are split by cause (R-10); a study that was
        read always has them, by default the first policy that can be split, where there is more
        than one year.
    language : str
        Language of report.html.
    suppress_below : int or None
        Report and tables show no count of pupils below this number, nor what would give one away;
        a study that was read always has it, by default 10 with a pupil table of the user and 0
        with simulated pupils.
    geojson, postcodes : str or None
        Paths, relative to the study file: areas for the map, and the list of postcodes where
        these are municipalities.
    """

    baseline: Label | None = Field(default=None, description="the name of a policy of this study")
    split: Annotated[tuple[Label, ...], as_list, unique] | None = Field(
        default=None,
        description="a list of names of policies that distribute by disadvantage score with "
        'weight "mean", such as ["indicator-20-school"]',
    )
    language: Literal["en", "nl"] = Field(default="en", description='"en" or "nl"')
    suppress_below: int | None = Field(
        default=None,
        ge=0,
        le=1000,
        description="a whole number from 0 to 1000, such as 10; 0 shows every count",
    )
    geojson: GeoPath | None = Field(
        default=None, description="the path of a file that ends in .geojson or .json"
    )
    postcodes: CsvPath | None = Field(
        default=None, description="the path of a file that ends in .csv"
    )


class ComputeSection(Section):
    """``[compute]``: how the work is done; no result depends on it (Q-2).

    Attributes
    ----------
    block_draws : int or None
        Draws that are computed, and stored, together; None stands for about a second's worth.
    threads : int or None
        Threads of a run in one process; None stands for every core.
    memory : str or None
        Most memory that a process may use, such as ``"4 GB"``; None stands for three quarters of
        what is free. Workers of ``--workers`` share it.
    patience : int
        Seconds that a run waits for a scheduler and for a first worker, also when all are gone.
    tls_ca, tls_cert, tls_key : str or None
        Paths of the files for a scheduler at ``tls://``, relative to the study file.
    """

    block_draws: int | None = Field(
        default=None, ge=1, le=65_536, description="a whole number from 1 to 65536"
    )
    threads: int | None = Field(
        default=None, ge=1, le=1024, description="a whole number from 1 to 1024"
    )
    memory: MemorySize | None = Field(
        default=None, description='a size such as "500 MB" or "4 GB", at least 100 MB'
    )
    patience: int = Field(
        default=300, ge=1, le=10_000_000, description="a number of seconds from 1 to 10000000"
    )
    tls_ca: PemPath | None = Field(default=None, description=PEM_PATH)
    tls_cert: PemPath | None = Field(default=None, description=PEM_PATH)
    tls_key: PemPath | None = Field(default=None, description=PEM_PATH)

    @property
    def memory_bytes(self) -> int | None:
        """`memory` as a number of bytes."""
        return None if self.memory is None else bytes_of(self.memory)
