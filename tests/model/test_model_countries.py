"""Countries: codes, names, and what people write for them."""

from __future__ import annotations

import re

import pytest

from citygrow_nb.model import City, countries


def test_list_is_that_of_the_standard() -> None:
    """ISO 3166-1 has 249 officially assigned codes; Kosovo's is in use beside them."""
    codes = set(countries.names())
    assert len(codes - {"XK"}) == 249
    assert all(re.fullmatch("[A-Z]{2}", code) for code in codes)
    assert codes.isdisjoint({"EU", "EZ", "UN", "ZZ", "UK", "EL"})


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("PL", "PL"),
        (" pl ", "PL"),
        ("UK", "GB"),
        ("el", "GR"),
        ("xk", "XK"),
        ("Greece", "GR"),
        ("Ελλάδα", "GR"),
        ("Deutschland", "DE"),
        ("česko", "CZ"),
        ("Bosnia and Herzegovina", "BA"),
        ("Türkiye", "TR"),
        ("turkiye", "TR"),
    ],
)
def test_code_or_name_leads_to_one_country(written: str, code: str) -> None:
    """People write codes, those of the European institutions, and names in their own language."""
    assert countries.find(written) == code


@pytest.mark.parametrize("written", ["ZZ", "EU", "XX", "Atlantis", "P", "POL1", ""])
def test_what_is_no_country_is_refused(written: str) -> None:
    """The sentence says what was found and what is allowed."""
    with pytest.raises(ValueError, match=f"“{written}” is no country; allowed: "):
        countries.find(written)


def test_nearest_country_is_named() -> None:
    """A slip of the pen costs one look."""
    with pytest.raises(ValueError, match="did you mean PL, Poland"):
        countries.find("Polnad")


def test_documents_hold_the_standard_code() -> None:
    """However a document or benchmark writes it, pages and filters know one country."""
    assert City(name="Thira", slug="thira", country="EL").country == "GR"
    with pytest.raises(ValueError, match="“QQ” is no country"):
        City(name="Thira", slug="thira", country="QQ")


def test_choices_are_in_the_order_of_their_names() -> None:
    """Åland stands beside Albania, where one looks for it."""
    names = [name for _, name in countries.choices()]
    assert names.index("Åland Islands") < names.index("Albania") < names.index("Zambia")
