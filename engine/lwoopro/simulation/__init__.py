"""Runs a study: blocks of draws, the scheduler, the store, the manifest (Q-2)."""
