"""From an executed workbook to one standalone HTML page, or a refusal that says what is wrong with it."""

from citygrow_nb.exporting.pages import page

__all__ = ["page"]
