"""Pages of a network and of several rounds: complete, accessible, and with words that claim no more than is known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import rendering, scoring
from citygrow_nb.matching import Network, Pairing
from citygrow_nb.model import Action, Benchmark, Matching, Need, Offer, Target
from citygrow_nb.model import Mentoring as Wishes
from citygrow_nb.rendering.firmness import firmness, how_firm
from citygrow_nb.rendering.mentoring import ON_ONE_PAGE
from citygrow_nb.rendering.status import PAGE
from citygrow_nb.scoring import sensitivity, statuses
from tests import checking
from tests.factories import HOSTILE, assessment, assessment_of, benchmark, figures, not_applicable, rated
from tests.looking import in_views, violations
from tests.matching.test_matching_pairing import member

DEMO = benchmark()


def matches(count: int, name: str = "City") -> Matching:
    """Return a network in which so many needs are served, and one more is not."""
    stands = {"KF1": 100.0, "KF2": 10.0}
    cities = [member(f"Mentor{n}", stands, offers=[{"factor": "KF1", "capacity": 20}]) for n in range(count // 20 + 1)]
    cities = cities if count % 20 else cities[:-1]
    cities += [member(f"{name} {n}", {"KF1": 10, "KF2": 20}, needs=[{"factor": "KF1"}]) for n in range(count)]
    cities += [member("Alone", {"KF1": 10, "KF2": 20}, needs=[{"factor": "KF2", "priority": 1}])]
    return Pairing(DEMO, Network(cities)).matching()


# --- mentoring ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, ON_ONE_PAGE, ON_ONE_PAGE + 1])
def test_every_match_stands_by_need_and_by_mentor(count: int) -> None:
    """With its reasons on one page while there are few, else on the page of its key factor."""
    found = matches(count)
    made = dict(rendering.mentoring_pages(DEMO, found))
    assert len(found.matches) == count
    whole = "".join(made.values())
    assert (len(made) == 1) == (count <= ON_ONE_PAGE)
    assert whole.count(" of 100 points") == count
    first = made["mentoring.html"]
    assert len(re.findall(r'<li id="city-', first)) == len({match.mentor.slug for match in found.matches})
    assert "What the network lacks" in first
    assert "Without a mentor, because no city that has met it offers to mentor on it" in whole
    for file in re.findall(r'href="(mentoring-[^"]+)"', first):
        assert file in made


def test_best_is_said_only_where_it_is_known() -> None:
    exact = dict(rendering.mentoring_pages(DEMO, matches(2)))["mentoring.html"]
    assert "No other choice of mentors has more points" in exact
    hurried = matches(2).model_copy(update={"gap": 12.34})
    assert "At most 12.3 points are missing" in dict(rendering.mentoring_pages(DEMO, hurried))["mentoring.html"]


def test_links_to_reports_stand_only_where_there_are_reports() -> None:
    there = dict(rendering.mentoring_pages(DEMO, matches(2), linked=True))["mentoring.html"]
    gone = dict(rendering.mentoring_pages(DEMO, matches(2), linked=False))["mentoring.html"]
    assert './city-0/2026/index.html"' in there
    assert "index.html" not in gone


def test_a_city_is_told_who_helps_it_and_whom_it_helps() -> None:
    found = matches(2)
    helped = rendering.mentors_of(DEMO, found, "city-0").html
    assert "Who could help you" in helped
    assert "Mentor0" in helped
    assert "Mentor0 has met KF1: 100 of 100 at least; City 0 stands at 10." in helped
    helping = rendering.mentors_of(DEMO, found, "mentor0").html
    assert "Whom you could help" in helping
    assert "City 1" in helping
    assert "For which nobody was found" in rendering.mentors_of(DEMO, found, "alone").html
    assert "Nobody has looked" in rendering.mentors_of(DEMO, None, "alone").html
    assert "no need and no offer" in rendering.mentors_of(DEMO, found, "elsewhere").html


def test_vetoes_stand_on_no_page() -> None:
    """With whom a city does not want to work is nobody else's business."""
    wishes = Wishes(offers=(Offer(factor="KF1"),), needs=(Need(factor="KF2"),), not_with=("Rivalville",))
    city = assessment(mentoring=wishes)
    shown = rendering.wishes(DEMO, city).html
    assert "KF1: 1 city" in shown
    assert "Rivalville" not in shown
    assert "Rivalville" not in scoring.results(DEMO, city).model_dump_json()


