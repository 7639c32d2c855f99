"""A city that fills every field with what pages fear most."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle
from typing import Any

from citygrow_nb.model import AGREED, Assessment, Benchmark
from tests.factories import MORNING

SLUG = "hostile"
TOOK = "cityGrowWasTaken"
"""Name of the variable that any script of this city would set."""

SCRIPT = f"<script>window.{TOOK}=1</script>"
TEXTS = (
    f"{SCRIPT}</textarea></style></title><!-- <![CDATA[",
    f'"><img src=x onerror="window.{TOOK}=1"><svg onload=window.{TOOK}=1>',
    '=HYPERLINK("https://example.org/steal","click") +1 -1 @SUM(A1)',
    "# Heading\n\n**bold** [link](javascript:alert(1)) <b>&amp; &lt;i&gt;</b> `code` $x$ | a | b |",
    "مدينة الخيال \u202eright to left\u202c and עברית",
    "🏙️👩‍👩‍👧‍👦🇪🇺 Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4,
    "{{ 7 * 7 }} {% raw %} ${7*7} %(name)s {0} \\ ' \" ` &#x3C;script&#x3E;",
)
LINKS = (
    f"javascript:window.{TOOK}=1",
    f"data:text/html,{SCRIPT}",
    "https://example.org/?a=1&b=\"><script>'",
    "//example.org/x",
    f" JAVA\tSCRIPT:window.{TOOK}=1",
    "file:///etc/passwd",
    "https://example.org/" + "very-long-path/" * 30,
    "mailto:a@example.org?subject=<b>",
)
LONG = 10_000


def hostile_city(benchmark: Benchmark, round_label: str = "2026") -> Assessment:
    """Return a self-test of a hostile city, with five respondents beside the agreed answer and every kind of answer."""
    texts, links = cycle(TEXTS), cycle(LINKS)
    moments = (f"{(MORNING + timedelta(minutes=minute)).isoformat()}" for minute in range(10**6))
    shift = int(round_label) % 4

    def answer(place: int, text: str) -> dict[str, Any]:
        state = ("rated", "rated", "rated", "rated", "dont_know", "not_applicable")[place % 6]
        level = {"level": (place + shift) % 4} if state == "rated" else {}
        evidence = [{"title": next(texts)[:500], "url": next(links)[:500]}, {"title": "", "url": next(links)[:500]}]
        return {"state": state, **level, "comment": text, "evidence": evidence, "updated_at": next(moments)}

    codes = list(benchmark.questions)
    long = {factor.questions[0].code for factor in benchmark.key_factors}
    agreed = {
        code: answer(place, (next(texts) * LONG)[:LONG] if code in long else next(texts))
        for place, code in enumerate(codes)
        if (place + shift) % 9 < 6
    }
    others = {
        f"r{number}": {code: answer(place + number, next(texts)) for place, code in enumerate(codes) if place % 3 == 0}
        for number in range(1, 6)
    }
    return Assessment.model_validate(
        {
            "benchmark": {"id": benchmark.id, "version": benchmark.version},
            "city": {"name": f"{TEXTS[4]} {SCRIPT} =1+1 🏙️", "slug": SLUG, "country": "XK", "population": 10**9},
            "round": round_label,
            "respondents": {key: {"role": next(texts)[:500], "kind": "institution"} for key in (AGREED, *others)},
            "responses": {AGREED: agreed, **others},
            "context": {
                code: {
                    "direction": place % 5 - 2 if place % 6 else None,
                    "comment": (next(texts) * LONG)[:LONG] if place == 0 else next(texts),
                    "bears_on": list(benchmark.factors)[place % 3 : place % 7],
                    "updated_at": next(moments),
                }
                for place, code in enumerate(benchmark.contexts)
            },
            "actions": [
                {
                    "id": f"a{number}",
                    **{name: next(texts)[:500] for name in ("what", "who", "by_when", "budget", "indicator")},
                    "questions": codes[number : number + 4],
                    "targets": [{"code": codes[number], "level": 3, "by": "2025-12"}],
                    "with_city": next(texts)[:500],
                    "updated_at": next(moments),
                }
                for number in range(6)
            ],
            "mentoring": {
                "offers": [{"factor": code, "capacity": 20} for code in benchmark.factors],
                "needs": [{"factor": code, "priority": 1} for code in benchmark.factors],
                "languages": ["en", "ar"],
                "not_with": [text[:500] for text in TEXTS if ";" not in text],
            },
        }
    )
