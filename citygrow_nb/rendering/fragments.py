"""Fragments of a page: one answer, one key factor's score, its practices, one context reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from citygrow_nb import scoring
from citygrow_nb.model import (
    AGREED,
    Action,
    ActionStatus,
    Answer,
    Assessment,
    Benchmark,
    ContextFactor,
    ContextReading,
    FactorResult,
    KeyFactor,
    Practice,
    QuestionResult,
    QuestionState,
    Standing,
    Voice,
)
from citygrow_nb.rendering.cards import card_of, question_result
from citygrow_nb.rendering.environment import (
    FRAGMENTS,
    STANDING_WORDS,
    STATE_WORDS,
    count,
    interval,
    level,
    number,
    render,
    stylesheet,
)


@dataclass(frozen=True)
class Fragment:
    """A piece of a page, with the same in plain text for where no HTML is shown.

    Parameters
    ----------
    html
        Safe markup.
    text
        Plain text.
    """

    html: str
    text: str

    def __html__(self) -> str:
        """Return the markup; templates take a fragment as safe for this."""
        return self.html

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


def opening(
    benchmark: Benchmark,
    assessment: Assessment,
    *,
    styled: bool,
    links: Mapping[str, str] | None = None,
    code: str = "",
) -> Fragment:
    """Say which city and round are open, and how far the self-test, or one key factor of it, has come.

    Parameters
    ----------
    benchmark, assessment
        What is asked and what is answered.
    styled
        Whether to bring the style sheet along, as a notebook needs and a page does not.
    links
        Address of each key factor's workbook by code; with them, progress is shown for each.
    code
        Key factor that the page is about (optional).
    """
    card = card_of(benchmark, assessment)
    result = card.factor(code) if code else None
    html = render(
        "opening.html.j2",
        place=list(benchmark.factors).index(code) + 1 if code else 0,
        result=result,
        city=assessment.city,
        round=assessment.round,
        benchmark=benchmark,
        card=card,
        done=sum(factor.rated + factor.not_applicable + factor.dont_know for factor in card.factors),
        total=len(benchmark.questions),
        read=sum(not reading.is_empty for reading in assessment.context.values()),
        contexts=len(benchmark.contexts),
        factors=[(factor, card.factor(factor.code)) for factor in benchmark.key_factors],
        links=links or {},
        style=stylesheet(*FRAGMENTS) if styled else "",
    )
    return Fragment(html, f"{assessment.city.name}, round {assessment.round}")


def city_facts(benchmark: Benchmark, assessment: Assessment) -> Fragment:
    """Show the city's own data and who answered."""
    html = render(
        "city-facts.html.j2",
        city=assessment.city,
        round=assessment.round,
        roles=_who_answered(assessment),
        benchmark=benchmark,
    )
    return Fragment(html, f"{assessment.city.name}, round {assessment.round}")


def _who_answered(assessment: Assessment) -> list[str]:
    """Return institutions by name, then the roles of persons with how many answers of theirs were counted."""
    named = [
        f"{who.role} ({who.from_city}, peer review)" if who.from_city else who.role
        for who in assessment.respondents.values()
    ]
    roles: dict[str, tuple[str, Counter[str]]] = {}
    for group in assessment.groups:
        roles.setdefault(group.role.casefold(), (group.role, Counter()))[1][group.code] += group.people
    return named + [f"{role}: up to {max(asked.values())} persons a question" for role, asked in roles.values()]


def message(text: str) -> Fragment:
    """Show a sentence, such as an error, where a fragment would stand."""
    return Fragment(render("message.html.j2", text=text), text)


def question(benchmark: Benchmark, assessment: Assessment, code: str) -> Fragment:
    """Show the answer to one guide question: level in words, comment, evidence, who said what."""
    asked = benchmark.questions[code]
    result = question_result(benchmark, assessment, code)
    agreed = assessment.answer(code)
    rows, words = _who_said_what(result, assessment)
    html = render(
        "question.html.j2",
        question=asked,
        result=result,
        names=benchmark.scale.levels,
        comments=[agreed.comment] if agreed and agreed.comment else [],
        evidence=agreed.evidence if agreed else (),
        role=assessment.respondents[AGREED].role if agreed else "",
        rows=rows,
        words=words,
        contested=contested_line(result, agreed),
        planned=[action for action in assessment.actions if code in action.questions],
    )
    return Fragment(html, f"{code}: {result.state}{'' if result.level is None else f', level {result.level:g} of 3'}")


