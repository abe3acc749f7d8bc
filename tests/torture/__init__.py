"""Writing a project while somebody pulls the plug."""
