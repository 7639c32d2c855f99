"""The one autoescaping Jinja environment, and how numbers and levels are written.

Everything a person typed passes through here and is escaped; only templates of this package make markup.
"""

from __future__ import annotations

import math
import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from citygrow_nb.model import LEVELS, CityFigures, FactorResult, QuestionState, Scorecard, Standing
from citygrow_nb.model.links import link_text, safe_url
from citygrow_nb.rendering.compiled_templates import CompiledTemplates

STANDING_WORDS = {
    Standing.MET: "met",
    Standing.CLOSE: "close",
    Standing.GAP: "gap",
    Standing.UNKNOWN: "not known yet",
    Standing.NOT_APPLICABLE: "does not apply",
}

STATE_WORDS = {
    QuestionState.RATED: "rated",
    QuestionState.DONT_KNOW: "nobody knows yet",
    QuestionState.NOT_APPLICABLE: "does not apply",
    QuestionState.UNANSWERED: "not answered yet",
}


def number(value: float | None) -> str:
    """Write a score: rounded to a whole number, half up; a dash for none.

    >>> number(66.5), number(None)
    ('67', '–')
    """
    return "–" if value is None else str(math.floor(value + 0.5))


def interval(lower: float | None, upper: float | None) -> str:
    """Write bounds: one number where they round to the same, else both.

    >>> interval(40.0, 73.4), interval(50.0, 50.0)
    ('40 to 73', '50')
    """
    low, high = number(lower), number(upper)
    return low if low == high else f"{low} to {high}"


def apart(result: FactorResult | Scorecard | CityFigures) -> str:
    """Say how far the bounds are apart and why; ``""`` where they round to the same.

    >>> from citygrow_nb.model import Scorecard
    >>> apart(Scorecard(factors=(), lower=20, upper=60, coverage=1, met=0, open_width=10, disputed_width=30))
    'anywhere from 20 to 60: of these 40 points 10 are open, 30 disputed'
    """
    if number(result.lower) == number(result.upper):
        return ""
    bounds = f"anywhere from {number(result.lower)} to {number(result.upper)}"
    disputed = number(result.disputed_width)
    if disputed == "0":
        return f"{bounds} once all is known"
    if number(result.open_width) == "0":
        return f"{bounds} once all is agreed"
    whole = math.floor((result.open_width + result.disputed_width) + 0.5)
    return f"{bounds}: of these {whole} points {whole - int(disputed)} are open, {disputed} disputed"


def percent(share: float | None) -> str:
    r"""Write a share of 0 to 1 in per cent; never rounded up to 100 or down to 0; a dash for none.

    >>> percent(0.996), percent(1.0), percent(None)
    ('99\xa0%', '100\xa0%', '–')
    """
    if share is None:
        return "–"
    whole = round(100 * share)
    if 0 < share < 1:
        whole = min(max(whole, 1), 99)
    return f"{whole}\u00a0%"


def level(value: float) -> str:
    """Write a level: whole as it is, a mean with one decimal.

    >>> level(2), level(5 / 3)
    ('2', '1.7')
    """
    return str(int(value)) if value in LEVELS else f"{value:.1f}"


def thousands(value: int) -> str:
    """Write a whole number.

    >>> thousands(655000)
    '655,000'
    """
    return f"{value:,}"


def count(value: int, singular: str, plural: str = "") -> str:
    """Write a number with its noun.

    >>> count(1, "question"), count(3000, "city", "cities")
    ('1 question', '3,000 cities')
    """
    return f"{thousands(value)} {singular if value == 1 else plural or singular + 's'}"


@cache
def environment() -> Environment:
    """Return the environment, built once per process."""
    made = Environment(
        loader=PackageLoader("citygrow_nb.rendering", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        bytecode_cache=CompiledTemplates(),
    )
    made.filters |= {
        "number": number,
        "percent": percent,
        "level": level,
        "safe_url": safe_url,
        "link_text": link_text,
        "count": count,
        "thousands": thousands,
        "standing": STANDING_WORDS.__getitem__,
        "state": STATE_WORDS.__getitem__,
    }
    made.globals |= {"interval": interval, "apart": apart, "State": QuestionState, "Standing": Standing}
    return made


def load_templates() -> None:
    """Load every template; processes forked off this one need not."""
    for name in environment().list_templates(extensions=["j2"]):
        environment().get_template(name)


_PARTS = {
    "charts.css": ("cg-chart",),
    "results.css": (
        "cg-standings",
        "cg-lede",
        "cg-tally",
        "cg-brief",
        "cg-multiples",
        "cg-plan",
        "cg-follow",
        "cg-change",
        "cg-columns",
        "cg-beside",
    ),
    "agreeing.css": ("cg-sides", "cg-voices"),
}

FRAGMENTS = ("jupyterlab.css", "fragments.css", *_PARTS)
"""Style sheets of all fragments, and of what they lean on in JupyterLab."""


def styles_of(body: str) -> tuple[str, ...]:
    """Return the style sheets that the fragments of a page need: every page carries its own.

    >>> styles_of('<svg class="cg-chart">')
    ('fragments.css', 'charts.css')
    """
    parts = {**_PARTS, "own.css": ('class="own-',)}
    return ("fragments.css", *(name for name, classes in parts.items() if any(word in body for word in classes)))


@cache
def stylesheet(*names: str) -> Markup:
    """Return style sheets of this package joined into one, ready to stand in a ``style`` element."""
    folder = files("citygrow_nb.rendering") / "templates"
    text = "\n".join((folder / name).read_text("utf-8").strip() for name in names)
    # Every page carries it, so what only people need who write it stays out.
    text = re.sub(r"\s*([{};,])\s*|(?<=:) +", r"\1", text) if all(n.endswith(".css") for n in names) else text
    return Markup(text)  # noqa: S704 -- our own files


def render(template: str, **values: object) -> str:
    """Render one template of this package with escaping."""
    return environment().get_template(template).render(**values).strip()
