"""Results of analyses and scenarios in the window: lists, the page of one result, what it paints."""
