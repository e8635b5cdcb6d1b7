"""The teacher `local`: a small model on this machine, in a process of its own; torch is loaded only there."""
