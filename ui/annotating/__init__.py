"""Marks anchored in space: the tool that makes them, how they look, where they are listed."""
