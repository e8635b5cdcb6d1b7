"""Expressions: read, worked out exactly or at points, bounded where they are huge; sympy for what is left."""
