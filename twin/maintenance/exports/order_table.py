"""Orders as CSV (RFC 4180) for spreadsheets: one line an order, no cell is run as a formula."""

from twin.maintenance.orders.book import Book, table
from twin.tables import as_csv


def write(book: Book) -> bytes:
    """Return UTF-8 CSV with a byte order mark, without which spreadsheets misread Chinese."""
    return as_csv(table(book), bom=True)
