"""From disadvantage scores to whole cents per swv (D, B)."""
