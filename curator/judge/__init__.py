"""The judge: a language model, over any teacher SPEC, that gives the verdicts of the verifier `judge`."""
