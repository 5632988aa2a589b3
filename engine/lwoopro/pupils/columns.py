"""The columns of the pupil table: their names, which may be absent, and their codes."""

from lwoopro import codes

__all__ = ["CODED_COLUMNS", "MAY_BE_ABSENT", "STANDARD_COLUMNS"]

STANDARD_COLUMNS = (
    "year",
    "pupil_id",
    "school_id",
    "school_swv",
    "home_swv",
    "grade",
    "track",
    "registration",
    "asylum",
    "mother_id",
    "father_id",
    "education_mother",
    "education_father",
    "education_class_mother",
    "education_class_father",
    "origin",
    "stay",
    "debt",
)
"""The pupil table's own columns, in the order in which they are written."""

MAY_BE_ABSENT = (
    "home_swv",
    "mother_id",
    "father_id",
    "education_class_mother",
    "education_class_father",
)
"""Columns whose cells may all be empty."""

CODED_COLUMNS = {
    "track": codes.TRACKS,
    "registration": codes.REGISTRATIONS,
    "education_mother": codes.EDUCATION_LEVELS,
    "education_father": codes.EDUCATION_LEVELS,
    "origin": codes.ORIGINS,
    "stay": codes.STAYS,
}
"""Columns of text with a fixed list of codes (S-2)."""
