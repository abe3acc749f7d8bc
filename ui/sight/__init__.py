"""Sight in the window: the tool, the drawing of what analyses found, profiles and coordinates."""
