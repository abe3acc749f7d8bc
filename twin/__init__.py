"""The headless core of CityTwin: data, rules and work. Imports no Qt, no VTK, no format library."""
