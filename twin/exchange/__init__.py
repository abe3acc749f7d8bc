"""What goes to and comes from other programs beside models: one package a format, in plain records."""
