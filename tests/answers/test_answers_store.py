"""The answer store: nothing that was reported as saved is ever lost, and every refusal is a sentence."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from citygrow_nb import atomic
from citygrow_nb.answers import AnswerStore, Conflict, dump, parse
from citygrow_nb.exceptions import (
    CitygrowError,
    DocumentError,
    DocumentTooNew,
    StoreBusy,
    StoreError,
    UnknownCode,
    UsageError,
)
from citygrow_nb.model import Action, Assessment, BenchmarkRef, City, ContextReading
from citygrow_nb.workspace import Workspace
from tests.factories import MORNING, QUESTIONS, assessment, benchmark, dont_know, later, rated

DEMO = benchmark()
ROOT = Path(__file__).parents[2]
CITY = ("zabia-gora", "2026")


@pytest.fixture
def store(tmp_path: Path) -> AnswerStore:
    return AnswerStore(Workspace(tmp_path), DEMO, patience=0.2, clock=lambda: MORNING)


@pytest.fixture
def path(store: AnswerStore) -> Path:
    """Make a city without answers and return its document's path."""
    store.create(assessment())
    return store.document(*CITY)


def told(error: pytest.ExceptionInfo[CitygrowError]) -> str:
    return str(error.value)


# --- load and create ------------------------------------------------------------------------------------------------


def test_what_is_created_is_loaded(store: AnswerStore) -> None:
    """A new document is read back, with the time of the save on what has none."""
    saved = store.create(assessment().with_answer("KF1.Q1", rated(2)))
    assert store.load(*CITY) == saved.document
    assert saved.document.answer("KF1.Q1") == rated(2, updated_at=MORNING)


def test_second_creation_is_refused(store: AnswerStore, path: Path) -> None:
    """A city that has answers for a round is never begun anew over them."""
    before = path.read_bytes()
    with pytest.raises(StoreError, match="Żabia Góra already has answers for the round 2026; open them, or choose"):
        store.create(assessment(name="Another"))
    assert path.read_bytes() == before


def test_missing_answers_name_those_there_are(store: AnswerStore) -> None:
    """Who asks for answers that are not there hears which are."""
    assert store.load_or_none(*CITY) is None
    with pytest.raises(StoreError, match=r"there are no answers in .* yet; start a self-test first"):
        store.load(*CITY)
    store.create(assessment())
    with pytest.raises(StoreError, match="no answers for this round; rounds with answers: 2026"):
        store.load("zabia-gora", "2027")
    with pytest.raises(StoreError, match="no answers of this city; cities with answers: zabia-gora"):
        store.load("elsewhere", "2026")


def test_nothing_but_slug_and_round_reaches_the_disk(store: AnswerStore) -> None:
    """A path can't be smuggled in."""
    for city, label in (("../etc", "2026"), ("x", "../2026"), ("", "2026")):
        with pytest.raises(UsageError):
            store.load(city, label)


@pytest.mark.parametrize("place", [("other", "2026"), ("zabia-gora", "2027")])
def test_document_in_the_wrong_place_is_refused(store: AnswerStore, path: Path, place: tuple[str, str]) -> None:
    """A file copied to another city or round does not pass for that city's answers."""
    copy = store.document(*place)
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(path.read_bytes())
    with pytest.raises(DocumentError, match=r"the document is of “.*”; allowed: “.*”, as its path says; move the file"):
        store.load(*place)


# --- save -----------------------------------------------------------------------------------------------------------


def test_two_windows_never_undo_each_other(store: AnswerStore, path: Path) -> None:
    """Two people who loaded the same document save different answers: both stand."""
    base = store.load(*CITY)
    store.save(base.with_answer("KF1.Q1", rated(1)), base)
    saved = store.save(base.with_answer("KF1.Q2", rated(2)), base)
    assert saved.conflicts == ()
    assert saved.changed == 1
    assert store.load(*CITY) == saved.document
    assert set(saved.document.responses["agreed"]) == {"KF1.Q1", "KF1.Q2"}


