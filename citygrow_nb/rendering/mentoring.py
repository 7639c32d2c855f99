"""Cities that mentor cities: what a city offers and needs, who was found for it and why, and the pages of a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from citygrow_nb.model import Assessment, Benchmark, Fit, KeyFactor, Match, Matching, Unserved
from citygrow_nb.model.languages import name_of
from citygrow_nb.model.mentoring import PRIORITIES
from citygrow_nb.rendering.environment import count, render
from citygrow_nb.rendering.finder import crumbs_of, many_cities_page
from citygrow_nb.rendering.fragments import Fragment
from citygrow_nb.rendering.pages import NavLink
from citygrow_nb.slugs import slugify
from citygrow_nb.workspace import MENTORING, MENTORING_CSV, MENTORING_JSON, MENTORING_XLSX

ON_ONE_PAGE = 60
"""Most matches that stand with their reasons on one page; more of them get a page for each key factor."""

PARTS = {
    "distance": "further on the factor",
    "context": "like context",
    "size": "like size",
    "language": "shared language",
    "urgency": "urgency",
}
"""What the parts of a fit are called."""


class PartOfFit(NamedTuple):
    """Points of one part of a fit, in words.

    Parameters
    ----------
    name
        What it is called.
    points, most
        Points that there are, and that there could be.
    reason
        Why, in a sentence.
    """

    name: str
    points: float
    most: float
    reason: str


def parts_of(benchmark: Benchmark, match: Match) -> list[PartOfFit]:
    """Return the parts of a match's fit."""
    weights = benchmark.scale.mentoring
    return [
        PartOfFit(name, getattr(match.fit, part), getattr(weights, part), reason)
        for (part, name), reason in zip(PARTS.items(), match.reasons, strict=True)
    ]


def most_points(benchmark: Benchmark) -> float:
    """Return the most points that a fit can have."""
    weights = benchmark.scale.mentoring
    return float(sum(getattr(weights, part) for part in Fit.model_fields))


def wishes(benchmark: Benchmark, assessment: Assessment) -> Fragment:
    """Show what a city offers to others and would like from them; with whom it does not want to work is never shown."""
    own = assessment.mentoring
    html = render(
        "wishes.html.j2",
        offers=[(benchmark.factors[item.factor], item) for item in own.offers if item.factor in benchmark.factors],
        needs=[(benchmark.factors[item.factor], item) for item in own.needs if item.factor in benchmark.factors],
        languages=[name_of(code) for code in own.languages],
        priorities=PRIORITIES,
    )
    return Fragment(html, f"{count(len(own.offers), 'offer')}, {count(len(own.needs), 'need')}")


def mentors_of(benchmark: Benchmark, matching: Matching | None, slug: str, *, way: str = "") -> Fragment:
    """Show who could help a city, and whom it could help, with the reasons.

    Parameters
    ----------
    benchmark, matching
        What was asked, and who was found; None where nobody has looked.
    slug
        The city's folder name.
    way
        Address of the folder with the network's pages, where they can be reached; empty where they cannot.
    """
    if matching is None:
        return Fragment(render("mentors.html.j2", matching=None), "nobody has looked for mentors yet")
    helped = [match for match in matching.matches if match.mentee.slug == slug]
    helping = [match for match in matching.matches if match.mentor.slug == slug]
    alone = [item for item in matching.unserved if item.mentee.slug == slug]
    html = render(
        "mentors.html.j2",
        matching=matching,
        helped=[(benchmark.factors[match.factor], match, parts_of(benchmark, match)) for match in helped],
        helping=[(benchmark.factors[match.factor], match) for match in helping],
        alone=[(benchmark.factors[item.factor], item) for item in alone],
        most=most_points(benchmark),
        way=way,
        page=MENTORING,
    )
    return Fragment(html, f"{count(len(helped), 'mentor')}, {count(len(helping), 'city', 'cities')} to help")


def network_table(benchmark: Benchmark, matching: Matching, left_out: Sequence[str]) -> Fragment:
    """Say how many needs of a network are served, and what it lacks.

    Parameters
    ----------
    benchmark, matching
        What was asked, and who was found.
    left_out
        Sentences on cities that could not be read.
    """
    titles = {factor.code: factor.short_title for factor in benchmark.key_factors}
    lacks = [(title, sum(item.factor == code for item in matching.unserved)) for code, title in titles.items()]
    html = render(
        "network.html.j2", matching=matching, lacks=[pair for pair in lacks if pair[1]], left_out=tuple(left_out)
    )
    return Fragment(html, f"{count(len(matching.matches), 'match', 'matches')}")


class _Group(NamedTuple):
    factor: KeyFactor
    matches: list[Match]
    unserved: list[Unserved]

    @property
    def file(self) -> str:
        return f"mentoring-{self.factor.code.lower()}.html"


class _Mentor(NamedTuple):
    name: str
    slug: str
    round: str
    matches: list[Match]


def mentoring_pages(
    benchmark: Benchmark, matching: Matching, *, front: bool = False, linked: bool = True
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of the pages on who mentors whom in a network.

    Parameters
    ----------
    benchmark, matching
        What was asked, and who was found.
    front
        Whether there is a front page over several benchmarks to lead back to.
    linked
        Whether reports and the page of all cities stand where links to them lead.
    """
    groups = [
        _Group(
            factor,
            [match for match in matching.matches if match.factor == factor.code],
            [item for item in matching.unserved if item.factor == factor.code],
        )
        for factor in benchmark.key_factors
    ]
    whole = len(matching.matches) <= ON_ONE_PAGE
    values: dict[str, object] = {
        "matching": matching,
        "most": most_points(benchmark),
        "weights": [(name, getattr(benchmark.scale.mentoring, part)) for part, name in PARTS.items()],
        "way": "./" if linked else "",
        "parts": lambda match: parts_of(benchmark, match),
        "priorities": PRIORITIES,
        "titles": {factor.code: factor.short_title for factor in benchmark.key_factors},
    }
    crumbs = crumbs_of(front=front) if linked else ()
    body = render(
        "mentoring.html.j2",
        benchmark=benchmark,
        groups=groups,
        whole=whole,
        mentors=_by_mentor(matching.matches),
        files=((MENTORING_XLSX, "Excel"), (MENTORING_CSV, "CSV"), (MENTORING_JSON, "JSON")),
        **values,
    )
    yield MENTORING, many_cities_page(benchmark, "Who mentors whom", body, crumbs)
    for group in () if whole else groups:
        nav = [NavLink(each.file, each.factor.short_title, each is group) for each in groups]
        body = render("mentoring-factor.html.j2", group=group, **values)
        title = f"{group.factor.title}: who mentors whom"
        up = (*crumbs, NavLink(MENTORING, "Who mentors whom"))
        yield group.file, many_cities_page(benchmark, title, body, up, nav)


def _by_mentor(matches: Sequence[Match]) -> list[_Mentor]:
    ordered = sorted(matches, key=lambda match: (slugify(match.mentor.name), match.mentor.slug))
    found = []
    for _, items in groupby(ordered, key=lambda match: match.mentor.slug):
        own = list(items)
        party = own[0].mentor
        found.append(_Mentor(party.name, party.slug, party.round, own))
    return found
