"""Measuring in the window: the tool, its options, what is kept in the picture, the functions behind it."""
