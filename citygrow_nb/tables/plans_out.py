"""Action plans to take along: as a spreadsheet, and for the calendar."""

from __future__ import annotations

import io
import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from citygrow_nb.model import Action, Assessment, Benchmark, GuideQuestion, Target
from citygrow_nb.tables import lines
from citygrow_nb.tables.header import ACTIONS
from citygrow_nb.tables.spreadsheet import Spreadsheet

_NO_TIME = datetime(1980, 1, 1, tzinfo=UTC)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?")
_TARGETS = ("city", "round", "slug", "action", "what", "code", "question", "level", "level_in_words", "by", "status")


def plan_xlsx(benchmark: Benchmark, assessments: Sequence[Assessment]) -> bytes:
    """Return action plans as an XLSX file: one row an action, and one row a target on a sheet of its own.

    Parameters
    ----------
    benchmark, assessments
        What was asked, and whose plans.
    """
    file = io.BytesIO()
    with Spreadsheet(file, Path("plan.xlsx"), {"actions": ACTIONS, "targets": _TARGETS}, frozen=1) as book:
        for assessment in assessments:
            for line in lines.action_lines(assessment):
                book.put("actions", line)
            for action in assessment.actions:
                for target in action.targets:
                    question = benchmark.questions.get(target.code)
                    words = _in_words(question, target) if question else {}
                    book.put(
                        "targets",
                        {
                            **lines.city_line(assessment),
                            "action": action.id,
                            "what": action.what,
                            "code": target.code,
                            "level": target.level,
                            "by": target.by,
                            "status": action.status.value,
                            **words,
                        },
                    )
    return file.getvalue()


def _in_words(question: GuideQuestion, target: Target) -> dict[str, str]:
    return {"question": question.text, "level_in_words": question.levels[target.level]}


def plan_ics(benchmark: Benchmark, assessments: Sequence[Assessment]) -> tuple[bytes, int]:
    """Return what of action plans has a date, for the calendar (iCalendar, RFC 5545): a day for each target and action.

    Parameters
    ----------
    benchmark, assessments
        What was asked, and whose plans.

    Returns
    -------
    tuple
        The file, and how many days it holds: the last of a target's month, and of an action the day or month that its
        “by when” names, as in 2027-12. Actions that are over have none.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//citygrow//action plan//EN")
    calendar.add("version", "2.0")
    days = 0
    for assessment in assessments:
        for action in assessment.actions:
            for name, day, summary in _days(benchmark, action):
                event = Event()
                event.add("uid", f"{assessment.benchmark.id}-{assessment.city.slug}-{assessment.round}-{name}@citygrow")
                event.add("dtstamp", action.updated_at or _NO_TIME)
                event.add("dtstart", day)
                event.add("dtend", day + timedelta(days=1))
                event.add("summary", f"{assessment.city.name}: {summary}")
                event.add("description", _described(action))
                event.add("transp", "TRANSPARENT")
                calendar.add_component(event)
                days += 1
    return calendar.to_ical(), days


def _days(benchmark: Benchmark, action: Action) -> list[tuple[str, date, str]]:
    if action.status.is_over:
        return []
    dated = [(action.id, _day(action.by_when), action.what)]
    dated += [
        (f"{action.id}-{target.code.lower()}", _day(target.by), _goal(benchmark, target)) for target in action.targets
    ]
    return [(name, day, what) for name, day, what in dated if day is not None]


def _goal(benchmark: Benchmark, target: Target) -> str:
    name = benchmark.scale.levels[target.level].name
    return f"{target.code} shall be at level {target.level}, {name}"


def _described(action: Action) -> str:
    said = (action.what, action.who and f"Who: {action.who}", action.indicator and f"Seen by: {action.indicator}")
    return "\n".join(filter(None, said))


def _day(text: str) -> date | None:
    """Return the day that a text names, or the last of the month that it names."""
    match = _MONTH.fullmatch(text.strip())
    if match is None:
        return None
    year, month = int(match[1]), int(match[2])
    last = monthrange(year, month)[1]
    return date(year, month, min(int(match[3]) if match[3] else last, last)) if year else None
