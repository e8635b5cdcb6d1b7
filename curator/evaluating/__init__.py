"""A student before and after training, on the problems that its split holds out."""
