"""The pipeline: problems in, verified traces out, everything in one store."""
