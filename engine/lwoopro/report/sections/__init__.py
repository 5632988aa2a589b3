"""The sections of the report, each a function from `Context` to `Section`, or None."""
