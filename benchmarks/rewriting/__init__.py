"""Other spellings of golds: `parts` takes a gold apart, `rewrite` makes what means the same and what does not."""
