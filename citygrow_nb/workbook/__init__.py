"""What a workbook's cells call: one call each, and a sentence instead of a traceback while people work."""

from citygrow_nb.workbook.book import Workbook, current, open_workbook
from citygrow_nb.workbook.cities import Cities, current_portfolio, open_portfolio

__all__ = ["Cities", "Workbook", "current", "current_portfolio", "open_portfolio", "open_workbook"]
