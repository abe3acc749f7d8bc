"""Evidence of change and joined tables in the window: the panel, the marks over the city, the imports."""
