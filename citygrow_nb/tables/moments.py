"""Times as survey tools and spreadsheet programs write them: the same moment in every format and language.

What a zone would change is left as it is written, since one tool writes it and another does not.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple

_DATE = re.compile(r"(?<!\d)(\d{1,4})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d{1,2})(?!\d)")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?(?!\d)(?:\s*([apπμ])[.\s]*[mμ](?!\w))?",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"\d{5}([.,]\d+)?")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets count days from here, in no zone
_FIRST_YEAR = 2000
"""Earlier ones stand for no time: LimeSurvey's 1980-01-01 in anonymous surveys, a spreadsheet's 1900 for nothing."""


class Moment(NamedTuple):
    """A moment whose day and month may not be known apart.

    Parameters
    ----------
    year
        The year.
    first, second
        Day and month, as they stand.
    seconds
        Of the day.
    order
        Which comes first: ``month``, ``day``, or empty where the format does not tell.
    """

    year: int
    first: int
    second: int
    seconds: int
    order: str = ""

    @property
    def text(self) -> str:
        """The same for both orders of day and month: 3/4/26 is 2026-03-04 in one country and 2026-04-03 in the next."""
        low, high = sorted((self.first, self.second))
        return f"{self.year}-{low:02}-{high:02} {self.seconds}"

    def sorting(self, *, day_first: bool) -> tuple[int, ...]:
        """Return what sorts moments by time."""
        month_first = self.order == "month" or not (self.order or day_first)
        month, day = (self.first, self.second) if month_first else (self.second, self.first)
        return self.year, month, day, self.seconds


def moment(text: str) -> Moment | None:
    """Return the moment that a text names; None if it names none.

    >>> moment("3/4/26 1:11:12 PM").text == moment("2026-03-04T13:11:12.000+01:00").text == moment("46085.5494444").text
    True
    """
    if _SERIAL.fullmatch(text):
        day = _EPOCH + timedelta(days=float(text.replace(",", ".")), milliseconds=500)
        return _made(day.year, day.month, day.day, day.hour * 3600 + day.minute * 60 + day.second, "month")
    if not (date := _DATE.search(text)):
        return None
    one, sign, two, three = date.groups()
    seconds = _seconds(text[date.end() :])
    if len(one) == 4:
        return _made(int(one), int(two), int(three), seconds, "month")
    if len(one) > 2:
        return None
    first, second = int(one), int(two)
    order = "day" if sign == "." or first > 12 else "month" if second > 12 else ""
    return _made(int(three) + (2000 if len(three) < 4 else 0), first, second, seconds, order)


def _made(year: int, first: int, second: int, seconds: int, order: str) -> Moment | None:
    possible = 1 <= min(first, second) <= 12 and max(first, second) <= 31 and year >= _FIRST_YEAR
    return Moment(year, first, second, seconds, order) if possible else None


def _seconds(text: str) -> int:
    if not (time := _TIME.search(text)):
        return 0
    hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
    if half := (time[5] or "").casefold():
        hour = hour % 12 + (12 if half in {"p", "μ", "µ"} else 0)
    # A spreadsheet's 10:11:12 may be a little less.
    return hour * 3600 + minute * 60 + second + ((time[4] or "").startswith("99"))
