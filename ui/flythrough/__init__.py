"""The fly-through editor of the window: timeline, live play, plan of the route, film."""
