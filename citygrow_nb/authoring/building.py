"""What stands in each workbook of a benchmark.

Each code cell begins with a comment for people who are no programmers: JupyterLab shows this line of a folded cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from citygrow_nb.authoring.cells import FORM_ONLY, Cell, code, escaped, linked, markdown, notebook
from citygrow_nb.model import SMALLEST_GROUP, Benchmark, ContextFactor, GuideQuestion, KeyFactor, Practice
from citygrow_nb.model.benchmark import Scale
from citygrow_nb.model.links import safe_url
from citygrow_nb.plan import WorkbookName, plan

PARAMETERS = """# Settings; leave them as they are
city = ""  # folder name of the city; empty: the city that is being worked on
round = ""  # label of the self-test, such as "2026"; empty: the latest
form = True  # False: show what was saved, without forms"""

PRESS = (
    "**First:** in the menu *Run* at the top, choose *Run All Cells*. The grey bars become forms. "
    "Every answer is saved as you give it."
)

PRESS_TO_SEE = "**First:** in the menu *Run* at the top, choose *Run All Cells*."

_IMPORT = "from citygrow_nb import workbook"
"""In every cell, so that one that is run alone after a restart says what to do."""

PORTFOLIO_PARAMETERS = """# Settings; leave them as they are
outputs = ""  # folder with reports; empty: the answers of this workspace
form = True  # False: static page"""


def build(benchmark: Benchmark) -> dict[str, bytes]:
    """Return all workbooks of a benchmark.

    Returns
    -------
    dict
        File name to content, in reading order; the same bytes for the same benchmark.
    """
    names = plan(benchmark)
    makers: dict[str, Callable[[WorkbookName], list[Cell]]] = {
        "start": lambda _: _start(benchmark, names),
        "factor": lambda name: _factor(benchmark, benchmark.factors[name.code], names[names.index(name) + 1]),
        "context": lambda _: _context(benchmark),
        "agree": lambda _: _agree(benchmark),
        "results": lambda _: _results(benchmark),
        "portfolio": lambda _: _portfolio(benchmark),
        "mentoring": lambda _: _mentoring(benchmark),
    }
    return {
        name.file: notebook([*makers[name.kind](name), _turn(name, names)], name.title, benchmark.id) for name in names
    }


def _open(benchmark: Benchmark, show: str = "") -> list[Cell]:
    opened = f'workbook.open_workbook("{benchmark.id}", globals()){show}'
    return [
        markdown("press", PRESS, tags=[FORM_ONLY]),
        code("parameters", PARAMETERS, ["parameters"]),
        code("opening", f"# Here: your city, and how far you are\n{_IMPORT}\n\n{opened}"),
    ]


def _call(what: str, name: str, argument: str = "", tags: Sequence[str] = (), current: str = "current") -> Cell:
    quoted = f'"{argument}"' if argument else ""
    cell_id = f"show-{name}-{argument}" if argument else f"show-{name}"
    return code(cell_id, f"# Here: {what}\n{_IMPORT}\n\nworkbook.{current}().{name}({quoted})", tags)


def _turn(name: WorkbookName, names: Sequence[WorkbookName]) -> Cell:
    position = names.index(name)
    before = f"[← {escaped(names[position - 1].title)}]({names[position - 1].file})" if position else ""
    after = f"[{escaped(names[position + 1].title)} →]({names[position + 1].file})" if position + 1 < len(names) else ""
    return markdown("turn", " · ".join(link for link in (before, after) if link), tags=[FORM_ONLY])


def _start(benchmark: Benchmark, names: Sequence[WorkbookName]) -> list[Cell]:
    contents = "\n".join(f"1. [{escaped(other.title)}]({other.file})" for other in names[1:])
    return [
        markdown("title", f"# {escaped(benchmark.title)}"),
        *_open(benchmark),
        markdown("city", "## The city"),
        _call("the form for the city", "city"),
        markdown(
            "idle",
            "**In a training on Binder:** keep this window in front. A server that is idle for ten minutes, as when a "
            "laptop sleeps, is switched off, and everything on it is gone. Press *Download my answers* before every "
            "break and at the end; while this page is open that works even when the server is gone. To go on, open "
            "the Binder link again, and choose your file under *Go on from answers you downloaded*. Binder is public: "
            "type nothing confidential.",
            tags=[FORM_ONLY],
        ),
        markdown("standard", "## The standard", escaped(benchmark.standard.text)),
        markdown("introduction", "## Why it matters", *map(escaped, benchmark.introduction)),
        markdown("terms", "## Words", *(f"**{escaped(t.term)}**: {escaped(t.definition)}" for t in benchmark.terms)),
        markdown(
            "how-to-use",
            "## How to use it",
            "\n".join(f"1. {escaped(step)}" for step in benchmark.how_to_use),
            tags=[FORM_ONLY],
        ),
        markdown("contents", "## The workbooks", contents, tags=[FORM_ONLY]),
        markdown(
            "provenance", "## Where it comes from", *map(escaped, benchmark.provenance), *_publications(benchmark)
        ),
    ]


