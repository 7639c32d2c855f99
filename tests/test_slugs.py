"""Folder names for cities and rounds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.slugs import (
    MAX_ROUND,
    MAX_SLUG,
    RESERVED,
    ROUND_PATTERN,
    SLUG_PATTERN,
    same_name,
    slugify,
    suggest_round,
    unique_slug,
)

names = st.one_of(
    st.text(max_size=100),
    st.sampled_from(["../../etc/passwd", "CON", "com1", "NUL", "..", ".", "C:\\temp", "ﬁ", "ß" * 80, "", "🏙️", "A\0B"]),
)


def is_slug(text: str) -> bool:
    return bool(re.fullmatch(SLUG_PATTERN, text)) and len(text) <= MAX_SLUG and text not in RESERVED


@given(names)
def test_any_name_gives_a_safe_folder(name: str) -> None:
    """Whatever the name, its slug is short, plain and no name that a system reserves."""
    assert is_slug(slugify(name))


@given(names)
def test_slug_is_stable(name: str) -> None:
    """The slug of a slug is itself, and other spellings of the same name have the same slug."""
    assert slugify(slugify(name)) == slugify(name)
    assert slugify(f"  {name} ") == slugify(name)


@given(st.lists(names, max_size=20))
def test_different_names_have_different_slugs(cities: list[str]) -> None:
    """Within one table no two names share a folder, and each name keeps its own."""
    taken: dict[str, str] = {}
    for name in cities:
        slug = unique_slug(name, taken)
        assert is_slug(slug)
        assert same_name(taken.setdefault(slug, name)) == same_name(name)
    for slug, name in taken.items():
        assert unique_slug(name, taken) in {slug, slugify(name)}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Żabia Góra", "zabia-gora"),
        ("Æblehavn", "aeblehavn"),
        ("'s-Hertogenbosch", "s-hertogenbosch"),
        ("Αθήνα", "athina"),
        ("القاهرة", "lqhrh"),
        ("東京", "dongjing"),
        ("CON", "city-con"),
        ("Lpt9", "city-lpt9"),
    ],
)
def test_known_names(name: str, slug: str) -> None:
    """Names in several scripts give the slugs that documents on disk already have."""
    assert slugify(name) == slug


def test_long_names_that_begin_alike_differ() -> None:
    """Two long names with the same beginning do not end in one folder."""
    one, two = slugify("a" * 100), slugify("a" * 101)
    assert one != two
    assert len(one) == len(two) == MAX_SLUG


@pytest.mark.parametrize(("one", "other", "equal"), [("ZÜRICH", "zürich", True), ("Zürich", "Zurich", False)])
def test_same_name(one: str, other: str, equal: bool) -> None:
    """Case does not make another city, an accent does."""
    assert (same_name(one) == same_name(other)) is equal


@given(st.text(max_size=60))
def test_suggested_round_is_one(label: str) -> None:
    """What is suggested for a round can name one."""
    round_label = suggest_round(label)
    assert re.fullmatch(ROUND_PATTERN, round_label)
    assert len(round_label) <= MAX_ROUND
