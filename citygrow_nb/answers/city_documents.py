"""What all documents of one city in a workspace say of the city itself, whichever benchmark they answer."""

from __future__ import annotations

import json

from pydantic import ValidationError

from citygrow_nb import atomic
from citygrow_nb.answers.documents import MAX_DOCUMENT
from citygrow_nb.model import City
from citygrow_nb.model.city_facts import Told, today
from citygrow_nb.slugs import same_name, slugify
from citygrow_nb.workspace import Workspace


def told_of(workspace: Workspace, slug: str) -> list[Told]:
    """Return what each document says; one that cannot be read says nothing.

    Parameters
    ----------
    workspace
        Where to look.
    slug
        The city's folder name.
    """
    found = []
    for benchmark, label in workspace.documents_of(slug):
        try:
            raw = json.loads(atomic.read(workspace.document(benchmark, slug, label), MAX_DOCUMENT))
            found.append(Told(benchmark, label, City.model_validate(raw["city"])))
        except (OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError):
            continue
    return found


def city_called(workspace: Workspace, called: str) -> City | None:
    """Return the city of a workspace that has this folder name or this name; None if there is none.

    Parameters
    ----------
    workspace
        Where to look.
    called
        Folder name, or the name in full.
    """
    slug = slugify(called)
    city = today(told_of(workspace, slug))
    known = city is not None and (called == slug or same_name(city.name) == same_name(called))
    return city if known else None
