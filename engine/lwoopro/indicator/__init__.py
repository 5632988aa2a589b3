"""The education score as an exact lattice of integers (S)."""
