"""Which folder a city has, and when a person has to say it."""

from __future__ import annotations

import itertools

import pytest

from citygrow_nb.answers.folders import CityFolders
from citygrow_nb.exceptions import StoreError
from citygrow_nb.model import Assessment, City
from citygrow_nb.model.city_facts import Alias, Told
from citygrow_nb.slugs import unique_slug
from tests.factories import assessment


def here(*cities: tuple[str, str, str], aliases: tuple[Alias, ...] = ()) -> CityFolders:
    """Return folders of cities of which slug, name and country are given."""
    told = {
        slug: [Told("demo", "2026", City(name=name, slug=slug, country=code or None))] for slug, name, code in cities
    }
    return CityFolders(told, aliases)


def came(slug: str, name: str, country: str = "", round_label: str = "2026") -> Assessment:
    city = City(name=name, slug=slug, country=country or None)
    return assessment(city=city, round_label=round_label)


DISK = (
    ("zurich", "Zürich", ""),
    ("zurich-811dae", "Zurich", ""),
    ("basel", "Basel", ""),
    ("halle", "Halle", "DE"),
    ("essen-be", "Essen", "BE"),
    ("essen-de", "Essen", "DE"),
)


@pytest.mark.parametrize(
    ("slug", "name", "country", "own"),
    [
        ("zurich", "Zürich", "", "zurich"),
        ("zurich", "ZÜRICH", "CH", "zurich"),
        ("zurich", "Zurich", "", "zurich-811dae"),
        ("zurich-811dae", "Zurich", "", "zurich-811dae"),
        ("geneve", "Genève", "", "geneve"),
        ("chosen", "Anything", "", "chosen"),
        ("halle", "halle", "DE", "halle"),
        ("halle", "Halle", "", "halle"),
        ("halle-be", "Halle", "BE", "halle-be"),
        ("essen-be", "Essen", "BE", "essen-be"),
        ("essen-be", "Essen", "", "essen-be"),
        ("essen", "Essen", "AT", "essen"),
    ],
)
def test_a_city_goes_where_it_is_already_or_where_nobody_is(slug: str, name: str, country: str, own: str) -> None:
    """Where folder name, name and country agree, it is the same; a country that is not told contradicts none."""
    assert here(*DISK).housed(came(slug, name, country)).city.slug == own


@pytest.mark.parametrize(
    ("slug", "name", "country", "told"),
    [
        (
            "basel",
            "Bàsel",
            "",
            "holds the answers of “Basel”; if it is the same city, write its name as “Basel”, or import",
        ),
        (
            "halle",
            "Halle",
            "BE",
            'such as “halle-be”: in a table in the column slug, or import with --same "Halle (BE)=halle-be"',
        ),
        ("halle", "Halle", "BE", 'write its country as DE, or import with --same "Halle (BE)=halle"'),
        ("halle", "Köthen", "AT", "write its name as “Halle” and write its country as DE"),
        ("halle-de", "Halle", "DE", 'if it is another, import with --same "Halle (DE)=halle-de"'),
        ("essen", "Essen", "DE", 'import with --same "Essen (DE)=essen-de"; if it is another'),
        ("essen", "Essen", "", "essen-be (Essen (BE)), essen-de (Essen (DE))"),
    ],
)
def test_where_one_of_the_three_differs_it_is_asked_with_the_cure(
    slug: str, name: str, country: str, told: str
) -> None:
    """Folder name, name or country: a person has to say whether it is the same, and is told how."""
    with pytest.raises(StoreError) as caught:
        here(*DISK).housed(came(slug, name, country))
    assert told in str(caught.value)
    assert "--same" in str(caught.value)
    assert "slug" in str(caught.value)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_order_makes_no_two_cities_one(order: tuple[int, ...]) -> None:
    """Whatever comes first, no folder ever holds two countries."""
    coming = [
        came("halle", "Halle", "DE"),
        came("halle", "Halle", "BE", "2027"),
        came("halle-de", "Halle", "DE", "2028"),
    ]
    folders = here()
    taken: dict[str, set[str | None]] = {}
    refused = 0
    for place in order:
        try:
            housed = folders.housed(coming[place])
        except StoreError:
            refused += 1
            continue
        folders.take(housed)
        taken.setdefault(housed.city.slug, set()).add(housed.city.country)
    assert all(len(countries) == 1 for countries in taken.values())
    assert refused >= 1


def test_what_was_said_is_not_asked_again() -> None:
    """By name alone, or by name and country, and for the folder name that is here as well as for a new one."""
    said = (Alias("Halle (BE)", "", "halle-be"), Alias("Hala", "Halle", "halle"))
    folders = here(*DISK, aliases=said)
    assert folders.housed(came("halle", "Halle", "BE")).city.slug == "halle-be"
    assert folders.housed(came("hala", "Hala")).city.slug == "halle"
    assert folders.housed(came("halle", "Halle", "DE")).city.slug == "halle"


def test_what_one_file_tells_apart_is_not_asked() -> None:
    """Two cities of one name and country, each with a folder name of its own, are two; once there, they stay so."""
    folders = here()
    main, oder = came("frankfurt-main", "Frankfurt", "DE"), came("frankfurt-oder", "Frankfurt", "DE")
    folders.tell_apart(["frankfurt-main", "frankfurt-oder"])
    for each in (main, oder):
        folders.take(folders.housed(each))
    again = CityFolders({city.city.slug: [Told("demo", "2026", city.city)] for city in (main, oder)})
    assert [again.housed(each).city.slug for each in (oder, main)] == ["frankfurt-oder", "frankfurt-main"]


def test_renamed_city_is_known_by_the_name_of_an_earlier_round() -> None:
    """An older file of it comes in; a name that no document here tells is asked about."""
    old, new = City(name="Old", slug="old"), City(name="New", slug="old")
    folders = CityFolders({"old": [Told("demo", "2025", old), Told("demo", "2026", new)]})
    assert folders.housed(came("old", "Old")).city.slug == "old"
    with pytest.raises(StoreError, match='write its name as “New”, or import with --same "Newer=old"'):
        folders.housed(came("old", "Newer"))


@pytest.mark.parametrize(
    ("name", "country", "slug"),
    [
        ("Genève", "", "geneve"),
        ("Bàsel", "", unique_slug("Bàsel", {"basel": "Basel"})),
        ("Halle", "BE", "halle-be"),
    ],
)
def test_new_city_gets_a_folder_that_nobody_has(name: str, country: str, slug: str) -> None:
    """Of its name alone, or of name and country, or with a fingerprint of the name."""
    assert here(*DISK).new_slug(City(name=name, slug="x", country=country or None)) == slug
