"""What a workbook's cells call: one call each, and a sentence instead of a traceback while people work."""

from citygrow_nb.workbook.book import Workbook, current, open_workbook
from citygrow_nb.workbook.cities import Cities, current_portfolio, open_portfolio
from citygrow_nb.workbook.frames import answers_frame, scores_frame

__all__ = [
    "Cities",
    "Workbook",
    "answers_frame",
    "current",
    "current_portfolio",
    "open_portfolio",
    "open_workbook",
    "scores_frame",
]
