"""Work orders: what is to be updated, by whom, until when, and what became of it (MAINTENANCE.md 5)."""
