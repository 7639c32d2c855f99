"""Who answers in a workbook: institutions by name, and persons who answer here, each with a number."""

from __future__ import annotations

from collections import Counter

from citygrow_nb.model import AGREED, Assessment
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


def key_for(assessment: Assessment, role: str, kind: str) -> str:
    """Return a short name: an institution's own, or a new one for one more person of a role."""
    plain = slugify(role)
    there = assessment.respondents.get(plain)
    if kind == "institution" and (there is None or there.kind == kind):
        return plain
    number = 1
    while f"{plain}-{number}" in assessment.respondents or (number == 1 and kind == "institution"):
        number += 1
    return f"{plain}-{number}"
