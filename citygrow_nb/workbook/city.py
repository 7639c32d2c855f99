"""The city's own data between its form and the model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.model import Assessment, City
from citygrow_nb.model.fields import COUNTRY


def state(assessment: Assessment | None) -> dict[str, Any]:
    """Return what the form shows: what is known, or this year's round."""
    if assessment is None:
        return {"name": "", "country": "", "people": "", "round": str(datetime.now().astimezone().year)}
    known = assessment.city
    people = "" if known.population is None else str(known.population)
    return {"name": known.name, "country": known.country or "", "people": people, "round": assessment.round}


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
    name, code = form["name"].strip(), form["country"].strip().upper()
    digits = re.sub(r"[\s.,']", "", form["people"])
    problems = []
    if not name:
        problems.append(Problem("city", "it has no name yet", todo="write its name"))
    if code and not re.fullmatch(COUNTRY, code):
        problems.append(Problem("country", f"“{form['country']}” is not a country code", "two letters, such as PL"))
    if digits and not re.fullmatch(r"[0-9]{1,9}", digits):
        problems.append(Problem("inhabitants", f"“{form['people']}” is not a number of people", "digits, or nothing"))
    if problems:
        raise UsageError(*problems)
    return City(name=name, slug=slug, country=code or None, population=int(digits) if digits else None)
