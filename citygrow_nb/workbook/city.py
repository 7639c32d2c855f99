"""The city's own data between its form and the model."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from citygrow_nb.answers import CityFolders
from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.model import Assessment, City, countries
from citygrow_nb.model.city_facts import called
from citygrow_nb.model.fields import can_be_seen
from citygrow_nb.slugs import slugify
from citygrow_nb.workbook import progress
from citygrow_nb.workbook.place import CITY_VARIABLE


def state(assessment: Assessment | None) -> dict[str, Any]:
    """Return what the form shows: what is known, or this year's round."""
    offered = {"countries": countries.choices()}
    if assessment is None:
        year = str(datetime.now().astimezone().year)
        return {**offered, "name": "", "country": "", "people": "", "round": year, "following": ""}
    known = assessment.city
    return {
        **offered,
        "name": known.name,
        "country": known.country or "",
        "people": "" if known.population is None else str(known.population),
        "round": assessment.round,
        "following": progress.next_round(assessment.round),
    }


def entered(form: Mapping[str, Any]) -> City:
    """Return the city that a form sent, with the folder name that follows from its name.

    Parameters
    ----------
    form
        ``name``, ``country`` and ``people`` as typed.

    Raises
    ------
    UsageError
        With all faults at once.
    """
    name, country = form["name"].strip(), form["country"].strip()
    digits = re.sub(r"[\s.,']", "", form["people"])
    problems = []
    if not can_be_seen(name):
        problems.append(Problem("city", "it has no name yet", todo="write its name"))
    code = None
    try:
        code = countries.find(country) if country else None
    except ValueError as error:
        problems.append(Problem("country", str(error)))
    if digits and not re.fullmatch(r"[0-9]{1,9}", digits):
        problems.append(Problem("inhabitants", f"“{form['people']}” is not a number of people", "digits, or nothing"))
    if problems:
        raise UsageError(*problems)
    return City(name=name, slug=slugify(name), country=code, population=int(digits) if digits else None)


def closed(why: str, start: str) -> str:
    """Say why no city is open, and what to do.

    Parameters
    ----------
    why
        As an error tells it.
    start
        Workbook in which a city can be named; empty if it is this one.
    """
    way = f"Name yours in the workbook {start}, then come back here; if this stays, run all cells."
    here = "Name yours below, under “The city”, or choose a file with answers that you downloaded."
    return f"{why[0].upper()}{why[1:]}. {way if start else here}"


def question(folders: CityFolders, typed: City, here: City | None, answer: str) -> dict[str, Any]:
    """Ask which city is meant, where nobody but a person can tell; nothing if it is clear, or was answered.

    Parameters
    ----------
    folders
        The cities of the workspace.
    typed
        The city that a form sent.
    here
        The one that is open, if any.
    answer
        What was answered: ``new``, or the folder name of a city.
    """
    if answer == "new" or answer in folders or _fitting(folders, typed, here) is not None:
        return {}
    others = folders.named(typed.name)
    corrected = here is not None and here.name == typed.name
    rename = [["This one, with another country" if corrected else "New name of this one", "rename"]] if here else []
    if others:
        there = " and ".join(called(city) for city in others)
        text = f"Not saved yet: {there} is here already. Is “{called(typed)}” the same city, or another?"
        choices = [[f"The same as {called(city)}", city.slug] for city in others]
        return {"text": text, "choices": [*choices, ["Another city", "new"], *rename]}
    if here is None:
        return {}
    text = f"Not saved yet: “{here.name}” is open. Is “{typed.name}” another city, or the new name of this one?"
    return {"text": text, "choices": [["Another city", "new"], *rename]}


def meant(folders: CityFolders, typed: City, here: City | None, answer: str) -> City:
    """Return the city that is meant: as it is known, or as typed if it is new; parameters as of :func:`question`."""
    known = folders.city(answer) if answer in folders else None if answer == "new" else _fitting(folders, typed, here)
    return known or typed.model_copy(update={"slug": folders.new_slug(typed)})


def _fitting(folders: CityFolders, typed: City, here: City | None) -> City | None:
    """Return the one city here that has the name, and the country that was typed."""
    if here is not None and typed.country == here.country:
        typed = typed.model_copy(update={"country": None})  # the field still holds that of the city that is open
    found = folders.namesakes(typed)
    return found[0] if len(found) == 1 else None


def way_on(slug: str, following: dict[str, str]) -> dict[str, Any]:
    """Return what the reply to a saved city adds: the next workbook, or that others show another city."""
    opened = os.environ.get(CITY_VARIABLE) or slug
    if opened == slug:
        return {"next": following}
    text = (
        f"Saved. But JupyterLab was opened for the city “{opened}”, and the other workbooks show that one. "
        f"To go on with this one, start “citygrow lab {slug}”."
    )
    return {"text": text}
