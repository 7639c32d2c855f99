"""Country codes."""

from __future__ import annotations

import re

from citygrow_nb.model.countries import COUNTRIES, MISTAKEN


def test_list_is_that_of_the_standard() -> None:
    """ISO 3166-1 has 249 officially assigned codes; Kosovo's is in use beside them."""
    assert len(COUNTRIES - {"XK"}) == 249
    assert all(re.fullmatch("[A-Z]{2}", code) for code in COUNTRIES)


def test_mistaken_codes_lead_to_real_ones() -> None:
    """A suggestion is never another mistake."""
    assert set(MISTAKEN) & COUNTRIES == set()
    assert set(MISTAKEN.values()) <= COUNTRIES
