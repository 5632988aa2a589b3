"""Side-by-side benchmarks: the engine against rivals on the same data, in the same run."""
