"""The hostile city is as hostile as it says, and every fragment of it stays text."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

from markupsafe import escape as escaped

from citygrow_nb import answers, rendering
from citygrow_nb.model import Benchmark, State
from citygrow_nb.scoring import compare
from tests import hostile


class Tags(HTMLParser):
    """Collects elements, and attributes that could do something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.acting: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.acting += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        address = "".join(value or "" for name, value in attrs if name in {"href", "src", "xlink:href"})
        self.acting += [address] if address and not address.startswith(("http", "mailto:", "#", "x.html")) else []

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_field_is_filled_and_the_document_is_one_that_can_be_saved(benchmark: Benchmark) -> None:
    city = hostile.hostile_city(benchmark)
    assert answers.parse(answers.dump(city), "hostile.json", benchmark) == city
    given = [answer for responses in city.responses.values() for answer in responses.values()]
    assert {answer.state for answer in given} == set(State)
    assert max(len(answer.comment) for answer in given) >= hostile.LONG - 1
    assert all(answer.comment and answer.evidence for answer in given)
    assert set(city.context) == set(benchmark.contexts)
    assert len(city.respondents) == len(city.responses) == 6


def test_fragments_show_what_was_typed_and_obey_none_of_it(benchmark: Benchmark) -> None:
    city, earlier = hostile.hostile_city(benchmark), hostile.hostile_city(benchmark, "2025")
    links = dict.fromkeys(benchmark.factors, "x.html")
    changes = compare(benchmark, earlier, city)
    pieces = [
        rendering.summary(benchmark, city, links=links, past=rendering.Past(changes)),
        *(rendering.question(benchmark, city, code).html for code in benchmark.questions),
        *(rendering.context(benchmark, city, code).html for code in benchmark.contexts),
        rendering.city_facts(benchmark, city).html,
        rendering.context_beside_factors(benchmark, city).html,
    ]
    tags = Tags()
    tags.feed("".join(pieces))
    assert tags.tags.isdisjoint({"script", "img", "b", "i", "iframe", "textarea", "form"})
    assert tags.acting == []
    for text in hostile.TEXTS:
        assert answers_text(text) in tags.text


def answers_text(text: str) -> str:
    """Return a text as the model keeps it on one line."""
    return " ".join(text.split())[:40].strip()


def test_page_of_the_hostile_city_names_it_as_typed(benchmark: Benchmark) -> None:
    city = hostile.hostile_city(benchmark)
    html = rendering.page(title=city.city.name, body=f"<h1>{escaped(city.city.name)}</h1>")
    assert hostile.SCRIPT not in html
    assert escape(hostile.SCRIPT, quote=False) in html


def test_no_page_of_the_hostile_city_changes_the_order_of_letters(benchmark: Benchmark) -> None:
    """Comments, which keep in the document what was typed, show it on pages; a name shows it everywhere."""
    city = hostile.hostile_city(benchmark)
    commented = next(code for code in benchmark.questions if "\u202e" in rendering.question(benchmark, city, code).html)
    html = rendering.page(title="\u202e", body=rendering.question(benchmark, city, commented).html)
    assert "\u202e" not in html + city.city.name
    assert r"\u202eright to left\u202c" in html
    assert r"\u202e" in city.city.name
