"""Answers on disk: assessment documents, how two versions of one are merged, and the store that saves them.

Knows files, knows nothing of notebooks, forms or tables.
"""

from citygrow_nb.answers.city_documents import city_called, folders_of
from citygrow_nb.answers.documents import MAX_DOCUMENT, dump, parse
from citygrow_nb.answers.folders import CityFolders, another_city, which_city
from citygrow_nb.answers.merge import Conflict, Merged, merge
from citygrow_nb.answers.store import AnswerStore, Saved

__all__ = [
    "MAX_DOCUMENT",
    "AnswerStore",
    "CityFolders",
    "Conflict",
    "Merged",
    "Saved",
    "another_city",
    "city_called",
    "dump",
    "folders_of",
    "merge",
    "parse",
    "which_city",
]
