"""From what is stored to a named split: the steps of `curator curate`, one file each."""
