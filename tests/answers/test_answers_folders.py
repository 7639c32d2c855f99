"""Which folder a city has."""

from __future__ import annotations

import pytest

from citygrow_nb.answers.folders import housed, slug_for
from citygrow_nb.exceptions import StoreError
from citygrow_nb.slugs import unique_slug
from tests.factories import assessment

DISK = {"zurich": "Zürich", "zurich-811dae": "Zurich", "basel": "Basel", "my-bern": "Bern"}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Zürich", "zurich"),
        ("zürich", "zurich"),
        ("Zurich", "zurich-811dae"),
        ("Genève", "geneve"),
        ("Bàsel", unique_slug("Bàsel", DISK)),
    ],
)
def test_slug_for_a_name(name: str, slug: str) -> None:
    """A city finds its own folder, and a new one gets a folder that nobody has."""
    assert slug_for(name, DISK.get) == slug


@pytest.mark.parametrize(
    ("name", "derived", "own"),
    [
        ("Zürich", "zurich", "zurich"),
        ("Zurich", "zurich", "zurich-811dae"),
        ("Zurich", "zurich-811dae", "zurich-811dae"),
        ("Genève", "geneve", "geneve"),
        ("Anything", "chosen", "chosen"),
        ("Bern", "bern", "bern"),
    ],
)
def test_city_that_comes_from_a_table(name: str, derived: str, own: str) -> None:
    """Whatever slug a table derived, the city goes where it already is; a chosen slug is kept."""
    assert housed(assessment(name=name, slug=derived), DISK.get).city.slug == own


def test_folder_of_another_city() -> None:
    """A derived slug that belongs to a city of another name is refused, with both ways out."""
    with pytest.raises(
        StoreError, match="“basel” holds the answers of “Basel”; if it is the same city, write its name as"
    ):
        housed(assessment(name="Bàsel", slug="basel"), DISK.get)
