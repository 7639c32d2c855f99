"""A fictitious toolkit, set in three ways: as a text layer with its columns run together, in two columns, in one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import wrap

from ruamel.yaml import YAML

WIDE, NARROW = 95, 38
"""Letters in a line that spans the page, and in one of a column."""

STYLE = """
@page { size: A4; margin: 2cm }
body { font: 10pt sans-serif }
section { break-before: page }
p, h2, h3 { margin: 0 0 9pt }
.l, .r { width: 45%; margin-bottom: 9pt }
.l { float: left; clear: left }
.r { float: right; clear: right }
"""


@dataclass(frozen=True)
class Factor:
    """One key factor as published."""

    title: str
    statement: str
    rationale: str
    questions: tuple[str, ...]
    practices: tuple[tuple[str, str, tuple[str, ...]], ...]
    """City, text, links."""


@dataclass(frozen=True)
class Published:
    """A toolkit."""

    title: str
    standard: str
    introduction: str
    terms: tuple[tuple[str, str], ...]
    factors: tuple[Factor, ...]
    contexts: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())


def _loaded() -> Published:
    data = YAML(typ="safe").load(Path(__file__).parent / "libraries.yaml")
    factors = tuple(
        Factor(
            item["title"],
            item["statement"],
            item["rationale"],
            tuple(item["questions"]),
            tuple((each["city"], each["text"], tuple(each["links"])) for each in item["practices"]),
        )
        for item in data["factors"]
    )
    contexts = tuple((item["title"], tuple(item["points"])) for item in data["contexts"])
    terms = tuple((term, definition) for term, definition in data["terms"])
    return Published(data["title"], data["standard"], data["introduction"], terms, factors, contexts)


LIBRARIES = _loaded()


def run_together(toolkit: Published) -> str:
    """Return the toolkit as the text layer of a PDF file: a page a factor, columns one below the other."""
    out = [
        " About",
        "",
        *_lines("This toolkit is invented. It stands here so that reading toolkits can be tried.", NARROW),
    ]
    out += [
        " Integrating Cities Standard",
        "",
        *_lines(toolkit.standard, NARROW),
        "",
        *_lines(toolkit.introduction, NARROW),
    ]
    out += ["", *_lines(toolkit.title, 30), "", "NOTE ON TERMS USED IN THE BENCHMARK", ""]
    for term, definition in toolkit.terms:
        out += [*_lines(f"{term}: {definition}", NARROW), ""]
    for number, factor in enumerate(toolkit.factors, start=4):
        # One page has its number above it.
        out += [f"{number} Paper Cities 2031-2033", ""] if number == 5 else []
        out += ["EXAMPLESGUIDE QUESTIONS" if number == 5 else " EXAMPLESGUIDE QUESTIONS", ""]
        out += [
            *_lines(factor.title.upper(), 30),
            "",
            *_lines(factor.statement, WIDE),
            "",
            *_lines(factor.rationale, WIDE),
            "",
        ]
        for question in factor.questions:
            out += [*_lines(f"»» {question}", NARROW), ""]
        for city, text, _ in factor.practices:
            out += [city.upper(), "", *_lines(text, 60, broken=True), ""]
        out += [link for _, _, links in factor.practices for link in links]
    out += [" Context factors", "", *_lines("The following can help or hinder a city.", WIDE), ""]
    for title, points in toolkit.contexts:
        out += [*_lines(title.upper(), 26), "", *(line for point in points for line in _lines(f"•\t {point}", 50)), ""]
        out += ["EXAMPLES OF WHAT THIS FACTOR MAY INVOLVECONTEXT FACTORS"] if title.startswith("Rules") else []
    out += [" About PAPER CITIES", "", "The project never took place."]
    return "\n".join(out) + "\n"


def in_one_column(toolkit: Published) -> str:
    """Return the toolkit with numbered questions, in one column, with headings in small letters."""
    out = [
        toolkit.title,
        "",
        "Standard",
        "",
        *_lines(toolkit.standard, WIDE),
        "",
        *_lines(toolkit.introduction, WIDE),
        "",
    ]
    out += ["Terms", ""]
    for term, definition in toolkit.terms:
        out += [*_lines(f"{term}: {definition}", WIDE), ""]
    for number, factor in enumerate(toolkit.factors, start=1):
        out += [f"\fKey factor {number}: {factor.title}", ""]
        out += [*_lines(factor.statement, WIDE), "", *_lines(factor.rationale, WIDE), "", "Guide questions", ""]
        for place, question in enumerate(factor.questions, start=1):
            out += _lines(f"{place}. {question}", WIDE)
        out += ["", "Examples", ""]
        for city, text, _ in factor.practices:
            out += [*_lines(f"{city}: {text}", WIDE), ""]
    out += ["\fContext factors", ""]
    for title, points in toolkit.contexts:
        out += [title, *(line for point in points for line in _lines(f"- {point}", WIDE)), ""]
    return "\n".join(out) + "\n"


def as_html(toolkit: Published) -> str:
    """Return the toolkit as a document to print: a factor a page, questions on the left, examples on the right."""

    def factor(item: Factor) -> str:
        questions = "".join(f"<p>»» {question}</p>" for question in item.questions)
        examples = "".join(f"<h3>{city.upper()}</h3><p>{text}</p>" for city, text, _ in item.practices)
        heads = "<div class=l>GUIDE QUESTIONS</div><div class=r>EXAMPLES</div>"
        return (
            f"<section><h2>{item.title.upper()}</h2><p>{item.statement}</p><p>{item.rationale}</p>{heads}"
            f"<div class=l>{questions}</div><div class=r>{examples}</div></section>"
        )

    terms = "".join(f"<p>{term}: {definition}</p>" for term, definition in toolkit.terms)
    contexts = "".join(
        f"<h2>{title.upper()}</h2>{''.join(f'<p>• {point}</p>' for point in points)}"
        for title, points in toolkit.contexts
    )
    body = "".join(map(factor, toolkit.factors))
    head = f"<h1>{toolkit.title}</h1><h2>Integrating Cities Standard</h2><p>{toolkit.standard}</p>"
    head += f"<p>{toolkit.introduction}</p><h2>NOTE ON TERMS USED IN THE BENCHMARK</h2>{terms}"
    html = f"<html><style>{STYLE}</style>{head}{body}<section><h1>Context factors</h1>{contexts}</section></html>"
    return html.replace("&", "&amp;")


def _lines(text: str, width: int, *, broken: bool = False) -> list[str]:
    """Set a text in lines, each with the space at its end that text layers have; links may be broken as well."""
    if broken:
        text = text.replace("https://example.org/", "https://example. org/")
    lines = wrap(text, width, break_on_hyphens=True)
    if broken:
        lines = "\n".join(lines).replace("example. org", "example.\norg").split("\n")
    return [f"{line} " for line in lines]
