"""Numbers as people write them, and what they count: digits, words in both languages, units, times."""
