"""The live side of a workbook: panels that save through the answer store and follow what others save."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from citygrow_nb import answers, scoring
from citygrow_nb.answers import AnswerStore, Saved, browser_storage
from citygrow_nb.answers.counting import waiting
from citygrow_nb.exceptions import CitygrowError, Problem, UsageError
from citygrow_nb.model import (
    AGREED,
    SMALLEST_GROUP,
    Action,
    Answer,
    Assessment,
    BenchmarkRef,
    ContextReading,
    Meeting,
    Person,
)
from citygrow_nb.model.city_facts import is_same
from citygrow_nb.model.fields import can_be_seen
from citygrow_nb.plan import plan
from citygrow_nb.widgets import (
    Reply,
    action_of,
    answer_of,
    meeting_of,
    plain,
    reading_of,
    stamp,
)
from citygrow_nb.workbook import actions, beside, city, exports, meetings, respondents, wishes
from citygrow_nb.workbook.panels import Panels
from citygrow_nb.workspace import checked_round

WATCH_SECONDS = 2.0
"""How often a workbook looks whether somebody else has saved."""

State = dict[str, Any]
Item = Answer | ContextReading | Action | Meeting | None

_log = logging.getLogger(__name__)
_sessions: list[Session] = []


class Session(Panels):
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

    def __init__(self, store: AnswerStore, assessment: Assessment | None, trouble: CitygrowError | None = None) -> None:
        super().__init__(store)
        self.trouble = trouble
        self._chosen = AGREED
        self._alone: tuple[str, Person] | None = None
        self._assessment = assessment
        self._stamp = self._modified()
        # JupyterLab sends what forms say to a thread of its own, beside the one that runs cells and looks around.
        self._lock = threading.RLock()
        self._watching: asyncio.Task[None] | None = None
        self._earlier = self._before()
        self._home = sha256(str(store.workspace.root).encode()).hexdigest()[:8]
        self._acts: dict[str, Callable[[dict[str, Any]], Reply]] = {
            "answer": self._answer,
            "context": self._context,
            "action": self._action,
            "meeting": self._meeting,
            "wishes": self._wishes,
            "network": self._network,
            "respondent": self._choose,
            "ready": self._ready,
            "confirm": self._confirm,
            "count": self._count,
            "city": self._name,
            "restore": self._restore,
            "round": self._begin_round,
        }

    @classmethod
    def at(cls, store: AnswerStore, assessment: Assessment | None, trouble: CitygrowError | None = None) -> Session:
        """Return this kernel's session for a city.

        One for all runs of a cell, so that every window on a notebook shows the same panels, and running all cells
        often leaves nothing behind. Parameters as of the class.
        """
        place = _place(assessment)
        for session in _sessions:
            known = session.store.workspace.root, session.benchmark, _place(session._assessment)
            if known == (store.workspace.root, store.benchmark, place):
                with session._lock:
                    session._assessment, session.trouble = assessment, trouble
                    session._earlier = session._before()
                    session.refresh()
                return session
        _sessions.append(cls(store, assessment, trouble))
        return _sessions[-1]

    @property
    def is_open(self) -> bool:
        """Whether there is a city whose answers can be shown."""
        return self._assessment is not None

    @property
    def assessment(self) -> Assessment:
        """Answers, as last seen on disk."""
        if self._assessment is None:
            raise self.trouble or UsageError("no city is open")
        return self._assessment

    @property
    def respondent(self) -> str:
        """Who is answering; the city's agreed answer once the one that was chosen is not among the respondents."""
        known = self._assessment is not None and self._chosen in self.seen.respondents
        return self._chosen if known else AGREED

    @property
    def seen(self) -> Assessment:
        """What the one who is answering sees: with her own answers, where a person answers for herself."""
        return respondents.with_person(self.assessment, *self._alone) if self._alone else self.assessment

    # What people do

    def act(self, message: dict[str, Any]) -> Reply:
        """Do what a panel asks for, and return its reply."""
        if message["do"] == "export":  # changes nothing and may take a minute
            return self._export(message)
        with self._lock:
            return self._done(message)

    def _done(self, message: dict[str, Any]) -> Reply:
        here = self._at()["at"]
        if message.get("at", here) != here:
            problem = f"this workbook has meanwhile opened {here or 'nothing'}"
            raise UsageError(Problem(message["at"], problem, todo="run all cells again"))
        reply = self._acts[message["do"]](message)
        try:
            self.refresh()
        except Exception:  # noqa: BLE001 -- what is saved must not look as if it were not
            _log.exception("a panel could not be drawn anew")
        return reply

    def _answer(self, message: dict[str, Any]) -> Reply:
        code, respondent = message["code"], message["respondent"]
        answer, seen = answer_of(message["answer"], code), answer_of(message["seen"], code)
        if self._alone and respondent == self._alone[0]:
            return self._answer_alone(code, answer)
        if answer is not None and respondent == AGREED:
            answer = answer.model_copy(update={"over": scoring.levels_of_voices(code, self.assessment)})
        saved = self.store.record(*self._place, respondent, code, answer, seen)
        found = saved.document.answer(code, respondent)
        return self._replied(saved, answer, found, others=lambda: beside.others(self.assessment, respondent, code))

    def _answer_alone(self, code: str, answer: Answer | None) -> Reply:
        key, person = self._alone or ("", Person(role=""))
        moment = datetime.now(UTC).replace(microsecond=0)
        answers_ = {each: given for each, given in person.answers.items() if each != code}
        if answer is not None:
            answers_[code] = answer.model_copy(update={"updated_at": moment})
        person = self.store.put_person(*self._place, key, person.model_copy(update={"answers": answers_}), person)
        self._alone = key, person
        found = person.answers.get(code)
        reply = {"ok": True, "text": "Saved", "value": plain(found), "stamp": stamp(found), "other": False}
        return {**reply, "others": beside.others(self.seen, key, code), **self._document(Saved(self.assessment))}

    def _ready(self, _message: dict[str, Any]) -> Reply:
        if self._alone:
            key, person = self._alone
            self.store.put_person(*self._place, key, person.model_copy(update={"finished": True}), person)
        self._alone, self._chosen = None, AGREED
        return {"ok": True, "text": "Thank you. Your answers are kept, and nobody can open them here.", **self._at()}

    def _confirm(self, message: dict[str, Any]) -> Reply:
        """Agree on the same answer anew, over what voices say now."""
        code = message["code"]
        there = self.assessment.answer(code)
        if there is None:
            raise UsageError(Problem(code, "the city has not agreed on an answer here", todo="choose one"))
        anew = there.model_copy(update={"over": scoring.levels_of_voices(code, self.assessment)})
        saved = self.store.record(*self._place, AGREED, code, anew, there)
        return self._replied(saved, anew, saved.document.answer(code))

    def _count(self, message: dict[str, Any]) -> Reply:
        counted = self.store.count(*self._place, last=bool(message.get("last")))
        self._assessment = self.store.load(*self._place)
        made = len(counted.groups)
        text = f"{made} {'group' if made == 1 else 'groups'} counted." if made else "There was nothing to count."
        return {"ok": True, "text": f"{text} {self._waiting()}".strip(), **self._at()}

    def _waiting(self) -> str:
        """Say how many persons wait to be counted, to the city only; ``""`` where nobody does."""
        if self._assessment is None or self.respondent != AGREED:
            return ""
        with contextlib.suppress(CitygrowError):
            found = waiting(self.store.persons(*self._place))
            many = [f"{role}: {people}" for role, people in found.items() if people >= SMALLEST_GROUP]
            few = ["fewer than five persons"] if len(many) < len(found) else []
            told = ", ".join([*many, *(f"{each} of other roles" if many else each for each in few)])
            return f"Waiting to be counted: {told}." if told else ""
        return ""

    def _context(self, message: dict[str, Any]) -> Reply:
        code = message["code"]
        reading, seen = reading_of(message["reading"], code), reading_of(message["seen"], code)
        saved = self.store.record_context(*self._place, code, reading, seen)
        return self._replied(saved, reading, saved.document.context.get(code))

    def _action(self, message: dict[str, Any]) -> Reply:
        wanted, seen = action_of(message["action"]), action_of(message["seen"])
        # What the form had on screen counts, not what somebody else has saved since.
        base = actions.with_action(self.assessment, message["id"], seen)
        saved = self.store.save(actions.with_action(base, message["id"], wanted), base)
        found = {action.id: action for action in saved.document.actions}
        return self._replied(saved, wanted, found.get(message["id"]))

    def _meeting(self, message: dict[str, Any]) -> Reply:
        key, wanted, seen = message["id"], meeting_of(message["meeting"]), meeting_of(message["seen"])
        # What the form had on screen counts, not what somebody else has saved since.
        base = meetings.with_meeting(self.assessment, key, seen)
        saved = self.store.save(meetings.with_meeting(base, key, wanted), base)
        return self._replied(saved, wanted, saved.document.meetings.get(key))

    def _wishes(self, message: dict[str, Any]) -> Reply:
        wanted, seen = wishes.wishes_of(message["wishes"]), wishes.wishes_of(message["seen"])
        # What the form had on screen counts, not what somebody else has saved since.
        base = self.assessment.model_copy(update={"mentoring": seen})
        saved = self._keep(self.store.save(base.model_copy(update={"mentoring": wanted}), base))
        found = wishes.plain(saved.document.mentoring)
        if saved.conflicts:
            return self._refused(saved, found)
        other = found != wishes.plain(wanted)
        return {"ok": True, "text": "Saved", "value": found, "stamp": "", "other": other, **self._document(saved)}

    def _network(self, message: dict[str, Any]) -> Reply:
        return {"ok": True, "text": self._desk.act(message)}

    def _choose(self, message: dict[str, Any]) -> Reply:
        key = message.get("key")
        self._alone = None
        if key is None and message.get("kind") == "person":
            key = self._begin_alone(message["role"].strip())
        elif key is not None and key.startswith(respondents.HERE):
            self._open_alone(key)
        elif key is None:
            role = message["role"].strip()
            if not can_be_seen(role):
                raise UsageError(Problem("respondent", "no name was given", todo="write the department or partner"))
            base = self.assessment
            made = respondents.entered(message, role)
            key = respondents.key_for(made)
            if key not in base.respondents:
                self._keep(self.store.save(base.with_respondent(key, **dict(made)), base))
        self._chosen = key
        return {"ok": True, "text": "The answers below are now this respondent's.", **self._at()}

    def _begin_alone(self, role: str) -> str:
        if not can_be_seen(role):
            raise UsageError(Problem("respondent", "no role was given", todo="write what you are to the city, no name"))
        key = respondents.new_person()
        self._alone = key, self.store.put_person(*self._place, key, Person(role=role), None)
        return key

    def _open_alone(self, key: str) -> None:
        person = self.store.persons(*self._place).persons.get(key)
        if person is None or person.finished:
            self._chosen = AGREED
            raise UsageError(Problem("respondent", "these answers are finished, and nobody can open them again"))
        self._alone = key, person

    def _name(self, message: dict[str, Any]) -> Reply:
        here = None if self._assessment is None else self._assessment.city
        made, label, answer = city.entered(message), checked_round(message["round"].strip()), message.get("as") or ""
        if here is not None and (answer == "rename" or (made.name == here.name and is_same(made, here))):
            made = made.model_copy(update={"slug": here.slug})
        else:
            folders = self.store.folders()
            if question := city.question(folders, made, here, answer):
                return {"ok": False, **question}
            made = city.meant(folders, made, here, answer)
        slug = made.slug
        known = self.store.load_or_none(slug, label)
        ref = BenchmarkRef(id=self.benchmark.id, version=self.benchmark.version)
        named = (
            Assessment(benchmark=ref, city=made, round=label)
            if known is None
            else known.model_copy(update={"city": made})
        )
        saved = self._opened(self.store.save(named, known))
        reply = {"ok": True, "text": "Saved. Go on to the next workbook.", **self._document(saved)}
        return {**reply, **city.way_on(slug, self._first)}

    def _begin_round(self, message: dict[str, Any]) -> Reply:
        label, known = checked_round(message["round"].strip()), self.assessment
        ref = BenchmarkRef(id=self.benchmark.id, version=self.benchmark.version)
        made = Assessment(
            benchmark=ref,
            city=known.city,
            round=label,
            respondents=known.respondents,
            # A plan is for years, and so are the wishes: what is not over goes on.
            actions=tuple(action for action in known.actions if not action.status.is_over),
            mentoring=known.mentoring,
        )
        saved = self._opened(self.store.create(made))
        text = f"Round {label} has begun. The answers of {known.round} stand beside the questions, to be confirmed."
        return {"ok": True, "text": text, **self._document(saved), "next": self._first}

    def _restore(self, message: dict[str, Any]) -> Reply:
        sentence, opened, whole = exports.restore(self.store, message["name"], message["base64"])
        self._opened(opened)
        return {"ok": whole, "text": sentence, **self._document(opened)}

    def _export(self, message: dict[str, Any]) -> Reply:
        return {"ok": True, **exports.make(message["what"], self.store, self.assessment)}

    # What is saved, and what others save

    def look(self) -> bool:
        """Take over what somebody else has saved meanwhile; tell whether there was anything."""
        if not self._lock.acquire(blocking=False):
            return False  # cells can run while a form is saving; the next look comes soon
        try:
            stamp = self._modified()  # before reading: what is saved meanwhile is seen the next time
            if self._assessment is None or stamp == self._stamp:
                return False
            self._assessment = self.store.load(*self._place)
            self._stamp = stamp
            self.refresh()
            return True
        finally:
            self._lock.release()

    def close(self) -> None:
        """Stop looking for what others save."""
        if self._watching is not None:
            self._watching.cancel()

    def _watch(self) -> None:
        if self._watching is None or self._watching.done():
            # Outside a kernel there is no loop, and nobody to show news to.
            with contextlib.suppress(RuntimeError):
                self._watching = asyncio.get_running_loop().create_task(self._keep_looking())

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                storage = browser_storage.current()
                if storage is not None:
                    await storage.follow()
                self.look()
            except (CitygrowError, OSError):
                pass  # a damaged or locked document is told when saving
            except Exception:  # noqa: BLE001 -- whatever it is, looking must go on
                _log.exception("looking for what others have saved failed")

    def _keep(self, saved: Saved) -> Saved:
        # The stamp stays as it was: somebody else may have saved since, and the next look costs one reading.
        self._assessment = saved.document
        return saved

    def _opened(self, saved: Saved) -> Saved:
        self._keep(saved)
        self._alone = None
        self._earlier = self._before()
        self.store.mark(*self._place)
        self.trouble = None
        return saved

    def _replied(self, saved: Saved, wanted: Item, found: Item, **more: Callable[[], str]) -> Reply:
        self._keep(saved)
        value = plain(found)
        if saved.conflicts:
            return self._refused(saved, value)
        values = {name: tell() for name, tell in more.items()}
        # Whoever changed nothing after all gets what somebody else has saved meanwhile.
        return {
            "ok": True,
            "text": "Saved",
            "value": value,
            "stamp": stamp(found),
            "other": value != plain(wanted),
            **values,
            **self._document(saved),
        }

    def _refused(self, saved: Saved, theirs: object) -> Reply:
        told = "; ".join(str(conflict) for conflict in saved.conflicts)
        text = f"Not saved, because somebody else was quicker. {told}."
        return {"ok": False, "theirs": theirs, "text": text, **self._document(saved)}

    def _document(self, saved: Saved) -> Reply:
        return {**self._at(), "document": answers.dump(saved.document).decode()}

    def _before(self) -> Assessment | None:
        """Return the round before, to be confirmed; one that cannot be read has nothing to offer."""
        if self._assessment is None:
            return None
        with contextlib.suppress(CitygrowError):
            return self.store.before(*self._place)
        return None

    @property
    def _first(self) -> dict[str, str]:
        """Workbook in which answering begins."""
        first = plan(self.benchmark)[1]
        return {"file": first.file, "title": first.title, "code": next(iter(self.benchmark.questions))}

    @property
    def _place(self) -> tuple[str, str]:
        return self.assessment.city.slug, self.assessment.round

    def _at(self) -> State:
        # Browsers keep drafts by address, and one address serves many workspaces, one after the other.
        folder = self.store.workspace.notebooks(self.benchmark.id).relative_to(self.store.workspace.root).as_posix()
        return {"at": "/".join(self._place) if self._assessment else "", "home": self._home, "folder": folder}

    def _modified(self) -> tuple[int, ...]:
        if self._assessment is None:
            return ()
        try:
            found = self.store.document(*self._place).stat()
        except (OSError, CitygrowError):
            return ()
        # Every save makes a new file, also two within one tick of the clock.
        return found.st_mtime_ns, found.st_ino, found.st_size


def _place(assessment: Assessment | None) -> tuple[str, str] | None:
    return None if assessment is None else (assessment.city.slug, assessment.round)
