"""One self-test of a fictitious city, and all of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from citygrow_nb.answers import AnswerStore
from citygrow_nb.demo.places import PLACES, Place
from citygrow_nb.demo.rounds import before
from citygrow_nb.demo.wishes import wishes
from citygrow_nb.exceptions import StoreError
from citygrow_nb.model import AGREED, Assessment, Benchmark, KeyFactor
from citygrow_nb.model.assessment import AGREED_ROLE, SMALLEST_GROUP
from citygrow_nb.scoring import agreed_over_voices
from citygrow_nb.slugs import unique_slug

ROUND = "2026"
_BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_TAKES_PART = 0.8
_THOROUGH = 0.8
_NEW = 0.06
"""Share of the voices that were not there yet when the city agreed."""
_SITE = "https://example.org"


_DEPARTMENTS = {
    "econ": "Economic development",
    "integration": "Integration office",
    "business-support": "Business support agency",
    "chamber": "Chamber of commerce",
    "migrant-council": "Migrants' advisory council",
    "bank": "Local savings bank",
    "university": "University incubator",
}
_SURVEYED = ("Founders", "Owners of small businesses")
_REMARKS = {
    0: ("Nobody has taken this up so far.", "Not on the agenda of the last council."),
    1: ("A first talk took place; nothing in writing yet.", "One colleague does this beside her other work."),
    2: ("In place in two of five districts.", "Works, but nobody has looked at the results yet."),
    3: ("Done every year, and the council hears of it.", "Two evaluations confirm it."),
}
_OUTSIDE = (
    "The region is responsible for this, not the city.",
    "There is no such body in this country.",
    "Decided by national law alone.",
)
_PAPERS = (
    "Council decision",
    "Annual report",
    "Strategy paper",
    "Survey of businesses",
    "Budget line",
    "Project report",
)
_CONTEXT = ("Seen so by the steering group.", "Opinions in the city differ.", "Better than two years ago.")
_ACTIONS = (
    ("Name one person whom founders can turn to", "Mayor's office", "within six months", "a name on the city's site"),
    ("Ask fifty businesses what helps them", "Economic development", "next spring", "fifty answers"),
    ("Translate the guide for founders", "Integration office", "by the end of the year", "guide in five languages"),
)


def cities(benchmark: Benchmark, count: int, seed: int = 0, rounds: int = 1) -> Iterator[Assessment]:
    """Make up cities.

    Parameters
    ----------
    benchmark
        What they answer.
    count
        How many.
    seed
        Another seed gives other cities.
    rounds
        How many rounds there were, one every second year; not every city took part in each.

    Yields
    ------
    Assessment
        Each city with a name and folder of its own: some complete and of one mind, some half answered, some barely
        begun, with one or several respondents and groups of persons; its rounds one after the other, the last one
        first.
    """
    taken: dict[str, str] = {}
    neighbour = ""
    for index in range(count):
        random = Random(f"{seed}:{index}")  # noqa: S311 - nothing here is secret
        place = PLACES[(seed + index) % len(PLACES)]
        name = _name(place, (seed + index) // len(PLACES))
        slug = unique_slug(name, taken)
        taken[slug] = name
        made = _assessment(benchmark, random, place, name, slug)
        # Apart from the answers, so that these are the same with wishes and rounds and without.
        own = Random(f"{seed}:{index}:more")  # noqa: S311
        made = made.model_copy(update={"mentoring": wishes(benchmark, made, own, place.languages, neighbour)})
        neighbour = name
        yield made
        for _ in range(rounds - 1):
            made = before(benchmark, made, own)
            if own.random() < _TAKES_PART:
                yield made


def write(store: AnswerStore, count: int, seed: int = 0, rounds: int = 1) -> Iterator[Assessment]:
    """Make up cities and save their answers.

    Parameters
    ----------
    store
        Where to.
    count, seed, rounds
        As in :func:`cities`.

    Yields
    ------
    Assessment
        Each self-test that was saved. One that is there already with the same answers is left as it is.

    Raises
    ------
    StoreError
        If a city of this name has other answers, or answers cannot be saved.
    """
    for assessment in cities(store.benchmark, count, seed, rounds):
        try:
            yield store.create(assessment).document
        except StoreError:
            if store.load_or_none(assessment.city.slug, assessment.round) != assessment:
                raise
            yield assessment


def _name(place: Place, number: int) -> str:
    first, second = place.first.split(), place.second.split()
    turn, number = divmod(number, len(first) * len(second))
    # Along the diagonals of both lists, so that neighbours share neither part.
    row = number % len(first)
    column = (number // len(first) + row) % len(second)
    name = place.pattern.format(first[row], second[column])
    return f"{name} {turn + 1}" if turn else name


def _assessment(benchmark: Benchmark, random: Random, place: Place, name: str, slug: str) -> Assessment:
    begun = _BEGIN + timedelta(days=random.randrange(200), minutes=random.randrange(540))
    diligence = random.choice((1.0, 1.0, 0.97, 0.95, 0.9, 0.75, 0.55, 0.3, 0.08))
    # Some ask until somebody knows, and their departments talk with each other.
    is_thorough = diligence == 1.0 and random.random() < _THOROUGH
    unknown = 0.005 if is_thorough else 0.06
    maturity = random.triangular(0.2, 3.0, 1.6)
    strength = {factor.code: random.gauss(maturity, 0.7) for factor in benchmark.key_factors}
    respondents, surveyed = _respondents(random)
    responses: dict[str, dict[str, Any]] = {}
    for key in respondents:
        # Departments know less of the whole than those who agreed on it.
        share = diligence if key == AGREED else diligence * random.uniform(0.5, 1.0)
        bias = 0.0 if key == AGREED else random.gauss(0, 0.5)
        responses[key] = {
            question.code: _answer(random, place, slug, strength[factor.code] + bias, begun, unknown)
            for factor in benchmark.key_factors
            for question in factor.questions
            if random.random() < share
        }
    groups = [
        group
        for factor in benchmark.key_factors
        for question in factor.questions
        for role in surveyed
        for group in _group(random, role, question.code, strength[factor.code] - 0.3, begun)
    ]
    made = Assessment.model_validate(
        {
            "benchmark": {"id": benchmark.id, "version": benchmark.version},
            "city": {
                "name": name,
                "slug": slug,
                "country": place.country,
                "population": round(10 ** random.uniform(4.3, 6.2), -3),
            },
            "round": ROUND,
            "respondents": {key: {"role": role} for key, role in respondents.items()},
            "responses": {key: answers for key, answers in responses.items() if answers},
            "groups": groups,
            "context": _context(benchmark, random, diligence, begun),
            "actions": _plan(benchmark.key_factors, strength, random, begun) if diligence > 0.7 else (),
        }
    )
    agreed = agreed_over_voices(made)
    return agreed if is_thorough else _contested(agreed, random)


def _contested(made: Assessment, random: Random) -> Assessment:
    """Return a city in which some voices have come since it agreed."""
    answers = {
        code: answer.model_copy(update={"over": {key: v for key, v in answer.over.items() if random.random() > _NEW}})
        for code, answer in made.responses.get(AGREED, {}).items()
    }
    return made.model_copy(update={"responses": {**made.responses, AGREED: answers}}) if answers else made


def _respondents(random: Random) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the institutions by key, the agreed answer among them, and roles of persons who were asked."""
    kind = random.random()
    departments = dict(random.sample(sorted(_DEPARTMENTS.items()), random.randint(2, len(_DEPARTMENTS))))
    surveyed = _SURVEYED[: random.choice((0, 0, 1, 2))]
    if kind < 0.6:
        return {AGREED: AGREED_ROLE}, ()
    return ({AGREED: AGREED_ROLE, **departments} if kind < 0.85 else departments), surveyed


