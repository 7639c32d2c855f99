"""Panels save through the store, tell how it went, and follow what others save."""

import asyncio
import base64
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import answers, atomic
from citygrow_nb.answers import AnswerStore
from citygrow_nb.exceptions import UsageError
from citygrow_nb.model import Assessment, City
from citygrow_nb.rendering import Fragment
from citygrow_nb.workbook import exports
from citygrow_nb.workbook import session as desks
from citygrow_nb.workbook.place import find_document
from citygrow_nb.workbook.session import Session
from tests.factories import assessment_of, rated

CITY = "zabia-gora", "2026"


@pytest.fixture
def session(store: AnswerStore) -> Session:
    return Session(store, store.load(*CITY))


def give(level: int | None, code: str = "KF1.Q2", seen: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return the message of a form in which a level was chosen."""
    answer = None if level is None else {"state": "rated", "level": level, "comment": "", "evidence": []}
    return {"do": "answer", "code": code, "respondent": "agreed", "answer": answer, "seen": seen, **more}


def on_disk(store: AnswerStore) -> Assessment:
    return store.load(*CITY)


def test_choosing_a_level_is_on_disk_when_it_is_said_to_be_saved(session: Session, store: AnswerStore) -> None:
    reply = session.question("KF1.Q2").panel.reply(give(3))
    assert reply["ok"]
    assert reply["text"] == "Saved"
    saved = on_disk(store).answer("KF1.Q2")
    assert saved is not None
    assert saved.level == 3


def test_reply_carries_the_whole_document_for_the_download(session: Session, store: AnswerStore) -> None:
    reply = session.question("KF1.Q2").panel.reply(give(3))
    assert answers.parse(reply["document"].encode(), "download", store.benchmark) == on_disk(store)


def test_scorecard_and_head_move_with_every_save(session: Session) -> None:
    from citygrow_nb import rendering

    card = session.drawn("scorecard", lambda: rendering.scorecard(session.benchmark, session.assessment, "KF1"))
    head = session.head()
    before = card.panel.state["html"], head.panel.state["html"]
    session.question("KF1.Q2").panel.reply(give(3))
    assert card.panel.state["html"] != before[0]
    assert "2 of 40" in head.panel.state["html"]


def test_whoever_changed_nothing_after_all_gets_what_was_saved_meanwhile(session: Session, store: AnswerStore) -> None:
    """Or the empty form would be taken for what stands on disk, and the next choice would overwrite it unseen."""
    form = session.question("KF1.Q2").panel
    store.record(*CITY, "agreed", "KF1.Q2", rated(1), None)
    reply = form.reply(give(None))
    assert (reply["ok"], reply["other"], reply["value"]["level"]) == (True, True, 1)
    assert form.reply(give(3, seen=reply["value"]))["other"] is False


def test_respondent_sees_own_figures_only(session: Session, store: AnswerStore) -> None:
    """A score over what others answered would tell their level before one has answered."""
    store.record(*CITY, "chamber", "KF1.Q3", rated(3), None)
    session.look()
    card = session.question("KF1.Q1").panel
    assert "left" in card.state["card"]
    session.act({"do": "respondent", "role": "Economic development"})
    assert card.state["card"].endswith("by your own answers: not known yet, 6 questions left")
    assert session.own().answer("KF1.Q1") is None
    assert session.own().answer("KF1.Q3", "chamber") is None


def test_respondent_that_is_gone_leaves_the_agreed_answer(session: Session, store: AnswerStore) -> None:
    """An older copy put back in its place must not stop the forms from following it."""
    older = store.document(*CITY).read_bytes()
    session.question("KF1.Q1")
    session.act({"do": "respondent", "role": "Economic development"})
    store.document(*CITY).write_bytes(older)
    assert session.look()
    assert session.respondent == "agreed"
    assert session.question("KF1.Q1").panel.state["answer"]["level"] == 2


def test_looking_goes_on_after_a_surprise(store: AnswerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "WATCH_SECONDS", 0.01)

    async def session() -> int:
        session = Session(store, on_disk(store))
        looks = []

        def look() -> bool:
            looks.append(1)
            raise KeyError("surprise")

        monkeypatch.setattr(session, "look", look)
        session.question("KF1.Q2")
        for _ in range(200):
            await asyncio.sleep(0.01)
            if len(looks) > 2:
                break
        session.close()
        return len(looks)

    assert asyncio.run(session()) > 2


def test_city_that_is_here_already_keeps_its_facts_and_becomes_the_open_one(
    session: Session, store: AnswerStore
) -> None:
    """Its name alone is meant: the other fields still hold the facts of the city that was open."""
    other = assessment_of(store.benchmark, name="Oldtown", slug="oldtown")
    other = other.model_copy(update={"city": other.city.model_copy(update={"country": "PT", "population": 5})})
    store.create(other)
    assert session.act(name("Żabia Góra", country="PL"))["ok"]
    assert find_document(store.workspace, store.benchmark.id, "", "") == CITY
    typed = {"name": "Oldtown", "country": "PL", "people": "655000", "round": "2026"}
    assert session.act({"do": "city", **typed})["ok"]
    assert store.load("oldtown", "2026").city == other.city
    assert find_document(store.workspace, store.benchmark.id, "", "") == ("oldtown", "2026")
    # The same for a round of it that is new, and for going back to one that is not.
    assert session.act({"do": "city", **typed, "country": "PT", "people": "5", "round": "pilot"})["ok"]
    assert find_document(store.workspace, store.benchmark.id, "oldtown", "") == ("oldtown", "pilot")
    assert session.act({"do": "city", **typed, "country": "PT", "people": "5"})["ok"]
    assert find_document(store.workspace, store.benchmark.id, "oldtown", "") == ("oldtown", "2026")


def test_report_is_made_from_rounds_that_can_be_read(store: AnswerStore) -> None:
    """A backup beside the document, a damaged round, another city: none of them keeps anybody from the own report."""
    document = store.document(*CITY)
    store.create(store.load(*CITY).model_copy(update={"round": "2024"}))
    (document.parent / "2026-backup.json").write_bytes(document.read_bytes())
    (document.parent / "2025.json").write_text("{", "utf-8")
    (document.parent.parent / "else").mkdir()
    (document.parent.parent / "else" / "2026.json").write_text("{", "utf-8")
    assert exports._rounds(store, *CITY) == ["2026", "2024"]


def test_taking_an_answer_back_removes_it(session: Session, store: AnswerStore) -> None:
    form = session.question("KF1.Q2").panel
    seen = form.reply(give(3))["value"]
    assert form.reply(give(None, seen=seen))["ok"]
    assert on_disk(store).answer("KF1.Q2") is None


def test_two_open_workbooks_do_not_undo_each_other(session: Session, store: AnswerStore) -> None:
    other = Session(store, on_disk(store))
    session.act(give(1, "KF1.Q2"))
    other.act(give(2, "KF1.Q3"))
    assert [on_disk(store).answer(f"KF1.Q{n}").level for n in (1, 2, 3)] == [2, 1, 2]  # type: ignore[union-attr]


def test_same_question_changed_by_both_is_told_to_the_second_with_the_first_value(
    session: Session, store: AnswerStore
) -> None:
    other = Session(store, on_disk(store))
    session.act(give(1))
    reply = other.act(give(3))
    assert not reply["ok"]
    assert reply["theirs"]["level"] == 1
    assert on_disk(store).answer("KF1.Q2").level == 1  # type: ignore[union-attr]
    assert other.act(give(3, seen=reply["theirs"]))["ok"]
    assert on_disk(store).answer("KF1.Q2").level == 3  # type: ignore[union-attr]


def test_what_another_person_saved_appears(session: Session, store: AnswerStore) -> None:
    form = session.question("KF1.Q2")
    assert form.panel.state["answer"] is None
    store.record(*CITY, "agreed", "KF1.Q2", rated(1), None)
    assert session.look()
    assert form.panel.state["answer"]["level"] == 1
    assert not session.look()


def test_a_running_workbook_looks_by_itself(store: AnswerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "WATCH_SECONDS", 0.01)

    async def session() -> int | None:
        session = Session(store, on_disk(store))
        form = session.question("KF1.Q2")
        store.record(*CITY, "agreed", "KF1.Q2", rated(1), None)
        for _ in range(200):
            await asyncio.sleep(0.01)
            if form.panel.state["answer"]:
                break
        session.close()
        level: int | None = form.panel.state["answer"]["level"]
        return level

    assert asyncio.run(session()) == 1


def test_respondent_has_answers_of_its_own_and_sees_others_only_after_answering(
    session: Session, store: AnswerStore
) -> None:
    form = session.question("KF1.Q1").panel
    assert session.act({"do": "respondent", "role": "Economic development"})["ok"]
    assert form.state["answer"] is None
    assert form.state["others"] == ""
    reply = session.act({**give(1, "KF1.Q1"), "respondent": "economic-development"})
    assert "agreed answer: level 2" in reply["others"]
    saved = on_disk(store)
    assert saved.respondents["economic-development"].role == "Economic development"
    assert saved.answer("KF1.Q1").level == 2  # type: ignore[union-attr]


def test_respondent_without_a_name_is_refused_in_words(session: Session) -> None:
    reply = session.head().panel.reply({"do": "respondent", "role": "  "})
    assert not reply["ok"]
    assert "no name" in reply["text"]


def test_context_and_actions_are_saved(session: Session, store: AnswerStore) -> None:
    reading = {"direction": -1, "comment": "Rules change.", "bears_on": ["KF6"]}
    assert session.act({"do": "context", "code": "CF1", "reading": reading, "seen": None})["ok"]
    action = {"id": "a1", "what": "Adopt a strategy", "who": "Council", "questions": ["KF1.Q2"]}
    reply = session.act({"do": "action", "id": "a1", "action": action, "seen": None})
    assert reply["ok"]
    saved = on_disk(store)
    assert saved.context["CF1"].bears_on == ("KF6",)
    assert [item.what for item in saved.actions] == ["Adopt a strategy"]
    assert session.act({"do": "action", "id": "a1", "action": None, "seen": reply["value"]})["ok"]
    assert on_disk(store).actions == ()


def test_an_action_changed_by_both_is_told_to_the_second_with_the_first_value(
    session: Session, store: AnswerStore
) -> None:
    first = session.act({"do": "action", "id": "a1", "action": {"id": "a1", "what": "Ask the bank"}, "seen": None})
    other = Session(store, on_disk(store))
    changed = {"id": "a1", "what": "Ask both", "who": "Council"}
    assert other.act({"do": "action", "id": "a1", "action": changed, "seen": first["value"]})["ok"]
    session.look()  # what this session knows by now is not what its form had on screen
    mine = {"id": "a1", "what": "Ask nobody"}
    reply = session.act({"do": "action", "id": "a1", "action": mine, "seen": first["value"]})
    assert not reply["ok"]
    assert reply["theirs"]["who"] == "Council"
    assert [action.what for action in on_disk(store).actions] == ["Ask both"]
    assert session.act({"do": "action", "id": "a1", "action": None, "seen": reply["theirs"]})["ok"]
    assert on_disk(store).actions == ()


def test_message_meant_for_another_city_is_refused(session: Session, store: AnswerStore) -> None:
    reply = session.question("KF1.Q2").panel.reply(give(3, at="elsewhere/2026"))
    assert not reply["ok"]
    assert "zabia-gora/2026" in reply["text"]
    assert on_disk(store).answer("KF1.Q2") is None


def test_what_is_saved_is_said_to_be_saved_even_if_a_panel_cannot_be_drawn(
    session: Session, store: AnswerStore
) -> None:
    session.question("KF1.Q2")
    broken = iter([Fragment("<p>first</p>", ""), Fragment("<p>second</p>", "")])
    session.drawn("broken", lambda: next(broken))
    session.act(give(1))
    assert session.act(give(2, seen={"state": "rated", "level": 1, "comment": "", "evidence": []}))["ok"]
    assert on_disk(store).answer("KF1.Q2").level == 2  # type: ignore[union-attr]


def test_opening_again_in_the_same_kernel_shows_the_same_panels(store: AnswerStore) -> None:
    first = Session.at(store, on_disk(store))
    form = first.question("KF1.Q2")
    store.record(*CITY, "agreed", "KF1.Q2", rated(1), None)
    again = Session.at(store, on_disk(store))
    assert again is first
    assert again.question("KF1.Q2") is form
    assert form.panel.state["answer"]["level"] == 1
    assert Session.at(store, None, UsageError("no city")) is not first


def test_what_somebody_saves_right_after_oneself_is_not_missed(session: Session, store: AnswerStore) -> None:
    form = session.question("KF1.Q3")
    session.act(give(3))
    store.record(*CITY, "agreed", "KF1.Q3", rated(1), None)
    assert session.look()
    assert form.panel.state["answer"]["level"] == 1


def test_form_hears_of_a_lock_before_it_gives_up(store: AnswerStore, place: Path) -> None:
    from citygrow_nb.widgets.panel import script
    from citygrow_nb.workbook import book

    patience = re.search(r"patience = (\d+)", script("question"))
    assert patience is not None
    assert int(patience[1]) / 1000 > book.FORM_PATIENCE + 2
    opened = book.open_workbook(store.benchmark.id, folder=place)
    began = time.monotonic()
    with atomic.locked(store.document(*CITY)):
        reply = opened.question("KF1.Q2").panel.reply(give(3))
    assert "somebody else is saving" in reply["text"]
    assert time.monotonic() - began < book.FORM_PATIENCE + 1


def test_full_disk_keeps_the_answer_in_the_form_and_the_old_one_on_disk(
    session: Session, store: AnswerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = session.question("KF1.Q2").panel
    form.reply(give(1))

    def full(*_: object, **__: object) -> None:
        raise answers_full()

    monkeypatch.setattr(atomic, "write", full)
    reply = form.reply(give(3, seen={"state": "rated", "level": 1, "comment": "", "evidence": []}))
    assert not reply["ok"]
    assert "disk is full" in reply["text"]
    monkeypatch.undo()
    assert on_disk(store).answer("KF1.Q2").level == 1  # type: ignore[union-attr]


def answers_full() -> Exception:
    """Return what a full disk raises."""
    import errno

    from citygrow_nb.exceptions import StoreError, problem_of

    return StoreError(problem_of(OSError(errno.ENOSPC, "No space left on device"), "answers/zabia-gora/2026.json"))


def test_downloaded_answers_restore_a_lost_workspace(session: Session, store: AnswerStore) -> None:
    downloaded = session.act(give(3))["document"]
    store.document(*CITY).unlink()
    fresh = Session(store, None, UsageError("nothing here yet"))
    content = base64.b64encode(downloaded.encode()).decode()
    reply = fresh.city().panel.reply({"do": "restore", "name": "zabia-gora-2026.json", "base64": content})
    assert reply["ok"], reply
    assert on_disk(store) == answers.parse(downloaded.encode(), "download", store.benchmark)


def test_damaged_download_is_refused_in_words(session: Session) -> None:
    content = base64.b64encode(b"{").decode()
    reply = session.city().panel.reply({"do": "restore", "name": "x.json", "base64": content})
    assert not reply["ok"]
    assert "x.json" in reply["text"]


def test_answers_come_out_as_json_and_xlsx(session: Session) -> None:
    exported = session.exports().panel.reply({"do": "export", "what": "json"})
    assert json.loads(base64.b64decode(exported["base64"]))["city"]["slug"] == "zabia-gora"
    exported = session.exports().panel.reply({"do": "export", "what": "xlsx"})
    assert base64.b64decode(exported["base64"]).startswith(b"PK")


def test_naming_a_city_that_is_called_like_a_path_stays_in_the_workspace(store: AnswerStore) -> None:
    fresh = Session(store, None, UsageError("nothing here yet"))
    message = {"do": "city", "name": "../../etc", "country": "pl", "people": "12 000", "round": "2026"}
    assert fresh.city().panel.reply(message)["ok"]
    assert store.load("etc", "2026").city.population == 12000


def test_faults_of_the_city_form_are_told_all_at_once(store: AnswerStore) -> None:
    fresh = Session(store, None, UsageError("nothing here yet"))
    message = {"do": "city", "name": "X", "country": "Polnad", "people": "many", "round": "2026"}
    text = fresh.city().panel.reply(message)["text"]
    assert "country" in text
    assert "inhabitants" in text


def name(city: str, **more: str) -> dict[str, str]:
    """Return the message of the form that names a city."""
    return {"do": "city", "name": city, "country": "PL", "people": "", "round": "2026", **more}


def test_saved_city_leads_to_the_first_key_factor(store: AnswerStore) -> None:
    reply = Session(store, None, UsageError("nothing here yet")).act(name("Alpha"))
    assert reply["next"] == {"file": "01-strategy.ipynb", "title": "Strategy", "code": "KF1.Q1"}


def test_city_that_is_saved_while_the_lab_was_opened_for_another_says_so(
    store: AnswerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYGROW_CITY", "zabia-gora")
    reply = Session(store, None, UsageError("nothing here yet")).act(name("Alpha"))
    assert "citygrow lab alpha" in reply["text"]
    assert "next" not in reply


def test_new_name_is_asked_about_before_a_city_with_answers_is_left(session: Session, store: AnswerStore) -> None:
    reply = session.act(name("Żabia Górka"))
    assert not reply["ok"]
    assert [way for _, way in reply["choices"]] == ["new", "rename"]
    assert list(store.documents()) == [CITY]


def test_renamed_city_keeps_its_folder_and_answers(session: Session, store: AnswerStore) -> None:
    assert session.act(name("Żabia Górka", **{"as": "rename"}))["ok"]
    saved = on_disk(store)
    assert saved.city.name == "Żabia Górka"
    assert saved.answer("KF1.Q1") is not None
    assert session.act(name("Żabia Górka"))["ok"], "the open city is not asked about again"
    assert list(store.documents()) == [CITY]


def test_another_city_begins_empty_and_the_first_one_stays(session: Session, store: AnswerStore) -> None:
    assert session.act(name("Alpha", **{"as": "new"}))["ok"]
    assert session.assessment.city.slug == "alpha"
    assert session.assessment.responses == {}
    assert on_disk(store).answer("KF1.Q1") is not None
    assert session.act(name("Żabia Góra"))["ok"], "one that is here already is opened without a question"
    assert session.assessment.city.slug == "zabia-gora"


HALLE = ("halle", "DE"), ("essen-de", "DE"), ("essen-be", "BE")


@pytest.fixture
def namesakes(store: AnswerStore) -> AnswerStore:
    """Return a store with Halle in Germany, and with Essen in two countries."""
    for slug, country in HALLE:
        city = City(name=slug.partition("-")[0].title(), slug=slug, country=country)
        store.create(assessment_of(store.benchmark, city=city))
    return store


@pytest.mark.parametrize("opened", [False, True])
def test_name_of_a_city_in_another_country_is_asked_about(namesakes: AnswerStore, opened: bool) -> None:
    """Typed is Halle in Belgium: nothing is saved before somebody has said whether it is the German one."""
    known = namesakes.load("halle", "2026") if opened else None
    session = Session(namesakes, known, UsageError("nothing here yet"))
    there = list(namesakes.documents())
    reply = session.act(name("Halle", country="BE"))
    assert not reply["ok"]
    assert "Is “Halle (BE)” the same city, or another?" in reply["text"]
    assert [way for _, way in reply["choices"]] == ["halle", "new", *(["rename"] if opened else [])]
    assert list(namesakes.documents()) == there
    assert namesakes.load("halle", "2026").city.country == "DE"
    assert session.act(name("Halle", country="BE", **{"as": "new"}))["ok"]
    assert session.assessment.city == City(name="Halle", slug="halle-be", country="BE")
    assert session.act(name("Halle", country="DE"))["ok"], "name and country are those of one city"
    assert session.assessment.city.slug == "halle"
    assert session.act(name("Halle", country="BE", **{"as": "halle-be"}))["ok"]
    assert session.assessment.city.slug == "halle-be"


def test_country_of_the_open_city_can_be_corrected(namesakes: AnswerStore) -> None:
    """After the question whether it is another city."""
    session = Session(namesakes, namesakes.load("halle", "2026"))
    assert session.act(name("Halle", country="BE", **{"as": "rename"}))["ok"]
    assert namesakes.load("halle", "2026").city.country == "BE"


@pytest.mark.parametrize(("country", "slug"), [("DE", "essen-de"), ("BE", "essen-be"), ("", "")])
def test_typed_name_opens_the_city_that_has_name_and_country(namesakes: AnswerStore, country: str, slug: str) -> None:
    """Whatever its folder name, so that no third one begins; where two fit, it is asked."""
    session = Session(namesakes, None, UsageError("nothing here yet"))
    reply = session.act(name("Essen", country=country))
    assert reply["ok"] is bool(slug)
    assert len(list(namesakes.documents())) == 4
    if slug:
        assert session.assessment.city.slug == slug
    else:
        assert [way for _, way in reply["choices"]] == ["essen-be", "essen-de", "new"]


def test_restoring_another_city_is_refused_and_the_others_are_taken(namesakes: AnswerStore) -> None:
    """A download of Halle in Belgium does not go into Halle in Germany."""
    rows = "city,round,country,KF1.Q1\nHalle,2027,BE,3\nGraz,2027,AT,2\n"
    session = Session(namesakes, None, UsageError("nothing here yet"))
    content = base64.b64encode(rows.encode()).decode()
    reply = session.city().panel.reply({"do": "restore", "name": "mine.csv", "base64": content})
    assert "its folder “halle” holds the answers of “Halle” (DE)" in reply["text"]
    assert not reply["ok"]
    assert [city for city, label in namesakes.documents() if label == "2027"] == ["graz"]
    alone = base64.b64encode(rows.rpartition("Graz")[0].encode()).decode()
    reply = session.city().panel.reply({"do": "restore", "name": "mine.csv", "base64": alone})
    assert not reply["ok"]
    assert "--same" in reply["text"]


def test_table_that_cannot_be_read_is_named_as_its_owner_knows_it(session: Session) -> None:
    content = base64.b64encode(b"a,b\n1,2").decode()
    text = session.city().panel.reply({"do": "restore", "name": "mine.csv", "base64": content})["text"]
    assert text.startswith("Not saved:\nmine.csv, row 1")


def test_action_form_offers_every_question_under_its_key_factor(session: Session) -> None:
    factors = session.actions().panel.state["factors"]
    assert [factor["title"] for factor in factors][:2] == ["KF1 Strategy", "KF2 Mapping"]
    assert [q["code"] for factor in factors for q in factor["questions"]] == list(session.benchmark.questions)


def test_names_that_nobody_can_see_are_refused_in_words(session: Session) -> None:
    assert "has no name" in session.city().panel.reply(name("\u200b"))["text"]
    assert "no name" in session.head().panel.reply({"do": "respondent", "role": "\u200b"})["text"]


def test_round_that_windows_keeps_for_a_device_is_refused_in_words(session: Session) -> None:
    text = session.city().panel.reply({**name("Żabia Góra"), "round": "con"})["text"]
    assert "round-con" in text
