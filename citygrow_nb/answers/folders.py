"""Which folder a city has: its own, in whatever order cities came, and never another city's. Reads no file itself."""

from __future__ import annotations

from collections.abc import Callable

from citygrow_nb.exceptions import Problem, StoreError
from citygrow_nb.model import Assessment, City
from citygrow_nb.slugs import same_name, slugify, unique_slug

NameOf = Callable[[str], str | None]
"""Gives the name of the city that has a folder, or None if nobody has."""


def slug_for(name: str, name_of: NameOf) -> str:
    """Return a city's slug: the one it has, else a new one that no other city has."""
    plain = slugify(name)
    holder = name_of(plain)
    return unique_slug(name, {} if holder is None else {plain: holder})


def housed(assessment: Assessment, name_of: NameOf) -> Assessment:
    """Return an assessment with the slug that its city has on disk.

    Parameters
    ----------
    assessment
        As it came, perhaps with a slug that was derived from the name without knowledge of the disk.
    name_of
        Tells who has a folder.

    Returns
    -------
    Assessment
        Unchanged if the slug was chosen by somebody, or is free.

    Raises
    ------
    StoreError
        If the slug was derived from the name, and the folder belongs to a city of another name.
    """
    city = assessment.city
    plain = slugify(city.name)
    marked = unique_slug(city.name, {plain: "\0"})
    if city.slug not in {plain, marked}:
        return assessment
    for slug in (plain, marked):
        holder = name_of(slug)
        if holder is not None and same_name(holder) == same_name(city.name):
            return assessment.model_copy(update={"city": City(**{**dict(city), "slug": slug})})
    holder = name_of(city.slug)
    if holder is None:
        return assessment
    raise StoreError(
        Problem(
            f"city “{city.name}”",
            f"its folder “{city.slug}” holds the answers of “{holder}”",
            todo=f"if it is the same city, write its name as “{holder}”; "
            f"if it is another, give it a folder name of its own, such as “{marked}” (in a table: column slug)",
        )
    )
