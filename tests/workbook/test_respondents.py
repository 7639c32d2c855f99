"""Who can be chosen to answer here."""

import pytest

from citygrow_nb.exceptions import UsageError
from citygrow_nb.model import Person
from citygrow_nb.workbook import respondents
from tests.factories import assessment, rated


def test_institutions_are_offered_by_name_and_a_person_only_to_herself() -> None:
    made = assessment().with_respondent("bank", "Bank").with_respondent("unit", "Unit", from_city="Porto")
    assert list(respondents.offered(made).values()) == ["the city: agreed answer", "Bank", "Unit (Porto)"]
    assert respondents.shown_as(made, "agreed") == ""
    key = respondents.new_person()
    seen = respondents.with_person(made, key, Person(role="Founder", answers={"KF1.Q1": rated(1)}))
    assert respondents.shown_as(seen, key) == "Founder, for yourself"
    assert seen.answer("KF1.Q1", key) == rated(1)
    assert key != respondents.new_person()


def test_reviewer_names_its_city() -> None:
    made = respondents.entered({"kind": "peer", "from": " Porto "}, "Unit")
    assert (made.kind, made.from_city, respondents.key_for(made)) == ("institution", "Porto", "porto-unit")
    assert respondents.key_for(respondents.entered({}, "Bank")) == "bank"
    with pytest.raises(UsageError, match="write the city that you come from"):
        respondents.entered({"kind": "peer", "from": " "}, "Unit")
