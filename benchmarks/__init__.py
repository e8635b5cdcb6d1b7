"""The speed and safety claims, runnable: `make bench`."""
