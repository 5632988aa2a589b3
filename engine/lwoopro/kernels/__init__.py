"""The numba core: NumPy and Numba only, single-threaded loops without the GIL (Q-2, T, D-5)."""
