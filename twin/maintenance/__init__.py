"""The maintenance rules: which objects are stale, who updates them, how often. Pure functions over columns."""
