"""The city's own data between its form and the model."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.model import Assessment, City, countries
from citygrow_nb.model.fields import can_be_seen
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


def entered(form: Mapping[str, Any], slug: str) -> City:
    """Return the city that a form sent.

    Parameters
    ----------
    form
        ``name``, ``country`` and ``people`` as typed.
    slug
        Folder name that the city has or gets.

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
    return City(name=name, slug=slug, country=code, population=int(digits) if digits else None)


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


def which(here: str, typed: str) -> dict[str, Any]:
    """Ask whether a name that nobody here has yet is another city's, or the open one's new name."""
    text = f"Not saved yet: “{here}” is open. Is “{typed}” another city, or the new name of this one?"
    return {"text": text, "choices": [["Another city", "new"], ["New name of this one", "rename"]]}


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
