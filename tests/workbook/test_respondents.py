"""Who can be chosen to answer here."""

import pytest

from citygrow_nb.exceptions import UsageError
from citygrow_nb.workbook import respondents
from tests.factories import assessment


def test_institutions_by_name_and_persons_with_a_number() -> None:
    """Persons of a survey answer there, and are not offered."""
    made = assessment().with_respondent("bank", "Bank", kind="institution")
    made = made.with_respondent("unit", "Unit", kind="institution", from_city="Porto")
    made = made.with_respondent("founder-1", "Founder").with_respondent("founder-2", "Founder")
    made = made.with_respondent("p-1", "Founder")
    assert list(respondents.offered(made).values()) == [
        *("the city: agreed answer", "Bank", "Unit (Porto)", "Founder, person 1", "Founder, person 2"),
    ]
    assert respondents.shown_as(made, "agreed") == ""
    assert respondents.shown_as(made, "founder-2") == "Founder, person 2"
    assert respondents.shown_as(made, "p-1") == "Founder"


def test_institution_keeps_its_short_name_and_every_person_has_one_of_its_own() -> None:
    made = assessment().with_respondent("bank", "Bank", kind="institution").with_respondent("founder-1", "Founder")
    bank = respondents.entered({}, "Bank")
    assert (bank.kind, respondents.key_for(made, bank)) == ("institution", "bank")
    assert respondents.key_for(made, respondents.entered({"kind": "person"}, "Founder")) == "founder-2"
    assert respondents.key_for(made, respondents.entered({"kind": "person"}, "Bank")) == "bank-1"
    older = assessment().with_respondent("bank", "Bank")  # a person, as documents without a kind have it
    assert respondents.key_for(older, bank) == "bank-2"


def test_reviewer_names_its_city() -> None:
    made = respondents.entered({"kind": "peer", "from": " Porto "}, "Unit")
    assert (made.kind, made.from_city, respondents.key_for(assessment(), made)) == (
        "institution",
        "Porto",
        "porto-unit",
    )
    with pytest.raises(UsageError, match="write the city that you come from"):
        respondents.entered({"kind": "peer", "from": " "}, "Unit")