def test_same_question_changed_by_both_is_reported(store: AnswerStore, path: Path) -> None:
    """The second writer hears of both values, the disk keeps the first, and nothing else of the save is lost."""
    base = store.load(*CITY)
    store.save(base.with_answer("KF1.Q1", rated(1)), base)
    mine = base.with_answer("KF1.Q1", rated(3)).with_answer("KF2.Q1", dont_know())
    saved = store.save(mine, base)
    first, second = rated(1, updated_at=MORNING), rated(3, updated_at=MORNING)
    assert saved.conflicts == (Conflict("answer", "KF1.Q1", "agreed", second, first),)
    assert store.load(*CITY).answer("KF1.Q1") == first
    assert store.load(*CITY).answer("KF2.Q1") is not None


def test_save_without_change_leaves_the_file(store: AnswerStore, path: Path) -> None:
    """Saving what is already there does not touch the file, so that reports stay fresh."""
    store.record(*CITY, "agreed", "KF1.Q1", rated(1), None)
    before = path.stat()
    base = store.load(*CITY)
    again = base.with_answer("KF1.Q1", rated(1, updated_at=later(5)))
    assert store.save(again, base).changed == 0
    assert store.record(*CITY, "agreed", "KF1.Q1", rated(1), None).changed == 0
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_order_of_actions_alone_is_saved(store: AnswerStore) -> None:
    """Moving a line of the action plan is a change like any other."""
    lines = (Action(id="a", what="A"), Action(id="b", what="B"))
    base = store.create(assessment(actions=lines)).document
    store.save(base.model_copy(update={"actions": base.actions[::-1]}), base)
    assert [action.id for action in store.load(*CITY).actions] == ["b", "a"]


def test_save_begins_a_document_only_without_a_base(store: AnswerStore) -> None:
    """A first save needs no base, and a second one that began with nothing merges."""
    assert store.save(assessment().with_answer("KF1.Q1", rated(1)), None).changed == 3
    saved = store.save(assessment().with_answer("KF1.Q2", rated(1)), None)
    assert set(saved.document.responses["agreed"]) == {"KF1.Q1", "KF1.Q2"}


def test_saving_raises_the_benchmark_version(store: AnswerStore, path: Path) -> None:
    """After a change the document names the version of the benchmark that the writer saw."""
    newer = AnswerStore(store.workspace, benchmark(version="1.2.0"))
    assert newer.record(*CITY, "agreed", "KF1.Q1", rated(1), None).document.benchmark.version == "1.2.0"
    assert store.record(*CITY, "agreed", "KF1.Q2", rated(1), None).document.benchmark.version == "1.2.0"


# --- times ----------------------------------------------------------------------------------------------------------


def test_times_of_change(tmp_path: Path) -> None:
    """What changed gets the time of the save, unless the writer gave one; what did not keeps its own."""
    now = MORNING
    store = AnswerStore(Workspace(tmp_path), DEMO, clock=lambda: now)
    document = assessment(context={"CF1": ContextReading(direction=1)}, actions=(Action(id="a", what="A"),))
    base = store.create(document.with_answer("KF1.Q1", rated(1)).with_answer("KF1.Q2", rated(1))).document
    now = later(10)
    kept = base.responses["agreed"]["KF1.Q1"].model_copy(update={"level": 2})
    mine = (
        base.with_answer("KF1.Q1", kept)
        .with_answer("KF1.Q3", rated(1, updated_at=later(5)))
        .with_context("CF1", ContextReading(direction=2))
    )
    saved = store.save(mine, base).document
    times = {code: answer.updated_at for code, answer in saved.responses["agreed"].items()}
    assert times == {"KF1.Q1": later(10), "KF1.Q2": MORNING, "KF1.Q3": later(5)}
    assert saved.context["CF1"].updated_at == later(10)
    assert saved.actions[0].updated_at == MORNING


