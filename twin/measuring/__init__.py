"""Measuring in the project frame: float64 metres of the grid, numpy only, no screen.

Lengths are distances of the project's grid; how far the ground differs is said beside them.
"""
