"""Every job gets its outcome, whatever dies on the way."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.batch.scheduling import Crew
from citygrow_nb.exceptions import ReportError
from tests.batch.conftest import Inline, inline_pool


def double(number: int) -> int:
    if number == 13:
        raise ValueError("unlucky")
    return 2 * number


class Mortal(Inline):
    """Breaks when it gets a deadly job, and takes every job in hand with it, as a pool of processes does."""

    def __init__(self, deadly: set[int], deaths: dict[int, int]) -> None:
        self.deadly, self.deaths = deadly, deaths
        self.broken = False
        self.open: list[Future[Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.broken:
            raise BrokenProcessPool("gone")
        (number,) = args
        if number in self.deadly and self.deaths.get(number, 0) < 9:
            self.deaths[number] = self.deaths.get(number, 0) + 1
            self.broken = True
            future: Future[Any] = Future()
            for waiting in (*self.open, future):
                if not waiting.done():
                    waiting.set_exception(BrokenProcessPool("gone"))
            return future
        future = super().submit(fn, *args, **kwargs)
        self.open.append(future)
        return future


def mortal_pool(
    deadly: set[int], deaths: dict[int, int]
) -> Callable[[int], contextlib.AbstractContextManager[Executor]]:
    @contextlib.contextmanager
    def pool(workers: int) -> Iterator[Executor]:
        yield Mortal(deadly, deaths)

    return pool


def test_failure_of_one_job_is_its_outcome() -> None:
    """An exception stands where the result would, and the other jobs go on."""
    with Crew(inline_pool, 2) as crew:
        outcomes = dict(crew.each(double, range(20)))
    assert isinstance(outcomes.pop(13), ValueError)
    assert outcomes == {number: 2 * number for number in range(20) if number != 13}


@given(st.sets(st.integers(0, 30)), st.integers(1, 4))
def test_no_job_is_lost_or_done_for_another(deadly: set[int], workers: int) -> None:
    """However many workers die, every job ends exactly once; only those that kill twice have failed."""
    deaths: dict[int, int] = {}
    with Crew(mortal_pool(deadly, deaths), workers) as crew:
        outcomes = list(crew.each(double, (number for number in range(31) if number != 13)))
    assert sorted(job for job, _ in outcomes) == [number for number in range(31) if number != 13]
    failed = {job for job, outcome in outcomes if isinstance(outcome, ReportError)}
    assert failed == deadly - {13}
    assert all(2 <= deaths[number] <= 3 for number in failed)


def test_job_that_killed_once_by_chance_is_done() -> None:
    """A death that does not come again costs nothing but time."""
    deaths = {5: 8}
    with Crew(mortal_pool({5}, deaths), 2) as crew:
        assert dict(crew.each(double, range(10))) == {number: 2 * number for number in range(10)}


def test_jobs_are_made_only_as_they_are_needed() -> None:
    """A thousand documents are not held in memory for two workers."""
    made = 0

    def jobs() -> Iterator[int]:
        nonlocal made
        for number in range(100):
            made += 1
            yield number

    with Crew(inline_pool, 2) as crew:
        outcomes = crew.each(double, jobs())
        next(outcomes)
        assert made <= 4


def test_workers_serve_one_round_of_jobs_after_another() -> None:
    """The same pool makes the cities and the portfolio; opening another would cost seconds."""
    opened = 0

    @contextlib.contextmanager
    def pool(workers: int) -> Iterator[Executor]:
        nonlocal opened
        opened += 1
        yield Inline()

    with Crew(pool, 2) as crew:
        list(crew.each(double, range(3)))
        list(crew.each(double, range(3)))
    assert opened == 1


def test_interruption_reaches_the_pool() -> None:
    """Ctrl-C in the middle is passed on to the pool, which stops its workers."""
    seen: list[type[BaseException]] = []

    @contextlib.contextmanager
    def pool(workers: int) -> Iterator[Executor]:
        try:
            yield Inline()
        except BaseException as error:
            seen.append(type(error))
            raise

    def interrupted() -> None:
        with Crew(pool, 2) as crew:
            next(crew.each(double, range(10)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert seen == [KeyboardInterrupt]
