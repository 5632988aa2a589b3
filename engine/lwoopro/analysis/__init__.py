"""What people want to know of the results, Dataset in and Dataset out (R)."""