def test_a_hostile_name_is_only_text() -> None:
    found = matches(3, name=HOSTILE[:80])
    for page in dict(rendering.mentoring_pages(DEMO, found)).values():
        assert "<script>alert" not in page
    assert "<script>" not in rendering.network_table(DEMO, found, [f"{HOSTILE} cannot be read"]).html


# --- status ---------------------------------------------------------------------------------------------------------


def test_status_names_everybody_once(benchmark: Benchmark) -> None:
    """Who has not begun, who is at work with what is missing, who is done."""
    cities = [
        figures(benchmark, "Done", 2),
        figures(benchmark, "Working", 2, None),
        figures(benchmark, "Sleeping", 2, round_label="2024"),
    ]
    found = statuses(benchmark, cities, "2026")
    ((file, page),) = rendering.status_pages(benchmark, found, expected=False)
    assert file == "status.html"
    assert "Of 3 cities <strong>1</strong> has answered every question" in page
    assert 'href="done/2026/index.html"' in page
    assert 'href="sleeping' not in page
    assert "last in 2024" in page
    assert "2 of 40" not in page
    assert "6 of 40" in page
    assert "list them in <code>expected.csv</code>" in page


def test_large_status_is_spread_over_pages(benchmark: Benchmark) -> None:
    working = figures(benchmark, "x", 2, None)
    many = [
        working.model_copy(update={"city": working.city.model_copy(update={"name": f"Town {n}", "slug": f"town-{n}"})})
        for n in range(PAGE + 1)
    ]
    made = dict(rendering.status_pages(benchmark, statuses(benchmark, many, "2026"), expected=True))
    assert sorted(made) == ["status-02.html", "status.html"]
    assert sum(page.count("6 of 40") for page in made.values()) == PAGE + 1
    assert 'href="status-02.html"' in made["status.html"]
    assert "expected.csv" not in made["status.html"]


# --- rounds ---------------------------------------------------------------------------------------------------------


def rounds(benchmark: Benchmark) -> list[Any]:
    """Return three rounds; in the last one other people answered the first factor, which does not apply before."""
    made = []
    for label, level in (("2022", 0), ("2024", 1), ("2026", 3)):
        city = assessment_of(benchmark, round_label=label)
        for code in benchmark.questions:
            city = city.with_answer(code, rated(level))
        made.append(city)
    return made


def test_trend_charts_have_a_name_and_their_figures_in_a_table(benchmark: Benchmark) -> None:
    trend = scoring.trend(benchmark, rounds(benchmark))
    assert trend is not None
    html = rendering.trend_charts(benchmark, trend, {"KF1": "x.html"}).html
    charts = html.count('<svg class="cg-chart"')
    assert charts == html.count('role="img"') == html.count("<desc") == len(benchmark.key_factors) + 1
    assert html.count("<td>0</td><td>33</td><td>100</td><td>up</td>") == charts
    assert "40 questions moved" in html
    assert '<a href="x.html#KF1.Q1">KF1.Q1</a>: 0 → 1 → 3' in html
    assert "Lines break" not in html


def test_broken_line_says_where_and_why(benchmark: Benchmark) -> None:
    cities = rounds(benchmark)
    code = next(iter(benchmark.questions))
    other = cities[1].with_answer(code, None).with_respondent("econ", "Economy", kind="institution")
    trend = scoring.trend(benchmark, [cities[0], other.with_answer(code, rated(1), "econ"), cities[2]])
    assert trend is not None
    title = benchmark.key_factors[0].short_title
    html = rendering.trend_charts(benchmark, trend).html
    assert f"{title} before <bdi>2024</bdi> (others answered)" in html
    assert "cannot be compared" in html


def test_round_without_a_score_leaves_a_hole(benchmark: Benchmark) -> None:
    cities = rounds(benchmark)
    for code in benchmark.questions:
        cities[1] = cities[1].with_answer(code, not_applicable())
    trend = scoring.trend(benchmark, cities)
    assert trend is not None
    assert "does not apply" in rendering.trend_charts(benchmark, trend).html


