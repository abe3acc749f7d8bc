"""Areas of responsibility and zones in the view: outlines over the city, drawn and changed with the mouse."""
