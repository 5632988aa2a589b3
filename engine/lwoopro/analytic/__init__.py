"""Mean and variance of the disadvantage scores without drawing (Q-5)."""