def _publications(benchmark: Benchmark) -> list[str]:
    return [
        f"Source: {escaped(item.publisher)}, *{escaped(item.title)}*{f', {escaped(item.year)}' if item.year else ''}"
        + (f", {f'<{address}>' if (address := safe_url(item.url)) else escaped(item.url)}" if item.url else "")
        for item in benchmark.publications
    ]


def _factor(benchmark: Benchmark, factor: KeyFactor, after: WorkbookName) -> list[Cell]:
    questions = [cell for question in factor.questions for cell in _question(question, benchmark.scale)]
    place = benchmark.key_factors.index(factor) + 1
    return [
        markdown("title", f"# {escaped(factor.title)}"),
        markdown("number", f"*Key factor {place} of {len(benchmark.key_factors)}*", tags=[FORM_ONLY]),
        *_open(benchmark, f'.opening("{factor.code}")'),
        markdown("standing", "## Where the city stands"),
        _call(f"the score of {factor.code}", "scorecard", factor.code),
        markdown("statement", "## What good looks like", escaped(factor.statement)),
        markdown("rationale", "## Why it matters", escaped(factor.rationale), *_notes(factor.notes)),
        markdown("questions", "## Questions and answers"),
        *questions,
        markdown("practices", "## What other cities did"),
        markdown(
            "practices-text",
            "<details><summary>All of them in the order of the publication</summary>",
            *_practices(factor),
            "</details>",
            tags=[FORM_ONLY],
        ),
        _call("practices for your weakest questions first", "practices", factor.code),
        markdown("next", "## What to do next", *_next(factor, after), tags=[FORM_ONLY]),
    ]


def _question(question: GuideQuestion, scale: Scale) -> list[Cell]:
    levels = "\n".join(
        f"- **Level {level.level}, {escaped(level.name)}.** {escaped(text)}"
        for level, text in zip(scale.levels, question.levels, strict=True)
    )
    return [
        markdown(question.code, f"### {question.code} {escaped(question.text)}"),
        markdown(
            f"{question.code}-levels",
            escaped(question.help),
            "<details><summary>The four levels, what counts as evidence, and who usually knows (also in the form)"
            "</summary>",
            levels,
            f"*What counts as evidence:* {escaped(question.evidence_hint)}",
            f"*Who usually knows:* {escaped(question.who_knows)}",
            *_notes(question.notes),
            "</details>",
            tags=[FORM_ONLY],
        ),
        _call(f"the form for {question.code}", "question", question.code),
    ]


def _notes(notes: Sequence[str]) -> list[str]:
    return [f"> **Note on the source:** {escaped(note)}" for note in notes]


def _practices(factor: KeyFactor) -> list[str]:
    return [_practice(practice) for practice in factor.practices]


def _practice(practice: Practice) -> str:
    links = " ".join(linked(link.title, link.url) for link in practice.links)
    year = f" ({escaped(practice.year)})" if practice.year else ""
    head = f"**{escaped(practice.city)}: {escaped(practice.title)}**{year}."
    return " ".join(part for part in (head, escaped(practice.text), links) if part)


def _next(factor: KeyFactor, after: WorkbookName) -> list[str]:
    return [
        "\n".join(
            (
                f"- Take the question with the lowest level and read its next level: your next step for {factor.code}.",
                "- Ask the people named under *Who usually knows* about the questions still open.",
                f"- Go on to [{escaped(after.title)}]({after.file}).",
            )
        )
    ]


def _context(benchmark: Benchmark) -> list[Cell]:
    cells = [cell for factor in benchmark.context_factors for cell in _context_factor(factor, benchmark)]
    return [
        markdown("title", "# Context factors"),
        markdown(
            "about",
            "Context factors tell on what ground the city works. Each is read from *hindering* to *enabling*, with a "
            "comment. They help to explain a result and never change a score.",
        ),
        *_open(benchmark),
        *cells,
    ]


def _context_factor(factor: ContextFactor, benchmark: Benchmark) -> list[Cell]:
    first, last = benchmark.scale.directions[0].name, benchmark.scale.directions[-1].name
    return [
        markdown(factor.code, f"## {factor.code} {escaped(factor.title)}", escaped(factor.text)),
        markdown(
            f"{factor.code}-prompts",
            "\n".join(f"- {escaped(prompt.text)}" for prompt in factor.prompts),
            f"*{escaped(first.capitalize())}:* {escaped(factor.hindering)}",
            f"*{escaped(last.capitalize())}:* {escaped(factor.enabling)}",
            tags=[FORM_ONLY],
        ),
        _call(f"the form for {factor.code}", "context", factor.code),
    ]


def _agree(benchmark: Benchmark) -> list[Cell]:
    return [
        markdown("title", "# Agree"),
        markdown(
            "about",
            "For a meeting. The questions on which departments, partners and persons differ stand here, those with the "
            "least agreement first, with what each said beside the level's sentence. Talk about each, choose the level "
            "that the city agrees on, and write the reason into the comment, in one sentence. What was said before "
            "stays.",
            tags=[FORM_ONLY],
        ),
        *_open(benchmark),
        markdown("disputed", "## What to agree on"),
        _call("the questions, and a form for each agreed answer", "agree"),
        markdown("minutes", "## Minutes"),
        _call("the form for the minutes", "meetings"),
        _call("what was agreed, and what is left", "minutes"),
    ]


