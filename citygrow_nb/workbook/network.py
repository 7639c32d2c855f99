"""The secretariat's desk in the mentoring workbook: mentors for all cities of a workspace, pairs fixed or forbidden."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citygrow_nb import atomic, tables
from citygrow_nb.answers import AnswerStore, browser_storage
from citygrow_nb.exceptions import CitygrowError, Problem, TableError, UsageError
from citygrow_nb.model import Decision, Match
from citygrow_nb.model.fields import natural
from citygrow_nb.model.mentoring import PRIORITIES
from citygrow_nb.rendering import network_table
from citygrow_nb.workspace import PINS

if TYPE_CHECKING:
    from citygrow_nb.matching import Network, Pairing


class NetworkDesk:
    """All cities of a workspace, and who mentors whom among them.

    Parameters
    ----------
    store
        Where the answers are.
    """

    def __init__(self, store: AnswerStore) -> None:
        self._store = store
        self._network: Network | None = None
        self._pairing: Pairing | None = None
        self._left_out: list[str] = []
        self._seconds = 0.0

    @property
    def _pins(self) -> Path:
        return self._store.workspace.root / PINS

    def state(self) -> dict[str, Any]:
        """Return what the desk shows: before anybody has asked no more than a button."""
        if self._pairing is None:
            return {"found": False}
        matching = self._pairing.matching()
        benchmark = self._store.benchmark
        decided = [item.model_dump() for item in self._decided()]
        return {
            "found": True,
            "html": network_table(benchmark, matching, self._left_out).html,
            "seconds": round(self._seconds, 1),
            "matches": [self._row(match) for match in matching.matches],
            "decisions": decided,
            "factors": [[factor.code, factor.short_title] for factor in benchmark.key_factors],
        }

    def act(self, message: dict[str, Any]) -> str:
        """Do what the desk asks for, and return what to say: ``find``, ``pin``, ``ban``, ``undo`` or ``why``.

        Raises
        ------
        UsageError
            If what finds mentors is not installed, or a city or key factor is not known.
        """
        what = message["what"]
        if what == "why":
            return self._sought().why_not(message["factor"], message["mentee"], message["mentor"])
        if what == "find":
            self._load()
        else:
            self._decide(message)
        self._solve()
        return f"Found in {self._seconds:.1f} s."

    def _row(self, match: Match) -> dict[str, Any]:
        return {
            "factor": match.factor,
            "mentee": match.mentee.name,
            "mentor": match.mentor.name,
            "slugs": [match.mentor.slug, match.mentee.slug],
            "points": match.fit.total,
            "priority": PRIORITIES[match.priority],
            "pinned": match.pinned,
        }

    def _sought(self) -> Pairing:
        if self._pairing is None:
            raise UsageError(Problem("mentoring", "nobody has looked for mentors yet", todo="find mentors first"))
        return self._pairing

    def _load(self) -> None:
        from citygrow_nb.matching import Member, Network, is_available

        if not is_available():
            todo = "pip install citygrow-nb[mentoring]"
            if browser_storage.current():
                todo = "give the downloaded answers to whoever runs “citygrow mentoring” on a computer"
            raise UsageError(Problem("mentoring", "what finds mentors is not installed", todo=todo))
        rounds: dict[str, str] = {}
        for city, label in self._store.documents():
            rounds[city] = max(rounds.get(city, label), label, key=natural)
        members, self._left_out = [], []
        for city, label in rounds.items():
            try:
                members.append(Member.of(self._store.benchmark, self._store.load(city, label)))
            except CitygrowError as error:
                self._left_out.append(str(error))
        self._network = Network(members)

    def _solve(self) -> None:
        from citygrow_nb.matching import Pairing

        if self._network is None:
            self._load()
        if self._network is not None:
            begun = time.perf_counter()
            self._pairing = Pairing(self._store.benchmark, self._network, self._decided())
            self._seconds = time.perf_counter() - begun

    def _listed(self) -> tuple[Decision, ...]:
        if not self._pins.is_file():
            return ()
        found, problems = tables.decisions(self._pins)
        if problems:
            # Written anew, the list would lose what nobody understands.
            raise TableError(*problems)
        return found

    def _decided(self) -> list[Decision]:
        return [item for item in self._listed() if item.benchmark in {None, self._store.benchmark.id}]

    def _decide(self, message: dict[str, Any]) -> None:
        own = self._store.benchmark.id
        factor, mentor, mentee = message["factor"], message["mentor"], message["mentee"]
        with atomic.locked(self._pins):
            pair = factor, mentor, mentee
            kept = [
                item
                for item in self._listed()
                if item.benchmark not in {None, own} or (item.factor, item.mentor, item.mentee) != pair
            ]
            if message["what"] != "undo":
                made = {"decision": message["what"], "factor": factor, "mentor": mentor, "mentee": mentee}
                kept.append(Decision.model_validate({**made, "benchmark": own}))
            atomic.write(self._pins, tables.decisions_csv(kept))
