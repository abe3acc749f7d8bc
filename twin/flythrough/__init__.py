"""Flights through the city: routes as files and records, the camera between keyframes, the scene at a time.

Live play and film ask the same pure function what the scene is (``twin.flythrough.state``). No screen here.
"""