def _results(benchmark: Benchmark) -> list[Cell]:
    return [
        markdown("title", "# Results"),
        *_open(benchmark),
        _call("the result in one sentence", "headline"),
        markdown("standing", "## Where the city stands"),
        _call("the chart of all key factors", "chart"),
        _call("the figures of the chart", "table"),
        markdown("strong", "## What is strong"),
        _call("what is strong", "strengths"),
        markdown("gaps", "## What to do next"),
        _call("the weakest questions, with their next level", "gaps"),
        markdown("open", "## What nobody knows yet, and whom to ask"),
        _call("open questions, and whom to ask", "unknowns"),
        markdown("disputed", "## What to agree on first"),
        _call("what respondents differ on", "agree_first"),
        markdown("context", "## Context beside the key factors"),
        _call("context beside the key factors", "context_beside_factors"),
        markdown("trend", "## How it went over the rounds"),
        _call("three and more rounds side by side", "trend"),
        markdown("follow-up", "## What became of the last plan"),
        _call("the targets of the round before", "follow_up"),
        markdown("plan", "## Action plan"),
        _call("the form for the action plan", "actions"),
        markdown("exports", "## Report and downloads", tags=[FORM_ONLY]),
        _call("report and downloads", "exports", tags=[FORM_ONLY]),
        _method(benchmark.scale),
    ]


def _mentoring(benchmark: Benchmark) -> list[Cell]:
    return [
        markdown("title", "# Mentoring"),
        markdown(
            "about",
            "Cities learn from cities. Say here on which key factors your city would help others, and on which it "
            "would like help. Whoever holds the answers of all cities then finds mentors for the whole network.",
        ),
        *_open(benchmark),
        markdown("wishes", "## What the city offers and needs"),
        _call("the form for offers and needs", "wishes"),
        markdown("mentors", "## Who could help you, whom you could help"),
        _call("what was found for this city", "mentors"),
        markdown(
            "network",
            "## For the secretariat: the whole network",
            "For whoever has the answers of many cities in this workspace. A decision is saved in `pins.csv` and "
            "counts from then on, here and in reports.",
            tags=[FORM_ONLY],
        ),
        _call("mentors for all cities of this workspace", "network", tags=[FORM_ONLY]),
    ]


def _method(scale: Scale) -> Cell:
    limits = scale.thresholds
    standings = (
        f"**Met:** the lower bound is at least {limits.met_lower_bound:g}, and no question is, or may be, at level 0. "
        f"**Close:** the lower bound is at least {limits.close_score:g}. **Gap:** the upper bound is below it. "
        "**Not known yet:** open or disputed questions decide. So a standing holds, whatever they turn out to be."
    )
    whose = (
        "**Whose answer:** the city's agreed answer; where there is none, the mean over voices. A department or "
        "partner that speaks for itself is one voice, and all persons of one role are one together. They are counted "
        f"in groups of {SMALLEST_GROUP} or more."
    )
    rules = (
        "**Score:** 100 × mean level ÷ 3 over the rated questions of a key factor.",
        (
            "**Bounds:** the score with the lowest, and with the highest level that each question can turn out to "
            "have: any level while nobody knows, and those of all voices where they differ."
        ),
        "**Coverage:** the share of rated questions among those that apply.",
        standings,
        "**Overall:** the weighted mean of the key factors.",
        whose,
    )
    told = "\n".join(f"- {rule}" for rule in rules)
    # A report has a page of its own on this.
    return markdown("method", "## How the scores come about", told, escaped(scale.note), tags=[FORM_ONLY])


def _portfolio(benchmark: Benchmark) -> list[Cell]:
    opened = f'workbook.open_portfolio("{benchmark.id}", globals())'
    call = partial(_call, current="current_portfolio")
    return [
        markdown("title", "# Cities side by side"),
        markdown(
            "about",
            f"Self-tests of several cities on *{escaped(benchmark.title)}*, by key factor. This is not a ranking: each "
            "city answered for itself, and what matters is who can advise whom.",
        ),
        markdown("press", PRESS_TO_SEE, tags=[FORM_ONLY]),
        code("parameters", PORTFOLIO_PARAMETERS, ["parameters"]),
        code("opening", f"# Here: which cities\n{_IMPORT}\n\n{opened}"),
        markdown("spread", "## How many cities stand where"),
        call("how many cities stand where", "distribution"),
        markdown("advice", "## Who could advise whom"),
        call("who met what, and for whom it is a gap", "advice"),
        markdown("movement", "## What moved since the round before"),
        call("how many cities went up or down", "movement"),
        markdown("heat", "## City by city"),
        call("each city by key factor", "heatmap"),
        markdown(
            "records",
            "**To go on with pandas:** `pandas.DataFrame(workbook.current_portfolio().records())` has one row for each "
            "self-test.",
            tags=[FORM_ONLY],
        ),
    ]