def test_own_clock_gives_whole_seconds_in_utc(tmp_path: Path) -> None:
    """Without another clock the time is the present one, in whole seconds."""
    store = AnswerStore(Workspace(tmp_path), DEMO)
    saved = store.create(assessment().with_answer("KF1.Q1", rated(1)))
    when = saved.document.responses["agreed"]["KF1.Q1"].updated_at
    assert when is not None
    assert abs(time.time() - when.timestamp()) < 60
    assert when.microsecond == 0
    assert b'Z"' in dump(saved.document)


# --- one answer -----------------------------------------------------------------------------------------------------


def test_recording_one_answer(store: AnswerStore, path: Path) -> None:
    """One answer is given, changed and taken back; a new respondent is added."""
    first = store.record(*CITY, "econ", "KF1.Q1", rated(1), None)
    assert (first.changed, first.conflicts) == (2, ())
    seen = first.document.answer("KF1.Q1", "econ")
    second = store.record(*CITY, "econ", "KF1.Q1", rated(2), seen)
    assert second.document.answer("KF1.Q1", "econ") == rated(2, updated_at=MORNING)
    third = store.record(*CITY, "econ", "KF1.Q1", None, second.document.answer("KF1.Q1", "econ"))
    assert third.document.answer("KF1.Q1", "econ") is None
    assert store.load(*CITY) == third.document


def test_recording_against_somebody_else(store: AnswerStore, path: Path) -> None:
    """An answer given meanwhile stays; the writer gets both, and may then decide knowing it."""
    store.record(*CITY, "agreed", "KF1.Q1", rated(1, "hers"), None)
    saved = store.record(*CITY, "agreed", "KF1.Q1", rated(3, "his"), None)
    (conflict,) = saved.conflicts
    assert saved.changed == 0
    assert str(conflict) == (
        "KF1.Q1 (agreed): you have level 3 with the comment “his”, "
        "but meanwhile level 1 with the comment “hers” was saved"
    )
    again = store.record(*CITY, "agreed", "KF1.Q1", rated(3, "his"), saved.document.answer("KF1.Q1"))
    assert again.conflicts == ()
    assert store.load(*CITY).answer("KF1.Q1") == rated(3, "his", updated_at=MORNING)


def test_taking_back_what_is_not_there_writes_nothing(store: AnswerStore, path: Path) -> None:
    """No respondent appears because somebody cleared an empty form."""
    assert store.record(*CITY, "econ", "KF1.Q1", None, None).changed == 0
    assert store.load(*CITY).respondents == {}


def test_recording_a_context_reading(store: AnswerStore, path: Path) -> None:
    """A reading is given, defended against another, and taken back by an empty one."""
    first = store.record_context(*CITY, "CF1", ContextReading(direction=-1, bears_on=("KF1",)), None)
    assert first.changed == 1
    other = store.record_context(*CITY, "CF1", ContextReading(direction=2), None)
    assert [conflict.what for conflict in other.conflicts] == ["context"]
    last = store.record_context(*CITY, "CF1", ContextReading(), first.document.context["CF1"])
    assert (last.changed, last.document.context) == (1, {})


def test_recording_refuses_what_is_not_asked(store: AnswerStore, path: Path) -> None:
    """Unknown questions, factors and impossible respondents are sentences, and nothing is written."""
    before = path.read_bytes()
    sentence = "question “KF1.Q7”: the benchmark has no such code; did you mean “KF1.Q3”?"
    with pytest.raises(UnknownCode, match=re.escape(sentence)):
        store.record(*CITY, "agreed", "KF1.Q7", rated(1), None)
    with pytest.raises(UnknownCode, match=re.escape("question “KF1.Q9”")):
        store.record(*CITY, "agreed", "KF1.Q9", rated(1), None)
    with pytest.raises(UnknownCode, match="context factor “CF7”"):
        store.record_context(*CITY, "CF7", ContextReading(direction=1), None)
    with pytest.raises(UnknownCode, match="bears_on"):
        store.record_context(*CITY, "CF1", ContextReading(direction=1, bears_on=("KF8",)), None)
    with pytest.raises(UsageError, match=r"respondent “Econ Dept”.*did you mean “econ-dept”\?"):
        store.record(*CITY, "Econ Dept", "KF1.Q1", rated(1), None)
    assert path.read_bytes() == before


