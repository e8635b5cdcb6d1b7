"""Candidates in front of a person: the queue, the screen, and the keys of `curator review`."""
