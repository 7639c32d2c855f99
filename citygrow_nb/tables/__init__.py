"""Tables of answers: CSV and XLSX, long (one answer a row) and wide (one city a row), in and out.

Also the portfolio, out only.

Knows files, knows nothing of assessment documents on disk.
"""

from citygrow_nb.tables.cities import plain_spelling
from citygrow_nb.tables.forms import FORMATS, Selection, question_sheet, select, template
from citygrow_nb.tables.lists import decisions, expected_cities
from citygrow_nb.tables.network import decisions_csv, mentoring_csv, mentoring_xlsx, status_csv
from citygrow_nb.tables.plans_out import plan_ics, plan_xlsx
from citygrow_nb.tables.portfolio import portfolio_csv, portfolio_records, portfolio_xlsx
from citygrow_nb.tables.reading import Reading, read, read_all, stream, stream_all
from citygrow_nb.tables.rows import Whose
from citygrow_nb.tables.sheet import Note
from citygrow_nb.tables.writing import Written, write, write_all

__all__ = [
    "FORMATS",
    "Note",
    "Reading",
    "Selection",
    "Whose",
    "Written",
    "decisions",
    "decisions_csv",
    "expected_cities",
    "mentoring_csv",
    "mentoring_xlsx",
    "plain_spelling",
    "plan_ics",
    "plan_xlsx",
    "portfolio_csv",
    "portfolio_records",
    "portfolio_xlsx",
    "question_sheet",
    "read",
    "read_all",
    "select",
    "status_csv",
    "stream",
    "stream_all",
    "template",
    "write",
    "write_all",
]