def test_save_refuses_what_does_not_fit_the_benchmark(store: AnswerStore, path: Path) -> None:
    """Answers with unknown codes or to another benchmark never reach the disk."""
    with pytest.raises(UnknownCode, match=r"zabia-gora, round 2026, responses.agreed.KF7.Q1"):
        store.save(assessment().with_answer("KF7.Q1", rated(1)), None)
    with pytest.raises(DocumentError, match="answers to the benchmark “other”; allowed: “demo”"):
        store.save(assessment(benchmark=BenchmarkRef(id="other", version="1.0.0")), None)
    assert store.load(*CITY) == assessment()


# --- what can go wrong with files -----------------------------------------------------------------------------------


def test_deleted_city_is_not_brought_back(store: AnswerStore, path: Path) -> None:
    """Who saves into a city that was deleted meanwhile hears so, and no folder appears again."""
    base = store.load(*CITY)
    shutil.rmtree(path.parent)
    for save in (
        lambda: store.save(base.with_answer("KF1.Q1", rated(1)), base),
        lambda: store.record(*CITY, "agreed", "KF1.Q1", rated(1), None),
    ):
        with pytest.raises(
            StoreError, match="are not there \\(deleted, moved or renamed\\), and nothing was saved; put"
        ):
            save()
    assert not path.parent.exists()


