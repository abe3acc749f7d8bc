"""What is prepared to be shown: saved views, marks in space, stories of scenes."""
