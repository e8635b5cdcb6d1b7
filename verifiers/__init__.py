"""(problem, candidate) → verdicts. Pure, but for the worker processes that confine the checking."""

DISTRIBUTION = "r1-curator"
"""Marks this package as ours: other projects on PyPI install an import package of the same name."""
