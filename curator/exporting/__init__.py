"""From a split to files that people train on and publish: the formats of `curator export`, and the dataset card."""
