"""Who answers in a workbook: institutions by name, and one person who answers here for herself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.model import AGREED, Assessment, Person, Respondent
from citygrow_nb.model.fields import can_be_seen
from citygrow_nb.slugs import slugify

HERE = "h-"
"""Begins the keys of persons who answer in a form. Only the window in which one answers knows hers."""


def new_person() -> str:
    """Return the key of a person who begins to answer."""
    return HERE + secrets.token_hex(8)


def with_person(assessment: Assessment, key: str, person: Person) -> Assessment:
    """Return an assessment as the form of one person sees it, with her own answers; it is never saved."""
    return assessment.model_copy(
        update={
            "respondents": {**assessment.respondents, key: Respondent(role=person.role)},
            "responses": {**assessment.responses, key: person.answers},
        }
    )


def offered(assessment: Assessment) -> dict[str, str]:
    """Return who can be chosen to answer here, by short name: what to call each. Persons are opened by nobody."""
    known = {AGREED: "the city: agreed answer"}
    for key, respondent in assessment.respondents.items():
        if key.startswith(HERE):
            known[key] = f"{respondent.role}, for yourself"
        elif key != AGREED:
            known[key] = f"{respondent.role} ({respondent.from_city})" if respondent.from_city else respondent.role
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
    return Respondent(role=role, from_city=city)


def key_for(made: Respondent) -> str:
    """Return an institution's short name."""
    return slugify(f"{made.from_city} {made.role}".strip())
