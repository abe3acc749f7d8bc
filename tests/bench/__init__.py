"""Measurements, each as a ratio to a bare program in the same run."""
