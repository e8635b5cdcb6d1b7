"""Sets of real numbers: how they are written, and whether two are one."""
