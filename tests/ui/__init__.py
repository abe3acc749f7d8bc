"""Tests of the window; they need Qt and a (virtual) display."""
