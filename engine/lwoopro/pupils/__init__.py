"""Who is counted: the pupil table, the swv table and the synthetic population (U, §10)."""
