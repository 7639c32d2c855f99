"""From a published toolkit to a draft benchmark: what stands in the document, in order, with what is doubtful marked.

Nothing is invented: every text of a draft stands in the document. What a document cannot give is left open.
"""

from citygrow_nb.drafting.document import read
from citygrow_nb.drafting.toolkit import Toolkit, understand
from citygrow_nb.drafting.yaml_files import doubts, save, write

__all__ = ["Toolkit", "doubts", "read", "save", "understand", "write"]
