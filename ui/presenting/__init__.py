"""Presenting: the audience's picture, the story that is told, the presenter's screen."""
