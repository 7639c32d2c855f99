"""One workbook of one city: what its cells show, and what its forms save."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from citygrow_nb import atomic, rendering, scoring
from citygrow_nb.answers import AnswerStore
from citygrow_nb.exceptions import CitygrowError, Problem, UnknownCode, UsageError
from citygrow_nb.model import Assessment, Benchmark
from citygrow_nb.model.fields import nearest
from citygrow_nb.plan import factor_files
from citygrow_nb.rendering import Fragment
from citygrow_nb.workbook.opened import Opened, settings
from citygrow_nb.workbook.place import find_benchmark, find_document, found_mentors
from citygrow_nb.workspace import Workspace, checked_round

if TYPE_CHECKING:
    from pandas import DataFrame

    from citygrow_nb.workbook.session import Session

FORM_PATIENCE = 3.0
"""Seconds that a form waits for somebody else's lock: fewer than for its reply, so that it is told the reason."""


NOTHING_OPEN = "Nothing to show here yet; the top of this workbook says why."
"""What stands in place of everything else while no city is open."""

SURPRISE = "This part cannot be shown: something unexpected went wrong. Your answers are safe. Run all cells again."

_log = logging.getLogger(__name__)


def open_workbook(
    benchmark: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    city: str = "",
    round: object = "",
    form: bool = True,
    folder: Path | None = None,
) -> Workbook:
    """Open a workbook on a city's answers.

    Parameters
    ----------
    benchmark
        Id of the benchmark.
    parameters
        The notebook's names, as ``globals()`` gives them; ``city``, ``round`` and ``form`` among them count.
    city
        Folder name of the city; empty for the one that is being worked on.
    round
        Label of the self-test; empty for the one that was worked on last.
    form
        Whether to show live forms. Without them only what was saved is shown, and every error is raised.
    folder
        Where to look for the workspace, upwards; the current folder when None.

    Returns
    -------
    Workbook
        With ``form``, one that explains itself if the city cannot be opened.
    """
    chosen = settings(parameters, city=city, round=round, form=form)
    label, form = chosen["round"], chosen["form"]
    book = _current.keep(Workbook(Workspace.find(folder), form))
    try:
        book.start(benchmark, chosen["city"], "" if label in ("", None) else checked_round(label))
    except CitygrowError as error:
        if not form:
            raise
        book.trouble = error
    return book


def current() -> Workbook:
    """Return the workbook that the opening cell opened; an error of one sentence if it was not run."""
    return _current.get()


def _shown(method: Callable[..., Any]) -> Callable[..., Any]:
    """Show a sentence instead of raising while people work with forms."""

    @functools.wraps(method)
    def call(self: Workbook, *args: str) -> Any:
        if self.form and not self.is_open:
            return rendering.message(NOTHING_OPEN)  # why, is said once, at the head
        try:
            return method(self, *args)
        except CitygrowError as error:
            if not self.form:
                raise
            return rendering.message(str(error))
        except Exception:  # people get a sentence, and the traceback goes to the log
            if not self.form:
                raise
            _log.exception("a cell failed")
            return rendering.message(SURPRISE)

    return call


