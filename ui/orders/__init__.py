"""Work orders in the window: board, list, page of one order, dialogs, pins over the city."""
