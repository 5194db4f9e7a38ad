"""Runs with a few changed files: what is kept of the last run, and what of it holds."""