def test_follow_up_tells_each_target(benchmark: Benchmark) -> None:
    cities = rounds(benchmark)
    plan = (Action(id="a", what="<b>Ask</b>", targets=(Target(code="KF1.Q1", level=2, by="2025-12"),)),)
    before = cities[1].model_copy(update={"actions": plan})
    found = scoring.follow_up(before, cities[2])
    html = rendering.followed_up(benchmark, found, "2024").html
    assert "Of 1 target set in 2024: 1 reached." in html
    assert "&lt;b&gt;Ask&lt;/b&gt;" in html
    assert rendering.follow_up_sentence((), "2024") == "The plan of 2024 had no targets."


def test_overdue_is_marked_only_where_a_day_is_given() -> None:
    plan = (Action(id="a", what="Ask", targets=(Target(code="KF1.Q1", level=2, by="2025-12"),), with_city="Graz"),)
    city = assessment(actions=plan)
    assert "overdue" in rendering.actions(city, today="2026-11-29").html
    shown = rendering.actions(city).html
    assert "overdue" not in shown
    assert "KF1.Q1 to level 2 by 2025-12" in shown
    assert "Graz" in shown


def test_movement_counts_cities_that_took_part_in_both() -> None:
    """Of each city the latest round counts; what cannot be compared is counted apart."""
    told = []
    for slug, then, now in (("a", 0, 3), ("b", 3, 0), ("c", 1, 1)):
        both = []
        for label, level in (("2024", then), ("2026", now)):
            city = assessment(slug.upper(), slug, label)
            for code in DEMO.questions:
                city = city.with_answer(code, rated(level))
            both.append(city)
        told += [scoring.figures(DEMO, both[0])]
        told += [type(told[0]).of(scoring.results(DEMO, both[1], both[0]))]
    told += [scoring.figures(DEMO, assessment("New", "new"))]
    html = rendering.movement(DEMO, told).html
    assert "over the 3 cities that took part in both" in html
    cells = '<td class="cg-num" data-head="Up">1</td><td class="cg-num" data-head="Down">1</td>'
    assert html.count(cells + '<td class="cg-num" data-head="Unchanged">1</td>') == 2
    assert "No city has taken part in two rounds yet" in rendering.movement(DEMO, told[:1]).html


# --- what could turn it ---------------------------------------------------------------------------------------------


def test_firm_result_says_so_and_a_shaky_one_names_what_turns() -> None:
    firm = assessment()
    for code in DEMO.questions:
        firm = firm.with_answer(code, rated(3))
    said = how_firm(DEMO, scoring.score(DEMO, firm), sensitivity(DEMO, firm))
    assert said == (
        "2 of 2 met: holds for all weights, for thresholds 5 points lower or higher, and with any one answer one level "
        "off; overall 100 for all weights between half and double."
    )
    shaky = firm.with_answer("KF2.Q1", rated(2)).with_answer("KF2.Q2", rated(2))
    said = how_firm(DEMO, scoring.score(DEMO, shaky), sensitivity(DEMO, shaky))
    assert said.startswith("1 of 2 met: holds for all weights; ")
    assert "KF2 turns with" in said
    html = firmness(DEMO, shaky).html
    assert "KF2.Q1 higher: met" in html
    assert "would stay where" in html
    assert how_firm(DEMO, scoring.score(DEMO, assessment()), sensitivity(DEMO, assessment())) == ""


# --- in a browser ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_pages_of_a_network_are_accessible_and_fit(browser: Any, benchmark: Benchmark, tmp_path: Path) -> None:
    """Many matches with their pages by key factor, and many cities at work, with hostile names."""
    pages = dict(rendering.mentoring_pages(DEMO, matches(ON_ONE_PAGE + 5, name=HOSTILE[:90])))
    cities = [figures(benchmark, f"{HOSTILE[:90]} {n}", 2, None) for n in range(5)]
    pages |= dict(rendering.status_pages(benchmark, statuses(benchmark, cities, "2026"), expected=True))
    with browser.new_context() as context:
        page = context.new_page()
        for name, content in pages.items():
            path = tmp_path / name
            path.write_text(content, encoding="utf-8")
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            for width, scheme in in_views(page, [(1280, "light"), (320, "dark")]):
                assert violations(page) == [], (name, width, scheme)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert checking.faults(tmp_path) == []