def _group(random: Random, role: str, code: str, strength: float, begun: datetime) -> Iterator[dict[str, Any]]:
    levels = [0, 0, 0, 0]
    for _ in range(random.randint(0, 30)):
        levels[_level(random, strength)] += 1
    if sum(levels) < SMALLEST_GROUP:
        return
    said = {random.choice(_REMARKS[level]) for level, people in enumerate(levels) if people > SMALLEST_GROUP}
    counted_at = begun + timedelta(days=10)
    yield {"role": role, "code": code, "levels": tuple(levels), "comments": sorted(said), "counted_at": counted_at}


def _level(random: Random, strength: float) -> int:
    return min(3, max(0, round(random.gauss(strength, 0.6))))


def _answer(
    random: Random, place: Place, slug: str, strength: float, begun: datetime, unknown: float
) -> dict[str, Any]:
    chance = random.random()
    answer: dict[str, Any] = {"updated_at": begun + timedelta(minutes=random.randrange(20_000))}
    if chance < unknown:
        return answer | {"state": "dont_know"}
    if chance < unknown + 0.04:
        return answer | {"state": "not_applicable", "comment": random.choice(_OUTSIDE)}
    level = _level(random, strength)
    answer |= {"state": "rated", "level": level}
    if random.random() < 0.4:
        answer["comment"] = random.choice((*_REMARKS[level], f"{random.choice(_REMARKS[level])} {place.remark}"))
    if level > 1 and random.random() < 0.35:
        paper, year = random.choice(_PAPERS), random.randint(2019, 2026)
        answer["evidence"] = ({"title": f"{paper} {year} (invented)", "url": f"{_SITE}/{slug}/{year}"},)
    return answer


def _context(benchmark: Benchmark, random: Random, diligence: float, begun: datetime) -> dict[str, Any]:
    return {
        factor.code: {
            "direction": random.choice((-2, -1, -1, 0, 1, 1, 2)),
            "comment": random.choice(_CONTEXT) if random.random() < 0.5 else "",
            "bears_on": factor.often_bears_on if random.random() < 0.7 else (),
            "updated_at": begun + timedelta(days=1),
        }
        for factor in benchmark.context_factors
        if random.random() < diligence
    }


def _plan(
    factors: tuple[KeyFactor, ...], strength: dict[str, float], random: Random, begun: datetime
) -> tuple[dict[str, Any], ...]:
    weakest = sorted(factors, key=lambda factor: strength[factor.code])
    return tuple(
        {
            "id": f"a{number}",
            "what": what,
            "who": who,
            "by_when": by_when,
            "indicator": indicator,
            "questions": (factor.questions[0].code,),
            "targets": ({"code": factor.questions[0].code, "level": 3, "by": f"{int(ROUND) + 1}-12"},),
            "updated_at": begun + timedelta(days=14),
        }
        for number, (factor, (what, who, by_when, indicator)) in enumerate(
            zip(weakest, random.sample(_ACTIONS, random.randint(0, len(_ACTIONS))), strict=False), start=1
        )
    )
