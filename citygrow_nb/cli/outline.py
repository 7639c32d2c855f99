"""A benchmark as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from textwrap import fill

from citygrow_nb.model import Benchmark, ContextFactor, GuideQuestion, KeyFactor, Practice, Prompt
from citygrow_nb.model.benchmark import Source, Term
from citygrow_nb.model.fields import Document

WIDTH = 96


def outline(benchmark: Benchmark) -> str:
    """Return title, standard, and every key factor and question with its code."""

    def lines() -> Iterator[str]:
        yield f"{benchmark.title} ({benchmark.id} {benchmark.version})"
        yield _wrapped(benchmark.standard.text)
        for factor in benchmark.key_factors:
            yield f"\n{factor.code}  {factor.title}"
            yield from (_hanging(question.code, question.text) for question in factor.questions)
        if benchmark.context_factors:
            yield "\nContext"
            yield from (_hanging(factor.code, factor.title) for factor in benchmark.context_factors)

    return "\n".join(lines())


def item(code: str, value: Document, benchmark: Benchmark) -> str:
    """Return all that stands in one item.

    Parameters
    ----------
    code
        Its code.
    value
        The item.
    benchmark
        Where it stands.
    """
    lines = [code, *_lines(value, benchmark)]
    lines += [_labelled("Note", note) for note in getattr(value, "notes", ())]
    source = getattr(value, "source", None)
    if isinstance(source, Source):
        lines.append(_labelled("Source", f"{source.publication}, {source.part}, {source.position}"))
    return "\n".join(line for line in lines if line)


@singledispatch
def _lines(value: Document, _benchmark: Benchmark) -> Iterator[str]:
    yield _wrapped(str(value))


@_lines.register
def _(value: KeyFactor, _benchmark: Benchmark) -> Iterator[str]:
    yield value.title
    yield _labelled("What good looks like", value.statement)
    yield _labelled("Why it matters", value.rationale)
    yield from (_hanging(question.code, question.text) for question in value.questions)
    yield from (_hanging(practice.code, f"{practice.city}: {practice.title}") for practice in value.practices)


@_lines.register
def _(value: GuideQuestion, benchmark: Benchmark) -> Iterator[str]:
    yield _wrapped(value.text)
    yield _wrapped(value.help)
    for level, text in zip(benchmark.scale.levels, value.levels, strict=True):
        yield _hanging(f"{level.level} {level.name}:", text)
    yield _labelled("What counts as evidence", value.evidence_hint)
    yield _labelled("Who usually knows", value.who_knows)


@_lines.register
def _(value: Practice, _benchmark: Benchmark) -> Iterator[str]:
    yield f"{value.city} ({value.country or 'country open'}): {value.title}" + (f", {value.year}" if value.year else "")
    yield _wrapped(value.text)
    yield from (_hanging("-", f"{link.title}: {link.url}") for link in value.links)
    yield _labelled("Contact", value.contact)


@_lines.register
def _(value: ContextFactor, _benchmark: Benchmark) -> Iterator[str]:
    yield value.title
    yield _wrapped(value.text)
    yield from (_hanging(prompt.code, prompt.text) for prompt in value.prompts)
    yield _labelled("Hindering", value.hindering)
    yield _labelled("Enabling", value.enabling)


@_lines.register
def _(value: Prompt, _benchmark: Benchmark) -> Iterator[str]:
    yield _wrapped(value.text)


@_lines.register
def _(value: Term, _benchmark: Benchmark) -> Iterator[str]:
    yield _labelled(value.term, value.definition)


def _wrapped(text: str) -> str:
    return fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _labelled(label: str, text: str) -> str:
    return _wrapped(f"{label}: {text}") if text else ""


def _hanging(label: str, text: str) -> str:
    return fill(
        f"{label} {text}",
        WIDTH,
        initial_indent="  ",
        subsequent_indent=" " * (len(label) + 3),
        break_long_words=False,
        break_on_hyphens=False,
    )