class Workbook:
    """One workbook of one city.

    Every public method is one cell: it returns what the cell shows.
    """

    def __init__(self, workspace: Workspace, form: bool) -> None:
        self.workspace = workspace
        self.form = form
        self.trouble: CitygrowError | None = None
        self._benchmark: Benchmark | None = None
        self._assessment: Assessment | None = None
        self._session: Session | None = None
        self._store: AnswerStore | None = None

    def start(self, benchmark: str, city: str, round_label: str) -> None:
        """Load the benchmark and the city's answers."""
        self._benchmark = find_benchmark(benchmark, self.workspace)
        patience = FORM_PATIENCE if self.form else atomic.PATIENCE
        self._store = store = AnswerStore(self.workspace, self._benchmark, patience=patience)
        try:
            self._assessment = store.load(*find_document(self.workspace, benchmark, city, round_label))
        except CitygrowError as error:
            if not self.form:
                raise
            self.trouble = error
        if self.form:
            from citygrow_nb.workbook.session import Session

            self._session = Session.at(store, self._assessment, self.trouble)

    @property
    def benchmark(self) -> Benchmark:
        """Benchmark that is asked."""
        if self._benchmark is None:
            raise self.trouble or UsageError("no benchmark is open")
        return self._benchmark

    @property
    def assessment(self) -> Assessment:
        """Answers, as last seen on disk."""
        if self._session is not None:
            return self._session.assessment
        if self._assessment is None:
            raise self.trouble or UsageError("no city is open")
        return self._assessment

    @property
    def is_open(self) -> bool:
        """Whether there is a city whose answers can be shown."""
        return self._assessment is not None if self._session is None else self._session.is_open

    def _repr_mimebundle_(self, **options: object) -> Any:
        return self.opening()._repr_mimebundle_(**options)

    def opening(self, code: str = "") -> Any:
        """Show which city and round are open, and how far the self-test, or one key factor of it, has come."""
        if self._session is not None:
            return self._session.head(code)
        if self.trouble:
            return rendering.message(str(self.trouble))
        return rendering.opening(self.benchmark, self.assessment, styled=False, code=code)

    def city(self) -> Any:
        """Show the city's own data; with forms, let it be named."""
        if self._session is not None:
            return self._session.city()
        if self.trouble:
            return rendering.message(NOTHING_OPEN)
        return rendering.city_facts(self.benchmark, self.assessment)

    @_shown
    def question(self, code: str) -> Any:
        """Show the answer to one guide question; with forms, let it be given."""
        self._known(code, self.benchmark.questions)
        if self._session is not None:
            return self._session.question(code)
        return rendering.question(self.benchmark, self.assessment, code)

    @_shown
    def context(self, code: str) -> Any:
        """Show how the city reads one context factor; with forms, let it be said."""
        self._known(code, self.benchmark.contexts)
        if self._session is not None:
            return self._session.context(code)
        return rendering.context(self.benchmark, self.assessment, code)

    @_shown
    def agree(self) -> Any:
        """Show what respondents differ on, least agreement first; with forms, let the agreed answers be given."""
        if self._session is not None:
            return self._session.agree()
        return rendering.agree_first(self.benchmark, self.assessment, self._links)

    @_shown
    def meetings(self) -> Any:
        """With forms, let it be noted who met and when."""
        return self._session.meetings() if self._session is not None else Fragment("", "")

    @_shown
    def minutes(self) -> Any:
        """Show the minutes: who met, when, what was agreed, what is left."""
        return self._drawn("minutes", lambda: rendering.minutes(self.benchmark, self.assessment, self._links))

    @_shown
    def actions(self) -> Any:
        """Show the action plan; with forms, let it be written."""
        if self._session is not None:
            return self._session.actions()
        return rendering.actions(self.assessment)

    @_shown
    def follow_up(self) -> Any:
        """Show what became of the targets of the round before."""
        return self._drawn("follow_up", self._followed)

    @_shown
    def trend(self) -> Any:
        """Show how every key factor went over three and more rounds."""
        return self._drawn("trend", self._trend)

    @_shown
    def wishes(self) -> Any:
        """Show what the city offers to others and would like from them; with forms, let it be said."""
        if self._session is not None:
            return self._session.wishes()
        return rendering.wishes(self.benchmark, self.assessment)

    @_shown
    def mentors(self) -> Any:
        """Show who could help the city, and whom it could help, as was last found."""
        return self._drawn(
            "mentors",
            lambda: rendering.mentors_of(
                self.benchmark, found_mentors(self.workspace, self.benchmark.id), self.assessment.city.slug
            ),
        )

    @_shown
    def network(self) -> Any:
        """With forms, let mentors be found for all cities of the workspace."""
        return self._session.network() if self._session is not None else Fragment("", "")

    @_shown
    def exports(self) -> Any:
        """With forms, let the report be made and answers be downloaded."""
        return self._session.exports() if self._session is not None else Fragment("", "")

    @_shown
    def scorecard(self, code: str) -> Any:
        """Show one key factor's score, bounds, coverage, standing, and what is missing."""
        self._known(code, self.benchmark.factors)
        return self._drawn(
            f"scorecard {code}", lambda: rendering.scorecard(self.benchmark, self._own, code, folded=self.form)
        )

    @_shown
    def practices(self, code: str) -> Any:
        """Show practices of other cities, those for the weakest questions first."""
        self._known(code, self.benchmark.factors)
        return self._drawn(f"practices {code}", lambda: rendering.practices(self.benchmark, self._own, code))

    @_shown
    def headline(self) -> Any:
        """Say in one sentence where the city stands."""
        return self._drawn("headline", lambda: rendering.headline(self.benchmark, self.assessment))

    @_shown
    def chart(self) -> Any:
        """Show all key factors on one chart."""
        return self._drawn(
            "chart", lambda: rendering.factors_chart(self.benchmark, scoring.score(self.benchmark, self.assessment))
        )

    @_shown
    def table(self) -> Any:
        """Show the chart's figures."""
        return self._drawn(
            "table",
            lambda: rendering.factors_table(
                self.benchmark, scoring.score(self.benchmark, self.assessment), self._links
            ),
        )

    @_shown
    def strengths(self) -> Any:
        """Show what is strong."""
        return self._drawn("strengths", lambda: rendering.strengths(self.benchmark, self.assessment, self._links))

    @_shown
    def gaps(self) -> Any:
        """Show the weakest questions, with what the next level would be."""
        return self._drawn("gaps", lambda: rendering.gaps(self.benchmark, self.assessment, self._links))

    @_shown
    def unknowns(self) -> Any:
        """Show what nobody knows yet, and whom to ask."""
        return self._drawn("unknowns", lambda: rendering.unknowns(self.benchmark, self.assessment, self._links))

    @_shown
    def agree_first(self) -> Any:
        """Show the questions on which respondents differ, least agreement first."""
        return self._drawn("agree_first", lambda: rendering.agree_first(self.benchmark, self.assessment, self._links))

    @_shown
    def context_beside_factors(self) -> Any:
        """Show context beside the key factors it bears on."""
        return self._drawn(
            "context_beside_factors", lambda: rendering.context_beside_factors(self.benchmark, self.assessment)
        )

    def answers_frame(self, rounds: Literal["this", "all"] = "this") -> DataFrame:
        """Return the city's answers as a pandas table.

        Parameters
        ----------
        rounds
            ``this`` round, or ``all`` up to it.

        Returns
        -------
        pandas.DataFrame
            One row for each answer of a voice; what single persons said stands in no table. Columns: ``benchmark``,
            ``city`` (folder name), ``name``, ``round``, ``factor`` and ``title`` of the key factor, ``code`` and
            ``question`` of the guide question; ``kind``: ``agreed`` for the city's answer, ``institution``,
            ``reviewer`` from another city, or ``group`` of five or more persons counted together; ``voice`` (key; of a
            group missing), ``role``, ``people`` (Int64, of a group how many), ``state`` (``rated``, ``dont_know``,
            ``not_applicable``), ``level`` (Int64, 0 to 3), ``level_name`` (ordered categorical), ``mean_level``
            (Float64; the level, of a group the mean), ``comment``, ``updated_at`` (UTC). What is unknown is missing
            (``<NA>``). A round that cannot be read is left out.

        Raises
        ------
        UsageError
            If pandas is not installed, or no city is open.

        Examples
        --------
        How many answers there are on each level, in an own workbook::

            book = workbook.open_workbook("my-benchmark", globals())
            book.answers_frame().groupby("level_name", observed=False).size()
        """
        from citygrow_nb.workbook.frames import frame_of_answers

        return frame_of_answers(self.benchmark, self._of(rounds))

    def scores_frame(self, rounds: Literal["this", "all"] = "this") -> DataFrame:
        """Return the city's scores as a pandas table; parameters and errors as for :meth:`answers_frame`.

        Returns
        -------
        pandas.DataFrame
            One row for each key factor. Columns: ``benchmark``, ``city`` (folder name), ``name``, ``country``,
            ``population`` (Int64), ``round``, ``factor`` (code), ``title``, ``score``, ``lower`` and ``upper``
            (Float64, 0 to 100), ``coverage`` (Float64, 0 to 1), ``standing`` and ``standing_words`` (ordered: not
            applicable, unknown, gap, close, met). What is unknown is missing (``<NA>``).

        Examples
        --------
        Key factors at which the city is close or better, over all rounds::

            scores = book.scores_frame("all")
            scores[scores["standing"] >= "close"]
        """
        from citygrow_nb.workbook.frames import frame_of_scores

        return frame_of_scores(self.benchmark, self._of(rounds))

    def _of(self, rounds: str) -> list[Assessment]:
        if rounds not in {"this", "all"}:
            raise UsageError(Problem(f"rounds “{rounds}”", "there is no such choice", "this, all"))
        return self._rounds() if rounds == "all" else [self.assessment]

    def _followed(self) -> Fragment:
        before = self._rounds()[-2:-1]
        if not before:
            return rendering.message("This is the first round here; the next one can be compared with its plan.")
        found = scoring.follow_up(before[0], self.assessment)
        return rendering.followed_up(self.benchmark, found, before[0].round, self._links)

    def _trend(self) -> Fragment:
        rounds = self._rounds()
        found = scoring.trend(self.benchmark, rounds)
        if found is None:
            there = rendering.count(len(rounds), "round")
            return rendering.message(f"A trend needs {scoring.FEWEST_ROUNDS} rounds; there is {there} here so far.")
        return rendering.trend_charts(self.benchmark, found, self._links)

    def _rounds(self) -> list[Assessment]:
        """Return this round and those before it, the earliest first; one that cannot be read is left out."""
        here = self.assessment
        earlier = self._store.rounds_before(here.city.slug, here.round) if self._store else []
        return [*earlier, here]

    @property
    def _own(self) -> Assessment:
        return self.assessment if self._session is None else self._session.own()

    @property
    def _links(self) -> dict[str, str]:
        return factor_files(self.benchmark, "ipynb" if self.form else "html")

    def _known(self, code: str, codes: Mapping[str, object]) -> None:
        if code not in codes:
            near = nearest(code, codes)
            found = f"the benchmark “{self.benchmark.id}” has no such code"
            raise UnknownCode(Problem(code, found, todo=f"did you mean “{near}”?"))

    def _drawn(self, name: str, draw: Callable[[], Fragment]) -> Any:
        return self._session.drawn(name, draw) if self._session is not None else draw()


_current: Opened[Workbook] = Opened()
