"""Problems → candidates: what is owed, in which order it is asked for, when a problem has enough, and its verdicts."""
