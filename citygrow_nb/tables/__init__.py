"""Tables of answers: CSV and XLSX, long (one answer a row) and wide (one city a row), in and out.

Knows files, knows nothing of assessment documents on disk.
"""

from citygrow_nb.tables.blank import template
from citygrow_nb.tables.reading import Reading, read, stream
from citygrow_nb.tables.writing import Written, write

__all__ = ["Reading", "Written", "read", "stream", "template", "write"]
