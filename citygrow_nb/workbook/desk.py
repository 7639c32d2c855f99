"""The live side of a workbook: panels that save through the answer store and follow what others save."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from citygrow_nb import answers, rendering, scoring
from citygrow_nb.answers import AnswerStore, Saved
from citygrow_nb.exceptions import CitygrowError, Problem, UsageError
from citygrow_nb.model import AGREED, Assessment, BenchmarkRef
from citygrow_nb.rendering import Fragment
from citygrow_nb.slugs import slugify
from citygrow_nb.widgets import (
    Panel,
    Reply,
    action_of,
    answer_of,
    context_state,
    plain_answer,
    plain_reading,
    question_state,
    reading_of,
)
from citygrow_nb.workbook import city, exports
from citygrow_nb.workbook.live import Live
from citygrow_nb.workspace import checked_round

WATCH_SECONDS = 2.0
"""How often a workbook looks whether somebody else has saved."""

State = dict[str, Any]


class Desk:
    """One city's answers at work in one notebook.

    Parameters
    ----------
    store
        Where answers are saved.
    assessment
        What is open; None until a city has been named.
    trouble
        Why nothing is open.
    """

    def __init__(self, store: AnswerStore, assessment: Assessment | None, trouble: str = "") -> None:
        self.store = store
        self.benchmark = store.benchmark
        self.trouble = trouble
        self.respondent = AGREED
        self._assessment = assessment
        self._shown: list[tuple[Live, Callable[[], State], Callable[[], Fragment]]] = []
        self._stamp = self._modified()
        self._watching: asyncio.Task[None] | None = None
        self._acts: dict[str, Callable[[dict[str, Any]], Reply]] = {
            "answer": self._answer,
            "context": self._context,
            "action": self._action,
            "respondent": self._choose,
            "city": self._name,
            "restore": self._restore,
            "export": self._export,
        }

    @property
    def assessment(self) -> Assessment:
        """Answers, as last seen on disk."""
        if self._assessment is None:
            raise UsageError(self.trouble or "No city is open.")
        return self._assessment

    # What cells show

    def head(self) -> Live:
        """Show whose answers are open, how far one has come, who is answering, and the download."""
        return self._live("desk", self._head, lambda: self._opening(styled=True))

    def city(self) -> Live:
        """Show the form that names the city, and the way back from a downloaded file."""
        return self._live("city", lambda: city.state(self._assessment), self._facts)

    def question(self, code: str) -> Live:
        """Show the form of one guide question."""
        return self._live(
            "question",
            lambda: {
                **question_state(self.benchmark, code, self.assessment.answer(code, self.respondent)),
                **self._at(),
                "respondent": self.respondent,
                "others": self._others(code),
            },
            lambda: rendering.question(self.benchmark, self.assessment, code),
        )

    def context(self, code: str) -> Live:
        """Show the form of one context factor."""
        return self._live(
            "context",
            lambda: {**context_state(self.benchmark, code, self.assessment.context.get(code)), **self._at()},
            lambda: rendering.context(self.benchmark, self.assessment, code),
        )

    def actions(self) -> Live:
        """Show the form of the action plan."""
        return self._live(
            "actions",
            lambda: {
                **self._at(),
                "actions": [action.model_dump(mode="json") for action in self.assessment.actions],
                "questions": [{"code": q.code, "text": q.text} for q in self.benchmark.questions.values()],
            },
            lambda: rendering.actions(self.benchmark, self.assessment),
        )

    def exports(self) -> Live:
        """Show the buttons that make the report and the downloads."""
        nothing = Fragment("", "")
        return self._live("exports", self._at, lambda: nothing)

    def drawn(self, draw: Callable[[], Fragment]) -> Live:
        """Show a fragment that is drawn anew after every save."""
        return self._live("fragment", lambda: {**self._at(), "html": draw().html}, draw)

    def _live(self, part: Any, state: Callable[[], State], draw: Callable[[], Fragment]) -> Live:
        live = Live(Panel(part, state(), self.act), draw())
        self._shown.append((live, state, draw))
        self._watch()
        return live

    # What people do

    def act(self, message: dict[str, Any]) -> Reply:
        """Do what a panel asks for, and return its reply."""
        reply = self._acts[message["do"]](message)
        self.refresh()
        return reply

    def _answer(self, message: dict[str, Any]) -> Reply:
        code, respondent = message["code"], message["respondent"]
        answer = answer_of(message["answer"], code)
        seen = answer_of(message["seen"], code)
        if message.get("over"):
            seen = self.store.load(*self._place).answer(code, respondent)
        saved = self.store.record(*self._place, respondent, code, answer, seen)
        return self._replied(
            saved,
            theirs=lambda: plain_answer(saved.document.answer(code, respondent)),
            answer=plain_answer(saved.document.answer(code, respondent)),
            others=lambda: self._others(code),
        )

    def _context(self, message: dict[str, Any]) -> Reply:
        code = message["code"]
        seen = reading_of(message["seen"], code)
        if message.get("over"):
            seen = self.store.load(*self._place).context.get(code)
        saved = self.store.record_context(*self._place, code, reading_of(message["reading"], code), seen)
        found = plain_reading(saved.document.context.get(code))
        return self._replied(saved, theirs=lambda: found, reading=found)

    def _action(self, message: dict[str, Any]) -> Reply:
        base = self.assessment
        wanted = action_of(message["action"])
        known = {action.id: action for action in base.actions}
        if wanted is None:
            known.pop(message["id"], None)
        else:
            known[wanted.id] = wanted
        saved = self.store.save(base.model_copy(update={"actions": tuple(known.values())}), base)
        return self._replied(saved, theirs=lambda: None)

    def _choose(self, message: dict[str, Any]) -> Reply:
        key = message.get("key")
        if key is None:
            role = message["role"].strip()
            if not role:
                raise UsageError(Problem("respondent", "no name was given", todo="write the department or partner"))
            key = slugify(role)
            base = self.assessment
            if key not in base.respondents:
                self._keep(self.store.save(base.with_respondent(key, role), base))
        self.respondent = key
        return {"ok": True, "text": "The answers below are now this respondent's.", **self._at()}

    def _name(self, message: dict[str, Any]) -> Reply:
        made = city.entered(message, self.store.slug_for(message["name"]))
        label = checked_round(message["round"].strip())
        known = self.store.load_or_none(made.slug, label)
        ref = BenchmarkRef(id=self.benchmark.id, version=self.benchmark.version)
        named = (
            Assessment(benchmark=ref, city=made, round=label)
            if known is None
            else known.model_copy(update={"city": made})
        )
        saved = self._keep(self.store.save(named, known))
        self.trouble = ""
        return {"ok": True, "text": f"Saved {_clock()}. Go on to the next workbook.", **self._document(saved)}

    def _restore(self, message: dict[str, Any]) -> Reply:
        sentence, opened = exports.restore(self.store, message["name"], message["base64"])
        self._keep(opened)
        self.trouble = ""
        return {"ok": not opened.conflicts, "text": sentence, **self._document(opened)}

    def _export(self, message: dict[str, Any]) -> Reply:
        return {"ok": True, **exports.make(message["what"], self.store, self.assessment)}

    # What is saved, and what others save

    def refresh(self) -> None:
        """Draw everything anew that has changed."""
        for live, state, draw in self._shown:
            with contextlib.suppress(CitygrowError):
                live.fragment = draw()
                live.panel.state = state()

    def look(self) -> bool:
        """Take over what somebody else has saved meanwhile; tell whether there was anything."""
        if self._assessment is None or self._modified() == self._stamp:
            return False
        self._assessment = self.store.load(*self._place)
        self._stamp = self._modified()
        self.refresh()
        return True

    def close(self) -> None:
        """Stop looking for what others save."""
        if self._watching is not None:
            self._watching.cancel()

    def _watch(self) -> None:
        if self._watching is None:
            # Outside a kernel there is no loop, and nobody to show news to.
            with contextlib.suppress(RuntimeError):
                self._watching = asyncio.get_running_loop().create_task(self._keep_looking())

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            # A damaged or locked document is told when saving; looking must go on.
            with contextlib.suppress(CitygrowError, OSError):
                self.look()

    def _keep(self, saved: Saved) -> Saved:
        self._assessment = saved.document
        self._stamp = self._modified()
        return saved

    def _replied(self, saved: Saved, *, theirs: Callable[[], Any], **more: Any) -> Reply:
        self._keep(saved)
        if saved.conflicts:
            told = "; ".join(str(conflict) for conflict in saved.conflicts)
            return {"ok": False, "theirs": theirs(), "text": f"Not saved, because somebody else was quicker. {told}."}
        values = {name: value() if callable(value) else value for name, value in more.items()}
        return {"ok": True, "text": f"Saved {_clock()}", **values, **self._document(saved)}

    def _document(self, saved: Saved) -> Reply:
        return {**self._at(), "document": answers.dump(saved.document).decode()}

    @property
    def _place(self) -> tuple[str, str]:
        return self.assessment.city.slug, self.assessment.round

    def _at(self) -> State:
        return {"at": "/".join(self._place) if self._assessment else ""}

    def _modified(self) -> int:
        if self._assessment is None:
            return 0
        try:
            return self.store.workspace.document(*self._place).stat().st_mtime_ns
        except OSError:
            return 0

    def _head(self) -> State:
        if self._assessment is None:
            return {"at": "", "html": rendering.message(self.trouble).html}
        known = {AGREED: "the city: agreed answer"}
        known |= {key: person.role for key, person in self.assessment.respondents.items() if key != AGREED}
        slug, label = self._place
        return {
            **self._at(),
            "html": self._opening(styled=True).html,
            "respondents": [{"key": key, "role": role} for key, role in known.items()],
            "respondent": self.respondent,
            "file": f"{slug}-{label}.json",
            "document": answers.dump(self.assessment).decode(),
        }

    def _opening(self, *, styled: bool) -> Fragment:
        if self._assessment is None:
            return rendering.message(self.trouble)
        return rendering.opening(self.benchmark, self.assessment, styled=styled)

    def _facts(self) -> Fragment:
        if self._assessment is None:
            return rendering.message(self.trouble)
        return rendering.city_facts(self.benchmark, self.assessment)

    def _others(self, code: str) -> str:
        """Say what others answered, but only once this respondent has answered."""
        if self.assessment.answer(code, self.respondent) is None:
            return ""
        agreed = None if self.respondent == AGREED else self.assessment.answer(code)
        rest = {key: given for key, given in self.assessment.responses.items() if key not in (AGREED, self.respondent)}
        result = scoring.question_result(code, self.assessment.model_copy(update={"responses": rest}))
        parts = []
        if agreed is not None:
            said = f"level {agreed.level}" if agreed.level is not None else agreed.state.replace("_", " ")
            parts.append(f"The city's agreed answer: {said}.")
        if result.respondents:
            who = "1 other respondent" if result.respondents == 1 else f"{result.respondents} other respondents"
            level = f"on average level {result.level:.1f}" if result.level is not None else "without a level"
            spread = f", from {result.spread.low} to {result.spread.high}" if result.spread else ""
            parts.append(f"{who} answered, {level}{spread}.")
        return " ".join(parts)


def _clock() -> str:
    return f"{datetime.now().astimezone():%H:%M}"
