"""Small things to test with: a tiny benchmark, assessments of it, and strategies for what people may type."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from citygrow_nb.model import (
    AGREED,
    Action,
    ActionStatus,
    Answer,
    Assessment,
    Benchmark,
    BenchmarkRef,
    City,
    CityFigures,
    ContextReading,
    Evidence,
    Mentoring,
    Need,
    Offer,
    Portfolio,
    Respondent,
    State,
    Target,
)
from citygrow_nb.model.assessment import AGREED_ROLE, NO_REASON
from citygrow_nb.model.fields import can_be_seen, clean, clean_line, clean_name
from citygrow_nb.scoring import results
from citygrow_nb.slugs import slugify

QUESTIONS = ("KF1.Q1", "KF1.Q2", "KF1.Q3", "KF2.Q1", "KF2.Q2")
CONTEXTS = ("CF1", "CF2")
RETIRED = ("KF1.Q9", "CF9")
MORNING = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)


def benchmark(**changes: Any) -> Benchmark:
    """Return a benchmark with two key factors, of three and two questions, and two context factors."""
    source = {"publication": "demo", "part": "Part", "position": "1"}

    def question(code: str) -> dict[str, Any]:
        return {
            "code": code,
            "text": f"Does the city do what {code} asks?",
            "levels": [f"{code} is at {word}." for word in ("nought", "one", "two", "three")],
            "evidence_hint": "A document.",
            "who_knows": "The office.",
            "source": source,
        }

    def factor(code: str, *questions: str) -> dict[str, Any]:
        return {
            "code": code,
            "title": f"Factor {code}",
            "short_title": code,
            "statement": "Good.",
            "rationale": "Matters.",
            "source": source,
            "questions": [question(q) for q in questions],
        }

    def context(code: str) -> dict[str, Any]:
        return {
            "code": code,
            "title": f"Context {code}",
            "short_title": code,
            "text": "Ground.",
            "prompts": [{"code": f"{code}.1", "text": "How is it?", "source": source}],
            "hindering": "Bad.",
            "enabling": "Good.",
            "source": source,
        }

    names = ("not in place", "first steps", "partly in place", "in place")
    directions = ("strongly hindering", "hindering", "neither", "enabling", "strongly enabling")
    return Benchmark.model_validate(
        {
            "id": "demo",
            "version": "1.0.0",
            "language": "en",
            "title": "Demo",
            "standard": {"text": "Good.", "source": source},
            "introduction": ["Why."],
            "how_to_use": ["Answer."],
            "publications": [{"id": "demo", "title": "Demo", "publisher": "Nobody"}],
            "provenance": ["Made up."],
            "retired": RETIRED,
            "key_factors": [factor("KF1", *QUESTIONS[:3]), factor("KF2", *QUESTIONS[3:])],
            "context_factors": [context(code) for code in CONTEXTS],
            "scale": {
                "levels": [{"level": i, "name": name, "meaning": name} for i, name in enumerate(names)],
                "directions": [{"value": i - 2, "name": name} for i, name in enumerate(directions)],
                "thresholds": {"met_lower_bound": 75, "close_score": 50, "known_coverage": 50},
                "weights": {"KF1": 1, "KF2": 1},
                "note": "Made up.",
            },
            **changes,
        }
    )


def assessment(
    name: str = "Żabia Góra", slug: str = "zabia-gora", round_label: str = "2026", **rest: Any
) -> Assessment:
    """Return an assessment of the tiny benchmark, without answers unless given."""
    rest.setdefault("benchmark", BenchmarkRef(id="demo", version="1.0.0"))
    rest.setdefault("city", City(name=name, slug=slug))
    return Assessment(round=round_label, **rest)


def assessment_of(benchmark: Benchmark, name: str = "Żabia Góra", slug: str = "zabia-gora", **rest: Any) -> Assessment:
    """Return an assessment of any benchmark, without answers; ``rest`` as of :func:`assessment`."""
    return assessment(name, slug, benchmark=BenchmarkRef(id=benchmark.id, version=benchmark.version), **rest)


def rated(level: int = 2, comment: str = "", **rest: Any) -> Answer:
    """Return an answer with a level."""
    return Answer.model_validate({"state": "rated", "level": level, "comment": comment, **rest})


def dont_know(comment: str = "") -> Answer:
    """Return the answer “don't know”."""
    return Answer(state=State.DONT_KNOW, comment=comment)


