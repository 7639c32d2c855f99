"""Who answers in a workbook: institutions by name, and persons who answer here, each with a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.model import AGREED, Assessment, Respondent
from citygrow_nb.model.fields import can_be_seen
from citygrow_nb.slugs import slugify

SURVEYED = "p-"
"""Begins the short names of persons who came from a survey; they answer there."""


def offered(assessment: Assessment) -> dict[str, str]:
    """Return who can be chosen to answer here, by short name: what to call each."""
    known = {AGREED: "the city: agreed answer"}
    many = Counter[str]()
    for key, respondent in assessment.respondents.items():
        if key == AGREED or key.startswith(SURVEYED):
            continue
        if respondent.kind == "institution":
            where = f" ({respondent.from_city})" if respondent.from_city else ""
            known[key] = f"{respondent.role}{where}"
        else:
            many[respondent.role] += 1
            known[key] = f"{respondent.role}, person {many[respondent.role]}"
    return known


def shown_as(assessment: Assessment, key: str) -> str:
    """Return what forms call the one who answers; ``""`` for the city's agreed answer."""
    return "" if key == AGREED else offered(assessment).get(key, assessment.respondents[key].role)


def entered(form: Mapping[str, Any], role: str) -> Respondent:
    """Return the respondent that a form sent; without a kind, an institution.

    Raises
    ------
    UsageError
        If a reviewer does not say from which city.
    """
    kind = form.get("kind", "institution")
    city = str(form.get("from", "")).strip() if kind == "peer" else ""
    if kind == "peer" and not can_be_seen(city):
        raise UsageError(Problem("reviewer", "the city was not named", todo="write the city that you come from"))
    return Respondent(role=role, kind="person" if kind == "person" else "institution", from_city=city)


def key_for(assessment: Assessment, made: Respondent) -> str:
    """Return a short name: an institution's own, or a new one for one more person of a role."""
    plain = slugify(f"{made.from_city} {made.role}".strip())
    there = assessment.respondents.get(plain)
    if made.kind == "institution" and (there is None or there.kind == made.kind):
        return plain
    number = 1
    while f"{plain}-{number}" in assessment.respondents or (number == 1 and made.kind == "institution"):
        number += 1
    return f"{plain}-{number}"
