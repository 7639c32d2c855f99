"""What the cells of a live workbook show: one panel for each, made once and drawn anew when something was saved."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from citygrow_nb import rendering, scoring
from citygrow_nb.answers import AnswerStore
from citygrow_nb.exceptions import CitygrowError
from citygrow_nb.model import AGREED, Assessment, Benchmark
from citygrow_nb.rendering import Fragment
from citygrow_nb.widgets import Panel, Part, Reply, context_state
from citygrow_nb.workbook import actions, beside, city, meetings, progress, wishes
from citygrow_nb.workbook.head import Head
from citygrow_nb.workbook.live import Live, Stack
from citygrow_nb.workbook.network import NetworkDesk

State = dict[str, Any]


class Panels:
    """The panels of one city's answers at work in one notebook.

    Parameters
    ----------
    store
        Where answers are saved.
    """

    store: AnswerStore
    benchmark: Benchmark
    trouble: CitygrowError | None
    _assessment: Assessment | None
    _earlier: Assessment | None

    def __init__(self, store: AnswerStore) -> None:
        self.store = store
        self.benchmark = store.benchmark
        self._shown: dict[tuple[str, str], tuple[Live, Callable[[], State]]] = {}
        self._head = Head(self.benchmark, str(store.workspace.root))
        self._desk = NetworkDesk(store)

    @property
    def assessment(self) -> Assessment:
        """Answers, as last seen on disk."""
        raise NotImplementedError

    @property
    def respondent(self) -> str:
        """Who is answering."""
        raise NotImplementedError

    @property
    def seen(self) -> Assessment:
        """What the one who is answering sees."""
        raise NotImplementedError

    def _waiting(self) -> str:
        raise NotImplementedError

    def act(self, message: State) -> Reply:
        """Do what a panel asks for, and return its reply."""
        raise NotImplementedError

    def _at(self) -> State:
        raise NotImplementedError

    def _watch(self) -> None:
        raise NotImplementedError

    @property
    def _folder(self) -> str:
        return str(self.store.workspace.root)

    def own(self) -> Assessment:
        """Return what the one who is answering may see before having answered: not what other respondents said."""
        if self.respondent == AGREED:
            return self.assessment
        mine = self.seen.responses.get(self.respondent, {})
        return self.seen.model_copy(update={"responses": {self.respondent: mine}, "groups": ()})

    def head(self, code: str = "") -> Live:
        """Show whose answers are open, how far one has come, who is answering, the download; ``code`` as in Head."""
        self._head.code = code
        return self._live("session", "", self._head_state, self._opening)

    def city(self) -> Live:
        """Show the form that names the city, and the way back from a downloaded file."""
        self._head.names_city = True
        shown = self._live("city", "", lambda: {**self._at(), **city.state(self._assessment)}, self._facts)
        self.refresh()  # the head now knows that a city can be named here
        return shown

    def question(self, code: str) -> Live:
        """Show the form of one guide question."""
        return self._question(code, code, lambda: (self.respondent, self.own()))

    def _question(self, name: str, code: str, whose: Callable[[], tuple[str, Assessment]]) -> Live:
        return self._live(
            "question",
            name,
            lambda: {
                **self._at(),
                **beside.question_form(self.benchmark, self.seen, self._earlier, *whose(), code),
            },
            lambda: rendering.question(self.benchmark, self.assessment, code),
        )

    def agree(self) -> Live | Stack:
        """Show what there is to agree on: for each question what was said, and the form of the city's agreed answer."""
        asked = scoring.to_agree(scoring.score(self.benchmark, self.assessment))
        if not asked:
            return self.drawn("agree", lambda: rendering.message("Nothing is disputed."))
        return Stack([live for question in asked for live in self._agreeing(question.code)])

    def _agreeing(self, code: str) -> tuple[Live, Live]:
        said = self.drawn(f"voices {code}", lambda: rendering.side_by_side(self.benchmark, self.assessment, code))
        return said, self._question(f"agreed {code}", code, lambda: (AGREED, self.assessment))

    def meetings(self) -> Live:
        """Show the form of the minutes."""
        return self._live(
            "meetings", "", lambda: {**self._at(), **meetings.state(self.assessment)}, lambda: Fragment("", "")
        )

    def context(self, code: str) -> Live:
        """Show the form of one context factor."""
        return self._live(
            "context",
            code,
            lambda: {
                **context_state(self.benchmark, code, self.assessment.context.get(code)),
                **self._at(),
                "before": progress.reading_before(self.benchmark, self._earlier, code),
            },
            lambda: rendering.context(self.benchmark, self.assessment, code),
        )

    def actions(self) -> Live:
        """Show the form of the action plan."""
        return self._live(
            "actions",
            "",
            lambda: {**self._at(), **actions.state(self.benchmark, self.assessment, _today())},
            lambda: rendering.actions(self.assessment, today=_today()),
        )

    def wishes(self) -> Live:
        """Show the form of what the city offers to others and would like from them."""
        return self._live(
            "wishes",
            "",
            lambda: {**self._at(), **wishes.state(self.benchmark, self.assessment)},
            lambda: rendering.wishes(self.benchmark, self.assessment),
        )

    def network(self) -> Live:
        """Show the secretariat's desk: mentors for all cities of the workspace."""
        return self._live("network", "", lambda: {**self._at(), **self._desk.state()}, lambda: Fragment("", ""))

    def exports(self) -> Live:
        """Show the buttons that make the report and the downloads."""
        return self._live("exports", "", self._at, lambda: Fragment("", ""))

    def drawn(self, name: str, draw: Callable[[], Fragment]) -> Live:
        """Show a fragment that is drawn anew after every save; ``name`` tells it from others."""
        return self._live("fragment", name, lambda: {**self._at(), "html": draw().html}, draw)

    def _live(self, part: Part, name: str, state: Callable[[], State], draw: Callable[[], Fragment]) -> Live:
        if (part, name) not in self._shown:
            self._shown[part, name] = Live(Panel(part, state(), self.act, self._folder), draw), state
        self._watch()
        return self._shown[part, name][0]

    def refresh(self) -> None:
        """Draw everything anew that has changed."""
        for live, state in self._shown.values():
            with contextlib.suppress(CitygrowError):
                live.panel.state = state()

    def _head_state(self) -> State:
        if self._assessment is None:
            return {**self._at(), **self._head.closed(self.trouble)}
        shown = self._head.opened(self._assessment, self.seen, self.respondent, self._earlier)
        return {**self._at(), **shown, "waiting": self._waiting()}

    def _opening(self) -> Fragment:
        if self._assessment is None:
            return rendering.message(self._head.why_closed(self.trouble))
        return self._head.fragment(self._assessment, styled=True)

    def _facts(self) -> Fragment:
        if self._assessment is None:
            return rendering.message(self._head.why_closed(self.trouble))
        return rendering.city_facts(self.benchmark, self.assessment)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