def not_applicable(comment: str = "no port here") -> Answer:
    """Return the answer “not applicable”."""
    return Answer(state=State.NOT_APPLICABLE, comment=comment)


# --- strategies -----------------------------------------------------------------------------------------------------

# fmt: off
_HOSTILE = st.sampled_from([
    "=1+1", "+49 30", "-2", "@SUM(A1)", "'", "''=x", "'s-Hertogenbosch", '"', '""', ";", ",", "\t", "\n", "a\nb", "<b>",
    "_x000D_", "_x005F_", "العربية", "日本", "🏙️", "\u202e", "\ufeff", "\uffff", "﹣", "＝1", "na", "dk", "2.0", "01",
])
# fmt: on
_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)

texts = st.one_of(_HOSTILE, _WORDS, st.tuples(_HOSTILE, _HOSTILE, _WORDS).map("".join)).map(clean)
"""What a person may have typed or pasted into a text field, as the model keeps it."""

few = st.sampled_from(["", "one", "two"])
"""Texts that often coincide, for merging."""

times = st.one_of(st.none(), st.integers(0, 10**9).map(lambda second: MORNING + timedelta(seconds=second)))


def evidence(say: st.SearchStrategy[str] = texts) -> st.SearchStrategy[Evidence]:
    """Return evidence whose title and link say something, one of them at least."""
    line = say.map(clean_line)
    return st.tuples(line, line).map(lambda pair: Evidence(title=pair[0] if any(pair) else "report", url=pair[1]))


@st.composite
def answers(draw: st.DrawFn, plain: bool = False, say: st.SearchStrategy[str] = texts) -> Answer:
    """Draw an answer; a plain one has nothing that a wide table cannot hold."""
    state = draw(st.sampled_from(list(State)))
    level = draw(st.integers(0, 3)) if state is State.RATED else None
    comment = NO_REASON if state is State.NOT_APPLICABLE else ""
    rest: dict[str, Any] = {}
    if not plain:
        comment = draw(say) or comment
        rest = {"evidence": draw(st.lists(evidence(say), max_size=3)), "updated_at": draw(times)}
    return Answer.model_validate({"state": state, "level": level, "comment": comment, **rest})


@st.composite
def readings(draw: st.DrawFn, plain: bool = False, say: st.SearchStrategy[str] = texts) -> ContextReading:
    """Draw a context reading that says something."""
    direction = draw(st.integers(-2, 2))
    if plain:
        return ContextReading.model_validate({"direction": direction})
    reading = ContextReading.model_validate(
        {
            "direction": draw(st.sampled_from([None, direction])),
            "comment": draw(say),
            "bears_on": draw(st.lists(st.sampled_from(["KF1", "KF2"]), unique=True)),
            "updated_at": draw(times),
        }
    )
    return reading.model_copy(update={"direction": direction}) if reading.is_empty else reading


@st.composite
def actions(draw: st.DrawFn, say: st.SearchStrategy[str] = texts) -> Action:
    """Draw a line of an action plan."""
    line = say.map(clean_line)
    return Action(
        id=draw(st.sampled_from(["a1", "a2", "a3", "007", "1e5"])),
        what=draw(line) or "act",
        who=draw(line),
        by_when=draw(line),
        budget=draw(line),
        indicator=draw(line),
        questions=tuple(draw(st.lists(st.sampled_from(QUESTIONS), unique=True, max_size=2))),
        targets=tuple(draw(st.lists(targets, max_size=2, unique_by=lambda target: target.code))),
        status=draw(st.sampled_from(list(ActionStatus))),
        with_city=draw(line),
        updated_at=draw(times),
    )


targets = st.builds(
    Target, code=st.sampled_from(QUESTIONS), level=st.integers(1, 3), by=st.sampled_from(["", "2027-12", "2028-01"])
)


@st.composite
def wishes(draw: st.DrawFn, say: st.SearchStrategy[str] = texts) -> Mentoring:
    """Draw what a city offers and needs as to mentors."""
    names = say.map(clean_line).filter(lambda name: can_be_seen(name) and ";" not in name)
    factors = st.lists(st.sampled_from(["KF1", "KF2"]), unique=True)
    return Mentoring(
        offers=tuple(Offer(factor=code, capacity=draw(st.integers(1, 20))) for code in sorted(draw(factors))),
        needs=tuple(Need(factor=code, priority=draw(st.integers(1, 3))) for code in sorted(draw(factors))),
        languages=tuple(draw(st.lists(st.sampled_from(["en", "pl", "ar"]), unique=True))),
        not_with=tuple(draw(st.lists(names.map(clean_name), max_size=2))),
    )


