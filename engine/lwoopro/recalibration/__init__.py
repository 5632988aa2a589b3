"""Estimating the indicator anew from pupils with a test score (C-1, herijking)."""
