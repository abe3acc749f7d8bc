"""Qt and VTK: observes a session and sends it commands."""
