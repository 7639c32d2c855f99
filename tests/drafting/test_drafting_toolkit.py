"""From a published toolkit to what it consists of: nothing merged, cut or invented."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from citygrow_nb import drafting
from citygrow_nb.drafting import Toolkit
from tests.drafting.published import LIBRARIES, Published, as_html, in_one_column, run_together

LAYOUTS: dict[str, Callable[[Published], str]] = {"run together": run_together, "one column": in_one_column}


def pdf(folder: Path, toolkit: Published) -> Path:
    weasyprint = pytest.importorskip("weasyprint")
    path = folder / "toolkit.pdf"
    weasyprint.HTML(string=as_html(toolkit)).write_pdf(path)
    return path


@pytest.fixture(params=[*LAYOUTS, "two columns"])
def understood(request: pytest.FixtureRequest, tmp_path: Path) -> Toolkit:
    """Return the fictitious toolkit as it is read from each of its layouts."""
    if request.param == "two columns":
        path = pdf(tmp_path, LIBRARIES)
    else:
        path = tmp_path / "toolkit.txt"
        path.write_text(LAYOUTS[request.param](LIBRARIES), encoding="utf-8")
    return drafting.understand(drafting.read(path))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_everything_is_found_in_its_place(understood: Toolkit) -> None:
    """Standard, terms, factors, questions, practices under their cities, context factors and points, one to one."""
    assert understood.title.text == LIBRARIES.title
    assert understood.standard.text == LIBRARIES.standard
    assert understood.introduction == [LIBRARIES.introduction]
    assert [(term.title, term.text) for term in understood.terms] == list(LIBRARIES.terms)
    for found, published in zip(understood.factors, LIBRARIES.factors, strict=True):
        assert found.title == published.title
        assert found.paragraphs == [published.statement, published.rationale]
        assert [question.text for question in found.parts] == list(published.questions)
        assert [practice.title for practice in found.practices] == [city for city, _, _ in published.practices]
        assert [practice.text for practice in found.practices] == [text for _, text, _ in published.practices]
    told = [(context.title, tuple(point.text for point in context.parts)) for context in understood.contexts]
    assert told == list(LIBRARIES.contexts)


def test_links_are_whole(understood: Toolkit) -> None:
    """Also where a line ends in their middle, and where they begin with www."""
    from citygrow_nb.drafting.wording import links

    for found, published in zip(understood.factors, LIBRARIES.factors, strict=True):
        for practice, (_, _, wanted) in zip(found.practices, published.practices, strict=True):
            assert tuple(links(practice.text, understood.links)) == wanted


def test_what_belongs_nowhere_is_named(tmp_path: Path) -> None:
    """Pages about the project are left aside, with their place and beginning."""
    path = tmp_path / "toolkit.txt"
    path.write_text(run_together(LIBRARIES), encoding="utf-8")
    left = drafting.understand(drafting.read(path)).left_aside
    assert any(line.startswith("page 1, line 3: This toolkit is invented.") for line in left)
    assert any("The project never took place." in line for line in left)
    assert not any("Does" in line for line in left)


def test_every_item_has_its_place(understood: Toolkit) -> None:
    """Page and line, so that a person can look it up."""
    items = [understood.standard, *understood.terms, *understood.factors, *understood.contexts]
    items += [part for item in items for part in (*item.parts, *item.practices)]
    assert all(re.fullmatch(r"page \d+, line \d+", item.place) for item in items)
    assert len({item.place for item in items}) == len(items)


@pytest.mark.parametrize(
    ("lines", "doubt"),
    [
        ("»» Is there a plan\n", "does not end as a question"),
        ("»» Is there a plan?\n\nAnd money for it.\n", "does this paragraph belong to the question?"),
        ("»» Is there a rela-\ntionship?\n", "“rela-tionship” was parted at a line end"),
        ("»» Is there a plan?\n\nFICTIONFORD\n\n", "is it a city?"),
        ("»» Is there a plan?\n\nFICTIONFORD\n\nSee https://example.\norg/plan for it.\n", "was broken across lines"),
    ],
)
def test_what_is_doubtful_is_kept_and_said(tmp_path: Path, lines: str, doubt: str) -> None:
    """Nothing is mended by a guess without a word."""
    path = tmp_path / "toolkit.txt"
    path.write_text(f"Standard\n\nThe city plans.\n\n\fA FACTOR\n\nGood.\n\nBecause.\n\n{lines}", encoding="utf-8")
    toolkit = drafting.understand(drafting.read(path))
    (factor,) = toolkit.factors
    told = [doubt for item in (factor, *factor.parts, *factor.practices) for doubt in item.doubts]
    assert any(doubt in sentence for sentence in told), told


def test_paragraphs_that_cannot_be_told_apart_are_marked(tmp_path: Path) -> None:
    """A factor without questions, or with one paragraph, is taken all the same."""
    path = tmp_path / "toolkit.txt"
    path.write_text("Standard\n\nThe city plans.\n\nKey factor 1: Plans\n\nAll in one.\n", encoding="utf-8")
    (factor,) = drafting.understand(drafting.read(path)).factors
    assert [sentence.partition(": ")[2] for sentence in factor.doubts] == [
        "no guide question was found; are they marked otherwise?",
        "statement and rationale are not told apart; which is which?",
    ]
