"""Fictitious cities: unmistakably made up, plausible, of all kinds, and always the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from citygrow_nb import answers, demo, scoring
from citygrow_nb.answers import AnswerStore
from citygrow_nb.exceptions import StoreError
from citygrow_nb.model import AGREED, Assessment, Benchmark, Standing, State
from citygrow_nb.workspace import Workspace


@pytest.fixture(scope="module")
def hundred(benchmark: Benchmark) -> list[Assessment]:
    return list(demo.cities(benchmark, 100))


def test_same_seed_same_cities_however_many(benchmark: Benchmark, hundred: list[Assessment]) -> None:
    """The first ten of a hundred are the ten; another seed gives others."""
    assert list(demo.cities(benchmark, 10)) == hundred[:10]
    assert list(demo.cities(benchmark, 10, seed=1)) != hundred[:10]


def test_thousands_have_names_and_folders_of_their_own(benchmark: Benchmark) -> None:
    """Also beyond the number of names that were thought up; a thousand take a few seconds."""
    made = list(demo.cities(benchmark, 1000, seed=5))
    assert len({item.city.name for item in made}) == len({item.city.slug for item in made}) == 1000


def test_many_countries_and_scripts(hundred: list[Assessment]) -> None:
    """Greek, Arabic, Cyrillic and Georgian names are among them."""
    names = "".join(item.city.name for item in hundred)
    for letter in ("Ά", "م", "Н", "ა", "Ż"):
        assert letter in names
    assert len({item.city.country for item in hundred}) >= 10


def test_every_kind_of_answer_and_city_occurs(benchmark: Benchmark, hundred: list[Assessment]) -> None:
    """Complete and barely begun, one voice and many, every state, every standing, evidence, context and plans."""
    given = [answer for item in hundred for voices in item.responses.values() for answer in voices.values()]
    assert {answer.state for answer in given} == set(State)
    assert {answer.level for answer in given} == {0, 1, 2, 3, None}
    assert any(answer.evidence for answer in given)
    assert any(answer.comment for answer in given)
    cards = [scoring.score(benchmark, item) for item in hundred]
    assert {Standing.MET, Standing.CLOSE, Standing.GAP, Standing.UNKNOWN} <= {
        factor.standing for card in cards for factor in card.factors
    }
    assert max(card.coverage for card in cards) > 0.9
    assert min(card.coverage for card in cards) < 0.2
    assert any(AGREED not in item.responses for item in hundred)
    assert any(len(item.responses) > 5 for item in hundred)
    assert any(item.actions for item in hundred)
    assert any(item.groups for item in hundred)
    questions = [question for card in cards for factor in card.factors for question in factor.questions]
    assert any(question.contested for question in questions)
    assert any(question.basis == "agreed" and question.voices and not question.disputed for question in questions)
    assert any(item.context for item in hundred)


def test_links_lead_nowhere_real(hundred: list[Assessment]) -> None:
    """All evidence points to a domain that is reserved for examples."""
    links = {
        piece.url
        for item in hundred
        for voices in item.responses.values()
        for a in voices.values()
        for piece in a.evidence
    }
    assert links
    assert all(link.startswith("https://example.org/") for link in links)


def test_documents_are_sound(benchmark: Benchmark, hundred: list[Assessment]) -> None:
    """Each can be written and read like any other."""
    for item in hundred:
        assert answers.parse(answers.dump(item), "x", benchmark) == item


def test_another_benchmark_will_do(tiny: Benchmark) -> None:
    """Nothing here knows the shipped one."""
    assert all(
        set(voices) <= set(tiny.questions) for item in demo.cities(tiny, 5) for voices in item.responses.values()
    )


def test_saved_answers_are_never_replaced(benchmark: Benchmark, tmp_path: Path) -> None:
    """Writing the same again is no fault; other answers under the same name are."""
    store = AnswerStore(Workspace(tmp_path), benchmark)
    first = list(demo.write(store, 3))
    assert list(demo.write(store, 3)) == first
    path = store.document(first[1].city.slug, first[1].round)
    path.write_bytes(answers.dump(first[1].model_copy(update={"responses": {}, "context": {}})))
    with pytest.raises(StoreError, match="already has answers"):
        list(demo.write(store, 3))
