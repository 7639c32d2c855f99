"""Every job gets its outcome, whatever dies on the way."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.exceptions import ReportError
from citygrow_nb.executors import JobRunner, WorkerDied
from tests.batch_fixtures import Inline, inline_pool


def double(number: int) -> int:
    if number == 13:
        raise ValueError("unlucky")
    return 2 * number


class Fates:
    """What goes wrong: jobs that kill their worker so many times, and submissions at which everything breaks."""

    def __init__(self, deadly: Mapping[int, int], breaks: Set[int] = frozenset()) -> None:
        self.deadly, self.breaks = deadly, breaks
        self.deaths: Counter[int] = Counter()
        self.submitted = self.opened = 0

    @contextlib.contextmanager
    def pool(self, workers: int, **_: Any) -> Iterator[Executor]:
        self.opened += 1
        yield Mortal(self)


class Mortal(Inline):
    """Does each job at once, unless its fate is another."""

    def __init__(self, fates: Fates) -> None:
        self.fates = fates
        self.broken = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.broken:
            raise BrokenExecutor("gone")
        (number,) = args
        self.fates.submitted += 1
        future: Future[Any] = Future()
        if self.fates.submitted in self.fates.breaks:
            self.broken = True
            future.set_exception(BrokenExecutor("gone"))
        elif self.fates.deaths[number] < self.fates.deadly.get(number, 0):
            self.fates.deaths[number] += 1
            future.set_exception(WorkerDied("gone"))
        else:
            return super().submit(fn, *args, **kwargs)
        return future


def test_failure_of_one_job_is_its_outcome() -> None:
    """An exception stands where the result would, and the other jobs go on."""
    with JobRunner(inline_pool, 2) as runner:
        outcomes = dict(runner.each(double, range(20)))
    assert isinstance(outcomes.pop(13), ValueError)
    assert outcomes == {number: 2 * number for number in range(20) if number != 13}


@given(
    st.dictionaries(st.integers(0, 30), st.integers(1, 3)),
    st.sets(st.integers(1, 40), max_size=4),
    st.integers(1, 4),
)
def test_no_job_is_lost_or_done_for_another(deadly: dict[int, int], breaks: set[int], workers: int) -> None:
    """However many workers die and pools break, every job ends exactly once; only those that kill twice have failed."""
    numbers = [number for number in range(31) if number != 13]
    fates = Fates(deadly, breaks)
    with JobRunner(fates.pool, workers) as runner:
        outcomes = list(runner.each(double, iter(numbers)))
    assert sorted(job for job, _ in outcomes) == numbers
    failed = {job for job, outcome in outcomes if isinstance(outcome, ReportError)}
    assert failed == {number for number, times in deadly.items() if times >= 2} - {13}
    assert all(outcome == 2 * job for job, outcome in outcomes if job not in failed)
    assert fates.opened <= len(breaks) + 1


def test_pool_that_breaks_again_and_again_fails_the_job() -> None:
    """A job that always takes the whole pool with it does not go on for ever."""
    with JobRunner(Fates({}, set(range(1000))).pool, 1) as runner:
        ((_, outcome),) = runner.each(double, [1])
    assert isinstance(outcome, ReportError)


def test_jobs_are_made_only_as_they_are_needed() -> None:
    """A thousand documents are not held in memory for two workers."""
    made = 0

    def jobs() -> Iterator[int]:
        nonlocal made
        for number in range(100):
            made += 1
            yield number

    with JobRunner(inline_pool, 2) as runner:
        outcomes = runner.each(double, jobs())
        next(outcomes)
        assert made <= 4


def test_pool_that_grows_gets_more_jobs_ahead() -> None:
    """Where the executor tells how many slots it has, that counts, not what was asked for."""
    submitted = 0

    class Growing(Inline):
        slots = 8

        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            nonlocal submitted
            submitted += 1
            return super().submit(fn, *args, **kwargs)

    with JobRunner(lambda *_, **__: contextlib.nullcontext(Growing()), 1) as runner:
        next(iter(runner.each(double, range(100))))
    assert submitted == 16


def test_limit_and_warm_up_reach_the_pool() -> None:
    """What the runner is told of, the pool is told."""
    told: dict[str, Any] = {}

    @contextlib.contextmanager
    def pool(workers: int, **rest: Any) -> Iterator[Executor]:
        told.update(rest, workers=workers)
        yield Inline()

    with JobRunner(pool, 3, limit=7, warm_up=list) as runner:
        list(runner.each(double, range(3)))
    assert told == {"workers": 3, "limit": 7, "warm_up": list}


def test_workers_serve_one_round_of_jobs_after_another() -> None:
    """The same pool makes the cities and the portfolio; opening another would cost seconds."""
    fates = Fates({})
    with JobRunner(fates.pool, 2) as runner:
        list(runner.each(double, range(3)))
        list(runner.each(double, range(3)))
    assert fates.opened == 1


def test_workers_that_hold_much_go_before_others_come() -> None:
    """The new ones are as many as were asked for, and begin with nothing; none comes before there is a job."""
    told: list[Any] = []

    @contextlib.contextmanager
    def pool(workers: int, *, warm_up: Any = None, **_: Any) -> Iterator[Executor]:
        told.append((workers, warm_up))
        yield Inline()
        told.append("gone")

    with JobRunner(pool, 3, warm_up=list) as runner:
        list(runner.each(double, range(3)))
        runner.restart(1)
        assert told == [(3, list), "gone"]
        assert dict(runner.each(double, range(3))) == {0: 0, 1: 2, 2: 4}
    assert told == [(3, list), "gone", (1, None), "gone"]


def test_no_pool_is_opened_for_no_jobs() -> None:
    """A run that finds everything up to date starts no process."""
    fates = Fates({})
    with JobRunner(fates.pool, 2) as runner:
        assert list(runner.each(double, [])) == []
    assert fates.opened == 0


def test_interruption_reaches_the_pool() -> None:
    """Ctrl-C in the middle is passed on to the pool, which stops its workers."""
    seen: list[type[BaseException]] = []

    @contextlib.contextmanager
    def pool(workers: int, **_: Any) -> Iterator[Executor]:
        try:
            yield Inline()
        except BaseException as error:
            seen.append(type(error))
            raise

    def interrupted() -> None:
        with JobRunner(pool, 2) as runner:
            next(iter(runner.each(double, range(10))))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert seen == [KeyboardInterrupt]
