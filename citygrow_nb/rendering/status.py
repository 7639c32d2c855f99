"""Which cities have answered how much: the secretariat's working list. In the order of names, no ranking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from citygrow_nb.model import Benchmark
from citygrow_nb.model.status import CityStatus
from citygrow_nb.rendering.environment import render
from citygrow_nb.rendering.finder import crumbs_of, many_cities_page
from citygrow_nb.workspace import STATUS

PAGE = 400
"""Most cities that stand in the table of one page."""


def status_file(number: int) -> str:
    """Return the file name of one page of the list, counted from 1."""
    return STATUS if number == 1 else STATUS.replace(".", f"-{number:02}.")


def status_pages(
    benchmark: Benchmark, cities: Sequence[CityStatus], *, expected: bool, front: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of the pages on how far cities are in a round.

    Parameters
    ----------
    benchmark, cities
        What is asked, and how far each city is: all of one round.
    expected
        Whether there is a list of expected cities.
    front
        Whether there is a front page over several benchmarks to lead back to.
    """
    at_work = [city for city in cities if city.begun == "begun"]
    starts = range(0, max(1, len(at_work)), PAGE)
    files = [status_file(number) for number, _ in enumerate(starts, start=1)]
    complete = [city for city in cities if city.begun == "complete"]
    waiting = [city for city in cities if city.begun == "not_begun"]
    crumbs = crumbs_of(front=front)
    for number, (file, start) in enumerate(zip(files, starts, strict=True), start=1):
        body = render(
            "status.html.j2",
            benchmark=benchmark,
            round=cities[0].round if cities else "",
            first=number == 1,
            total=len(cities),
            complete=complete,
            waiting=waiting,
            begun=len(at_work),
            rows=at_work[start : start + PAGE],
            titles={factor.code: factor.short_title for factor in benchmark.key_factors},
            files=files,
            file=file,
            expected=expected,
        )
        title = "Who has answered how much" + (f", page {number}" if number > 1 else "")
        yield file, many_cities_page(benchmark, title, body, crumbs)