def _who_said_what(
    result: QuestionResult, assessment: Assessment
) -> tuple[list[tuple[Voice, Answer | None]], list[str]]:
    """Return each voice on a question with its words, and the words of persons, which stand without names."""
    rows = [
        (voice, None if voice.levels else assessment.answer(result.code, voice.key))
        for voice in (*result.voices, *result.reviews)
    ]
    return rows, [said.comment for said in scoring.statements(result.code, assessment) if not said.name]


def contested_line(result: QuestionResult, agreed: Answer | None) -> str:
    """Say which voices differ from what the city agreed on and are newer; ``""`` where none does."""
    if not (result.contested and agreed):
        return ""
    said = "that it does not apply" if agreed.level is None else f"level {agreed.level}"
    others = " ".join(voice_line(voice) for voice in scoring.against(result, agreed))
    return f"The city agreed on {said}. Since then: {others}"


def voice_line(voice: Voice) -> str:
    """Say in one sentence what a voice said."""
    name = voice.name + (f" ({voice.from_city}, peer review)" if voice.from_city else "")
    if voice.level is None:
        return f"{name}: {STATE_WORDS[QuestionState(voice.state)]}."
    if voice.levels is None:
        return f"{name}: level {level(voice.level)}."
    people = count(sum(voice.levels), "person")
    most = f"at {voice.low}" if voice.low == voice.high else f"from {voice.low} to {voice.high}"
    return f"{name} ({people}): on average level {level(voice.level)}, half of them or more {most}."


def scorecard(benchmark: Benchmark, assessment: Assessment, code: str, *, folded: bool = False) -> Fragment:
    """Show one key factor's score, bounds, coverage and standing, how they come about, and what is open.

    Parameters
    ----------
    benchmark, assessment, code
        What was asked, what was answered, and which key factor is shown.
    folded
        Whether everything below the first line is folded away, as beside forms; then it is one line until something is
        rated.
    """
    factor, result = benchmark.factors[code], card_of(benchmark, assessment).factor(code)
    questions = {question.code: question for question in factor.questions}
    html = render(
        "scorecard.html.j2",
        factor=factor,
        result=result,
        thresholds=benchmark.scale.thresholds,
        reason=standing_reason(benchmark, result),
        open=[(item, questions[item.code]) for item in scoring.unknown(result)],
        disputed=[(item, questions[item.code]) for item in result.questions if item.disputed],
        decides=questions[result.decides] if result.decides else None,
        bearing=bearing_on(benchmark, assessment, code),
        folded=folded,
        directions=benchmark.scale.directions,
    )
    text = f"{code}: {result.standing}, score {number(result.score)}, bounds {interval(result.lower, result.upper)}"
    return Fragment(html, text)


def bearing_on(benchmark: Benchmark, assessment: Assessment, code: str) -> list[tuple[ContextFactor, ContextReading]]:
    """Return the context factors that the city says bear on a key factor, in the benchmark's order."""
    return [
        (factor, assessment.context[factor.code])
        for factor in benchmark.context_factors
        if factor.code in assessment.context and code in assessment.context[factor.code].bears_on
    ]


def standing_line(result: FactorResult) -> str:
    """Say in one line where a key factor stands: standing, score, bounds, and how many questions are left."""
    left = count(result.unanswered, "question") + " left" if result.unanswered else "every question answered"
    left += f", {result.disputed} disputed" if result.disputed else ""
    if result.score is None:
        return f"{STANDING_WORDS[result.standing]}, {left}"
    bounds = interval(result.lower, result.upper)
    return f"{STANDING_WORDS[result.standing]}, {number(result.score)} of 100 (bounds {bounds}), {left}"


