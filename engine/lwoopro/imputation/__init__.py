"""What is missing and where it may come from: class probabilities and donors (I)."""
