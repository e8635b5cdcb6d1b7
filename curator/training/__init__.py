"""`curator train`: a split becomes the folder of a training, and the trainer runs on it as a process of its own."""