def standing_reason(benchmark: Benchmark, result: FactorResult) -> str:
    """Say in words why a key factor stands where it stands."""
    thresholds = benchmark.scale.thresholds
    met, close = number(thresholds.met_lower_bound), number(thresholds.close_score)
    if result.standing is Standing.MET:
        return f"the lower bound reaches {met} and no question is at level 0"
    if result.standing is Standing.NOT_APPLICABLE:
        return "no question applies to this city"
    if result.standing is Standing.GAP:
        return f"the upper bound is below {close}, whatever is still open"
    if result.standing is Standing.UNKNOWN:
        return f"open and disputed questions decide: anything from gap to {STANDING_WORDS[result.could_be]}"
    better = "; it could still be met" if result.could_be is Standing.MET else ""
    if _stopped_by_zero(benchmark, result):
        zeros = sum(question.low == 0 for question in result.questions)
        how = "is" if any(question.high == 0 for question in result.questions) else "may be"
        which = "a question" if zeros == 1 else f"{zeros} questions"
        return f"the lower bound reaches {met}, but {which} {how if zeros == 1 else 'may be'} at level 0{better}"
    return f"the lower bound reaches {close}, but not {met}{better}"


def standing_note(benchmark: Benchmark, result: FactorResult) -> str:
    """Say in a few words how far a standing can still go, or why a high score is not met; ``""`` where nobody asks."""
    if result.standing is Standing.UNKNOWN:
        return f"gap to {STANDING_WORDS[result.could_be]}"
    if result.standing is not Standing.CLOSE:
        return ""
    if result.could_be is Standing.MET:
        return "could be met"
    if _stopped_by_zero(benchmark, result):
        zeros = sum(question.high == 0 for question in result.questions)
        return "one question at level 0" if zeros == 1 else f"{zeros} questions at level 0"
    return ""


def _stopped_by_zero(benchmark: Benchmark, result: FactorResult) -> bool:
    return result.lower is not None and result.lower >= benchmark.scale.thresholds.met_lower_bound


def practices(benchmark: Benchmark, assessment: Assessment, code: str) -> Fragment:
    """Show the practices of one key factor, those for the city's weakest questions first."""
    factor, result = benchmark.factors[code], card_of(benchmark, assessment).factor(code)
    ordered, helped = _by_need(factor, scoring.weakest(result))
    levels = {question.code: question.level for question in result.questions}
    html = render("practices.html.j2", practices=ordered, helped=helped, levels=levels)
    return Fragment(html, "\n".join(f"{practice.code} {practice.city}: {practice.title}" for practice in ordered))


def _by_need(factor: KeyFactor, weakest: Sequence[QuestionResult]) -> tuple[list[Practice], bool]:
    rank = {question.code: position for position, question in enumerate(weakest)}
    last = len(rank)
    need = {
        practice.code: min((rank.get(c, last) for c in practice.inspires), default=last)
        for practice in factor.practices
    }
    return sorted(factor.practices, key=lambda p: need[p.code]), any(place < last for place in need.values())


def context(benchmark: Benchmark, assessment: Assessment, code: str) -> Fragment:
    """Show how the city reads one context factor."""
    reading: ContextReading | None = assessment.context.get(code)
    html = render("context.html.j2", reading=reading, directions=benchmark.scale.directions, factors=benchmark.factors)
    direction = None if reading is None else reading.direction
    return Fragment(
        html, f"{code}: {'not read yet' if direction is None else benchmark.scale.directions[direction + 2].name}"
    )


STATUS_WORDS = {
    ActionStatus.PLANNED: "planned",
    ActionStatus.UNDER_WAY: "under way",
    ActionStatus.DONE: "done",
    ActionStatus.GIVEN_UP: "given up",
}


def actions(assessment: Assessment, *, today: str = "") -> Fragment:
    """Show the city's action plan as a table.

    Parameters
    ----------
    assessment
        What was planned.
    today
        The day by which actions may be overdue, as in 2026-11-22; empty where pages must not depend on it.
    """
    plan: Sequence[Action] = assessment.actions
    late = {action.id for action in plan if today and scoring.is_overdue(action, today)}
    html = render("actions.html.j2", actions=plan, goals=_goals, statuses=STATUS_WORDS, late=late)
    return Fragment(html, "\n".join(action.what for action in plan) or "no action yet")


def _goals(action: Action) -> str:
    """Return the questions that an action is for, with the levels that they shall reach."""
    told = {code: code for code in action.questions}
    told |= {item.code: f"{item.code} to level {item.level}{item.by and f' by {item.by}'}" for item in action.targets}
    return ", ".join(told.values())
