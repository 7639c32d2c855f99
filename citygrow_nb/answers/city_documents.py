"""What all documents of one city in a workspace say of the city itself, whichever benchmark they answer."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pydantic import ValidationError

from citygrow_nb import atomic
from citygrow_nb.answers.documents import MAX_DOCUMENT
from citygrow_nb.answers.folders import CityFolders
from citygrow_nb.exceptions import Problem, UsageError, one_line
from citygrow_nb.model import City
from citygrow_nb.model.city_facts import Alias, Told, called
from citygrow_nb.slugs import slugify
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
            path = workspace.document(benchmark, slug, label)
            raw = json.loads(atomic.read(path, MAX_DOCUMENT, within=workspace.answers))
            city = City.model_validate(raw["city"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError):
            continue
        if city.slug == slug:  # or it is another city's, in the wrong folder
            found.append(Told(benchmark, label, city))
    return found


def folders_of(workspace: Workspace, aliases: Iterable[Alias] = ()) -> CityFolders:
    """Return the cities of a workspace by folder name; ``aliases`` as in :class:`CityFolders`."""
    slugs = {slug for benchmark in workspace.answered() for slug, _ in workspace.documents(benchmark)}
    return CityFolders({slug: told_of(workspace, slug) for slug in slugs}, aliases)


def city_called(workspace: Workspace, text: str) -> City | None:
    """Return the city of a workspace that has this folder name or this name; None if there is none.

    Parameters
    ----------
    workspace
        Where to look.
    text
        Folder name, or the name in full.

    Raises
    ------
    UsageError
        If several cities have this name.
    """
    folders = folders_of(workspace)
    if (known := folders.city(text)) is not None:
        return known
    found = folders.namesakes(City(name=text, slug=slugify(text)))
    if len(found) > 1:
        there = one_line(f"{each.slug} ({called(each)})" for each in found)
        raise UsageError(
            Problem(f"city “{text}”", "several cities here have this name", there, "write its folder name")
        )
    return found[0] if found else None
