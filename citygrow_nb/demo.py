"""Fictitious cities to try citygrow on: plausible answers, invented names, the same for the same seed.

The names mean "nowhere", "mist", "frog mountain" and the like in their languages; no such city is meant to exist. City
number seven is the same whether ten cities are made or a thousand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from citygrow_nb.answers import AnswerStore
from citygrow_nb.exceptions import StoreError
from citygrow_nb.model import AGREED, Assessment, Benchmark, KeyFactor
from citygrow_nb.model.assessment import AGREED_ROLE
from citygrow_nb.slugs import unique_slug

ROUND = "2026"
_BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_SITE = "https://example.org"


@dataclass(frozen=True)
class _Place:
    """How cities are called in one country, and what people there write."""

    country: str
    pattern: str
    first: str
    second: str
    remark: str


# Two lists of parts each; a name takes one of both.
_PLACES = (
    _Place(
        "PL",
        "{} {}",
        "Żabia Mglista Bajkowa Senna Zmyślona Niebyła",
        "Góra Wólka Dolina Łąka Przystań",
        "Zmyślony przykład.",
    ),
    _Place(
        "DE",
        "{}{}",
        "Nebel Traum Nirgend Wolken Märchen Luft",
        "heim hausen brück stätten furth",
        "Erfundenes Beispiel.",
    ),
    _Place(
        "ES",
        "{} {}",
        "Villa Puerto Fuente Peña Vega",
        "Inventada Quimera Soñada Niebla Fantasía Ninguna",
        "Ejemplo inventado.",
    ),
    _Place(
        "GR",
        "{} {}",
        "Άνω Κάτω Νέα Παλαιά Μικρή",
        "Ουτοπία Ομίχλη Ονειρούπολη Φαντασία Νεφέλη",
        "Φανταστικό παράδειγμα.",
    ),
    _Place("MA", "{} {}", "مدينة واحة مرسى عين قصبة", "الخيال السراب الأحلام الضباب الغيوم", "مثال من نسج الخيال."),
    _Place("FI", "{}{}", "Utu Satu Uni Pilvi Kaiku", "la kylä niemi saari lampi", "Keksitty esimerkki."),
    _Place("IT", "{} {}", "Borgo Castel Monte Porto Villa", "Nebbia Finto Sogno Chimera Altrove", "Esempio inventato."),
    _Place("PT", "{} {}", "Vila Aldeia Ponte Foz Serra", "Sonhada Ilusão Neblina Fábula Miragem", "Exemplo inventado."),
    _Place("FR", "{}-{}", "Saint Mont Val Pont Port", "Nulpart Songe Brume Chimère Mirage", "Exemple inventé."),
    _Place("SE", "{}{}", "Dimm Saga Dröm Moln Ingen", "stad torp vik köping åsa", "Påhittat exempel."),
    _Place("UA", "{} {}", "Нова Верхня Стара Мала Велика", "Мрія Казка Вигадка Хмаринка Примара", "Вигаданий приклад."),
    _Place("BG", "{} {}", "Горна Долна Нова Стара Малка", "Мъгла Измислица Приказка Химера Мечта", "Измислен пример."),
    _Place("IE", "{}{}", "Bally Kil Dun Glen Inish", "nowhere mist dream legend echo", "Invented example."),
    _Place("TR", "{}{}", "Düş Sis Bulut Masal Hayal", "köy pınar dere kent ova", "Uydurma örnek."),
    _Place("GE", "{} {}", "ახალი ძველი ზემო ქვემო პატარა", "ოცნება ნისლი ზღაპარი ექო სიზმარი", "გამოგონილი მაგალითი."),
)

_DEPARTMENTS = {
    "econ": "Economic development",
    "integration": "Integration office",
    "business-support": "Business support agency",
    "chamber": "Chamber of commerce",
    "migrant-council": "Migrants' advisory council",
    "bank": "Local savings bank",
    "university": "University incubator",
}
_SURVEYED = "Founder"
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


def cities(benchmark: Benchmark, count: int, seed: int = 0) -> Iterator[Assessment]:
    """Make up cities.

    Parameters
    ----------
    benchmark
        What they answer.
    count
        How many.
    seed
        Another seed gives other cities.

    Yields
    ------
    Assessment
        Each with a name and folder of its own: some complete, some half answered, some barely begun, with one or
        several respondents.
    """
    taken: dict[str, str] = {}
    for index in range(count):
        random = Random(f"{seed}:{index}")  # noqa: S311 - nothing here is secret
        place = _PLACES[(seed + index) % len(_PLACES)]
        name = _name(place, (seed + index) // len(_PLACES))
        slug = unique_slug(name, taken)
        taken[slug] = name
        yield _assessment(benchmark, random, place, name, slug)


def write(store: AnswerStore, count: int, seed: int = 0) -> Iterator[Assessment]:
    """Make up cities and save their answers.

    Parameters
    ----------
    store
        Where to.
    count, seed
        As in :func:`cities`.

    Yields
    ------
    Assessment
        Each city that was saved. One that is there already with the same answers is left as it is.

    Raises
    ------
    StoreError
        If a city of this name has other answers, or answers cannot be saved.
    """
    for assessment in cities(store.benchmark, count, seed):
        try:
            yield store.create(assessment).document
        except StoreError:
            if store.load_or_none(assessment.city.slug, assessment.round) != assessment:
                raise
            yield assessment


def _name(place: _Place, number: int) -> str:
    first, second = place.first.split(), place.second.split()
    turn, number = divmod(number, len(first) * len(second))
    # Along the diagonals of both lists, so that neighbours share neither part.
    row = number % len(first)
    column = (number // len(first) + row) % len(second)
    name = place.pattern.format(first[row], second[column])
    return f"{name} {turn + 1}" if turn else name


def _assessment(benchmark: Benchmark, random: Random, place: _Place, name: str, slug: str) -> Assessment:
    begun = _BEGIN + timedelta(days=random.randrange(200), minutes=random.randrange(540))
    diligence = random.choice((1.0, 0.97, 0.95, 0.9, 0.75, 0.55, 0.3, 0.08))
    maturity = random.triangular(0.2, 3.0, 1.6)
    strength = {factor.code: random.gauss(maturity, 0.7) for factor in benchmark.key_factors}
    respondents = _respondents(random)
    responses: dict[str, dict[str, Any]] = {}
    for key in respondents:
        # Departments know less of the whole than those who agreed on it.
        share = diligence if key == AGREED else diligence * random.uniform(0.5, 1.0)
        bias = 0.0 if key == AGREED else random.gauss(0, 0.5)
        responses[key] = {
            question.code: _answer(random, place, slug, strength[factor.code] + bias, begun)
            for factor in benchmark.key_factors
            for question in factor.questions
            if random.random() < share
        }
    return Assessment.model_validate(
        {
            "benchmark": {"id": benchmark.id, "version": benchmark.version},
            "city": {
                "name": name,
                "slug": slug,
                "country": place.country,
                "population": round(10 ** random.uniform(4.3, 6.2), -3),
            },
            "round": ROUND,
            "respondents": {key: _respondent(role) for key, role in respondents.items()},
            "responses": responses,
            "context": _context(benchmark, random, diligence, begun),
            "actions": _plan(benchmark.key_factors, strength, random, begun) if diligence > 0.7 else (),
        }
    )


def _respondents(random: Random) -> dict[str, str]:
    kind = random.random()
    departments = dict(random.sample(sorted(_DEPARTMENTS.items()), random.randint(2, len(_DEPARTMENTS))))
    if kind < 0.6:
        return {AGREED: AGREED_ROLE}
    # In some cities a survey of founders stands beside them; fewer than five of these are never shown.
    surveyed = {f"p-{number}": _SURVEYED for number in range(1, random.choice((0, 0, 3, 8)) + 1)}
    return {AGREED: AGREED_ROLE, **departments} if kind < 0.8 else {**departments, **surveyed}


def _respondent(role: str) -> dict[str, str]:
    return {"role": role, "kind": "person" if role in {AGREED_ROLE, _SURVEYED} else "institution"}


def _answer(random: Random, place: _Place, slug: str, strength: float, begun: datetime) -> dict[str, Any]:
    chance = random.random()
    answer: dict[str, Any] = {"updated_at": begun + timedelta(minutes=random.randrange(20_000))}
    if chance < 0.06:
        return answer | {"state": "dont_know"}
    if chance < 0.1:
        return answer | {"state": "not_applicable", "comment": random.choice(_OUTSIDE)}
    level = min(3, max(0, round(random.gauss(strength, 0.6))))
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
            "updated_at": begun + timedelta(days=14),
        }
        for number, (factor, (what, who, by_when, indicator)) in enumerate(
            zip(weakest, random.sample(_ACTIONS, random.randint(0, len(_ACTIONS))), strict=False), start=1
        )
    )
