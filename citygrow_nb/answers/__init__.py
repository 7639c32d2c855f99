"""Answers on disk: assessment documents, how two versions of one are merged, and the store that saves them.

Knows files, knows nothing of notebooks, forms or tables.
"""

from citygrow_nb.answers.city_documents import city_called
from citygrow_nb.answers.documents import MAX_DOCUMENT, dump, parse
from citygrow_nb.answers.merge import Conflict, Merged, merge
from citygrow_nb.answers.store import AnswerStore, Saved

__all__ = ["MAX_DOCUMENT", "AnswerStore", "Conflict", "Merged", "Saved", "city_called", "dump", "merge", "parse"]
