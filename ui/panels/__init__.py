"""The window's panels: each observes a session through a ``Desk`` and sends commands, never edits."""