def test_city_deleted_while_waiting_is_not_brought_back(
    store: AnswerStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same if the document goes while the writer waits for the lock."""
    locked = atomic.locked

    @contextlib.contextmanager
    def deleting(document: Path, patience: float) -> Iterator[None]:
        with locked(document, patience):
            document.unlink()
            yield

    monkeypatch.setattr(atomic, "locked", deleting)
    with pytest.raises(StoreError, match="are not there"):
        store.record(*CITY, "agreed", "KF1.Q1", rated(1), None)
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "error", "sentence"),
    [
        (b"", DocumentError, "the file is empty"),
        (b'{"format": "citygrow-assessment", "version": 1, "round', DocumentError, "this is not JSON"),
        (b'{"format": "citygrow-assessment", "version": 9}', DocumentTooNew, "written by a newer citygrow"),
    ],
)
def test_document_damaged_by_hand_is_left_alone(
    store: AnswerStore, path: Path, content: bytes, error: type[DocumentError], sentence: str
) -> None:
    """A file that cannot be understood is never overwritten, and the writer hears that nothing was saved, and why."""
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        store.save(assessment().with_answer("KF1.Q1", rated(1)), None)
    first, second = told(caught).splitlines()
    place = "answers/demo/zabia-gora/2026.json"
    assert first == f"{place}: nothing was saved, because the file on disk cannot be understood"
    assert sentence in second
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(errno.ENOSPC, "the disk is full; free some space"), (errno.EROFS, "the folder is read-only")],
)
def test_disk_that_refuses_is_a_sentence(
    store: AnswerStore, path: Path, monkeypatch: pytest.MonkeyPatch, code: int, sentence: str
) -> None:
    """With a full or read-only disk the old document stands and the error says so."""

    def fail(handle: int) -> None:
        raise OSError(code, os.strerror(code))

    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match=sentence):
        store.record(*CITY, "agreed", "KF1.Q1", rated(1), None)
    assert path.read_bytes() == before


def test_busy_document_is_a_sentence(store: AnswerStore, path: Path) -> None:
    """While another holds the lock, a save waits, gives up, and says what to do."""
    caught: list[StoreBusy] = []

    def save() -> None:
        try:
            store.record(*CITY, "agreed", "KF1.Q1", rated(1), None)
        except StoreBusy as error:
            caught.append(error)

    with atomic.locked(path):
        thread = threading.Thread(target=save)
        thread.start()
        thread.join()
    assert "somebody else is saving to this file; wait a moment and save again" in str(caught[0])


def test_unreadable_file_is_a_sentence(store: AnswerStore) -> None:
    """A folder where the document should be is named, not traced."""
    store.document(*CITY).mkdir(parents=True)
    with pytest.raises(StoreError, match=r"a folder stands where a file is needed|not permitted"):
        store.load(*CITY)


# --- import ---------------------------------------------------------------------------------------------------------


def test_merging_in_adds_and_reports(store: AnswerStore, path: Path) -> None:
    """An import adds what is missing, keeps what is there, and reports where the two differ."""
    store.record(*CITY, "agreed", "KF1.Q1", rated(1), None)
    came = assessment().with_answer("KF1.Q1", rated(2)).with_answer("KF1.Q2", rated(2))
    saved = store.merge_in(came)
    assert [conflict.code for conflict in saved.conflicts] == ["KF1.Q1"]
    assert saved.changed == 1
    assert store.load(*CITY).answer("KF1.Q1") == rated(1, updated_at=MORNING)
    replaced = store.merge_in(came, replace=True)
    assert replaced.conflicts == ()
    assert store.load(*CITY).answer("KF1.Q1") == rated(2, updated_at=MORNING)
    assert store.merge_in(came, replace=True).changed == 0


def test_merging_in_begins_new_cities(store: AnswerStore) -> None:
    """A city that is not there yet is created."""
    assert store.merge_in(assessment().with_answer("KF1.Q1", rated(1))).changed == 3
    assert store.load(*CITY).answer("KF1.Q1") == rated(1, updated_at=MORNING)


def test_merging_in_never_mixes_two_cities(store: AnswerStore) -> None:
    """A city whose name folds to another city's folder is refused, until it has its own; then it finds that."""
    store.create(assessment(name="Zürich", slug="zurich"))
    zurich = assessment(name="Zurich", slug="zurich").with_answer("KF1.Q1", rated(1))
    with pytest.raises(
        StoreError, match="“zurich” holds the answers of “Zürich”; if it is the same city, write its name"
    ):
        store.merge_in(zurich)
    own = store.folders().new_slug(zurich.city)
    store.merge_in(zurich.model_copy(update={"city": City(name="Zurich", slug=own)}))
    assert store.merge_in(zurich).document.city.slug == own
    assert store.merge_in(assessment(name="ZÜRICH", slug="zurich", round_label="2027")).document.city.slug == "zurich"
    assert store.load("zurich", "2026").responses == {}


def test_two_who_begin_cities_of_one_name_at_once_do_not_share_a_document(store: AnswerStore) -> None:
    """The second has begun with nothing, and finds another city where its own should be."""
    germany, belgium = (City(name="Halle", slug="halle", country=code) for code in ("DE", "BE"))
    store.save(assessment(city=germany), None)
    with pytest.raises(StoreError, match="holds the answers of “Halle”"):
        store.save(assessment(city=belgium), None)
    assert store.load("halle", "2026").city == germany


def test_name_of_a_city_with_a_damaged_round(store: AnswerStore, path: Path) -> None:
    """One damaged round does not hide whose folder it is; if all are damaged, nothing is guessed."""
    path.with_name("2027.json").write_bytes(b"{")
    city = City(name="Żabia Góra", slug="zabia-gora")
    assert [known.slug for known in store.folders().namesakes(city)] == ["zabia-gora"]
    path.write_bytes(b"{")
    with pytest.raises(StoreError, match="none of its documents can be read"):
        store.folders().new_slug(city)
    with pytest.raises(StoreError, match="none of its documents can be read"):
        store.merge_in(assessment(round_label="2028"))


# --- many writers, and kill -9 --------------------------------------------------------------------------------------

RECORDER = """
import sys
from pathlib import Path
from citygrow_nb.answers import AnswerStore
from citygrow_nb.workspace import Workspace
from tests.factories import QUESTIONS, benchmark, rated
store = AnswerStore(Workspace(Path(sys.argv[1])), benchmark())
who, first, last = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for i in range(first, last):
    code = QUESTIONS[i % len(QUESTIONS)]
    saved = store.record("zabia-gora", "2026", f"{who}-{i // len(QUESTIONS)}", code, rated(i % 4, str(i)), None)
    assert not saved.conflicts
    print(i, flush=True)
"""


def recorder(root: Path, who: str, first: int, last: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RECORDER, str(root), who, str(first), str(last)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def recorded(document: Assessment, who: str) -> set[int]:
    """Return the numbers of all answers of one recorder."""
    numbers = set()
    for respondent, answers in document.responses.items():
        name, _, group = respondent.rpartition("-")
        for code, answer in answers.items():
            number = int(group) * len(QUESTIONS) + QUESTIONS.index(code)
            if name == who:
                assert (answer.level, answer.comment) == (number % 4, str(number))
                numbers.add(number)
    return numbers


def test_kill_at_any_moment_loses_nothing(store: AnswerStore, path: Path) -> None:
    """kill -9 in the middle of saves: the document is always readable, and every answer reported as saved is in it."""
    wanted, chance = 200, random.Random(7)
    reported: set[int] = set()
    kills = 0
    while len(reported) < wanted:
        with recorder(store.workspace.root, "killed", max(reported, default=-1) + 1, wanted) as process:
            assert process.stdout
            stop_after = chance.randint(5, 40)
            for line in process.stdout:
                reported.add(int(line))
                stop_after -= 1
                if not stop_after:
                    time.sleep(chance.random() * 0.01)
                    process.kill()
                    kills += 1
        document = parse(path.read_bytes(), str(path), DEMO)
        assert reported <= recorded(document, "killed")
    assert kills >= 4
    assert recorded(store.load(*CITY), "killed") == set(range(wanted))
    # The next save clears away what the killed ones left.
    store.record(*CITY, "agreed", "KF1.Q1", rated(1), None)
    assert {file.name for file in path.parent.iterdir()} == {"2026.json", ".2026.json.lock"}


@pytest.mark.slow
def test_two_processes_save_a_thousand_answers(store: AnswerStore, path: Path) -> None:
    """Two processes that answer different questions of one city, 500 times each, leave 1,000 answers."""
    with recorder(store.workspace.root, "one", 0, 500) as one, recorder(store.workspace.root, "two", 0, 500) as two:
        assert len(one.communicate()[0].split()) == len(two.communicate()[0].split()) == 500
    document = store.load(*CITY)
    assert recorded(document, "one") == recorded(document, "two") == set(range(500))
    assert sum(map(len, document.responses.values())) == 1000


@pytest.mark.skipif(os.name != "posix", reason="making links takes rights on Windows")
@pytest.mark.parametrize("link", [DEMO.id, f"{DEMO.id}/zabia-gora", f"{DEMO.id}/zabia-gora/2026.json"])
def test_answers_are_neither_read_nor_saved_over_a_link(
    store: AnswerStore, path: Path, tmp_path: Path, link: str
) -> None:
    """The folder of answers itself may be on another disk; what lies in it may have been sent."""
    real, other = tmp_path / "answers" / link, tmp_path / "other"
    before = path.read_bytes()
    real.rename(other)
    real.symlink_to(other)
    there = sorted(other.rglob("*"))
    for act in (
        lambda: store.load(*CITY),
        lambda: store.create(assessment()),
        lambda: store.record(*CITY, "agreed", "KF1.Q1", rated(3), None),
        lambda: store.mark(*CITY),
    ):
        with pytest.raises(StoreError, match="link"):
            act()
    assert sorted(other.rglob("*")) == there
    real.unlink()
    other.rename(real)
    assert path.read_bytes() == before
    disk = tmp_path / "disk"
    store.workspace.answers.rename(disk)
    store.workspace.answers.symlink_to(disk)
    assert store.record(*CITY, "agreed", "KF1.Q1", rated(3), None).changed