@st.composite
def assessments(
    draw: st.DrawFn, plain: bool = False, say: st.SearchStrategy[str] = texts, slug: str = "zabia-gora", **rest: Any
) -> Assessment:
    """Draw an assessment of the tiny benchmark; a plain one can stand in a wide table without loss.

    ``say`` gives every text in it. What stands in ``rest`` is not drawn.
    """
    called = say.map(clean_line).map(lambda name: name if can_be_seen(name) else "")
    keys = draw(st.lists(st.sampled_from([AGREED, "econ", "ngo-1", "007"]), unique=True, max_size=3))
    roles = {key: AGREED_ROLE if key == AGREED else key for key in keys}
    by_question = st.dictionaries(st.sampled_from(QUESTIONS), answers(plain, say), min_size=1)
    # In a wide table only who answered stands.
    answering = keys if plain else draw(st.lists(st.sampled_from(keys), unique=True)) if keys else []
    fields: dict[str, Any] = {
        "city": City(
            name=draw(called) or "X",
            slug=slug,
            country=draw(st.sampled_from([None, "PL", "NO"])),
            population=draw(st.one_of(st.none(), st.integers(0, 10**9))),
        ),
        "round_label": draw(st.sampled_from(["2026", "2026-2", "2026.10", "spring"])),
        "respondents": {key: Respondent(role=(not plain and draw(called)) or roles[key]) for key in keys},
        "responses": {key: draw(by_question) for key in answering},
        "context": draw(st.dictionaries(st.sampled_from(CONTEXTS), readings(plain, say))),
        "mentoring": Mentoring() if plain else draw(wishes(say)),
        "actions": () if plain else tuple(draw(st.lists(actions(say), max_size=2, unique_by=lambda action: action.id))),
    }
    return assessment(**{**fields, **rest})


def later(minutes: int) -> datetime:
    """Return a time some minutes after :data:`MORNING`."""
    return MORNING + timedelta(minutes=minutes)


HOSTILE = '=HYPERLINK("x")</script><script>alert(1)</script><b>مدينة 🏙️ ' + "é" * 130
"""A city's name of some 200 characters that is markup, script and formula at once."""


def figures(
    benchmark: Benchmark,
    name: str,
    *levels: int | None,
    slug: str = "",
    round_label: str = "2026",
    country: str | None = None,
    population: int | None = None,
) -> CityFigures:
    """Return the figures of a city that answers every question of a key factor with one level, None for no answer.

    One level for each key factor, the last one for all that are left; none of them for no answer at all.
    """
    city = City(name=name, slug=slug or slugify(name), country=country, population=population)
    test = assessment_of(benchmark).model_copy(update={"city": city, "round": round_label})
    for position, factor in enumerate(benchmark.key_factors):
        level = levels[min(position, len(levels) - 1)] if levels else None
        for question in factor.questions if level is not None else ():
            test = test.with_answer(question.code, rated(level))
    return CityFigures.of(results(benchmark, test))


def portfolio(benchmark: Benchmark, *cities: CityFigures, left_out: tuple[str, ...] = ()) -> Portfolio:
    """Return the portfolio of some self-tests."""
    ref = BenchmarkRef(id=benchmark.id, version=benchmark.version)
    return Portfolio(benchmark=ref, cities=cities, left_out=left_out)


def crowd(benchmark: Benchmark, count: int) -> list[CityFigures]:
    """Return many self-tests quickly: a few cities of every kind under ever new names."""
    kinds = [
        figures(benchmark, "x", *levels, country=country, population=people)
        for levels in ((3,), (0,), (2, 1), (None, 3), ())
        for country, people in (("PL", 40_000), ("PT", 655_000), (None, None))
    ]
    return [
        kinds[n % len(kinds)].model_copy(
            update={"city": kinds[n % len(kinds)].city.model_copy(update={"name": f"Town {n}", "slug": f"town-{n}"})}
        )
        for n in range(count)
    ]
