"""Wishes are saved as they are chosen and merged wish by wish; the secretariat's desk finds, fixes and explains."""

from __future__ import annotations

from typing import Any

import pytest

from citygrow_nb import tables
from citygrow_nb.answers import AnswerStore
from citygrow_nb.model import Action, Mentoring, Need, Offer, Target
from citygrow_nb.workbook.session import Session
from tests.factories import assessment_of, rated

CITY = "zabia-gora", "2026"


@pytest.fixture
def session(store: AnswerStore) -> Session:
    return Session(store, store.load(*CITY))


def wish(seen: dict[str, Any] | None = None, **wishes: Any) -> dict[str, Any]:
    """Return the message of the form of wishes."""
    empty = {"offers": {}, "needs": {}, "languages": "", "not_with": ""}
    return {"do": "wishes", "wishes": {**empty, **wishes}, "seen": seen}


def test_wishes_are_on_disk_when_they_are_said_to_be_saved(session: Session, store: AnswerStore) -> None:
    panel = session.wishes().panel
    assert panel.state["wishes"] is None
    reply = panel.reply(wish(offers={"KF1": 2}, needs={"KF6": 1}, languages="english, Polish", not_with="Graz\n\nLinz"))
    assert reply["ok"], reply
    assert reply["value"]["languages"] == "English, Polish"
    assert store.load(*CITY).mentoring == Mentoring(
        offers=(Offer(factor="KF1", capacity=2),),
        needs=(Need(factor="KF6", priority=1),),
        languages=("en", "pl"),
        not_with=("Graz", "Linz"),
    )
    assert "Graz" not in session.wishes().fragment.html
    reply = panel.reply({"do": "wishes", "wishes": None, "seen": reply["value"]})
    assert store.load(*CITY).mentoring.is_empty


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"languages": "Elvish"}, "“Elvish” is no language that is known here"),
        ({"not_with": "a;b"}, "one city a name"),
        ({"offers": {"KF1": 99}}, "less than or equal to 20"),
    ],
)
def test_what_cannot_be_is_said_and_not_saved(
    session: Session, store: AnswerStore, wishes: dict[str, Any], said: str
) -> None:
    reply = session.wishes().panel.reply(wish(**wishes))
    assert not reply["ok"]
    assert said in reply["text"]
    assert store.load(*CITY).mentoring.is_empty


def test_two_people_wish_different_things_and_both_count(session: Session, store: AnswerStore) -> None:
    other = Session(store, store.load(*CITY))
    assert session.wishes().panel.reply(wish(offers={"KF1": 1}))["ok"]
    assert other.wishes().panel.reply(wish(needs={"KF6": 2}))["ok"]
    saved = store.load(*CITY).mentoring
    assert (saved.offers, saved.needs) == ((Offer(factor="KF1"),), (Need(factor="KF6"),))
    third = Session(store, store.load(*CITY).model_copy(update={"mentoring": Mentoring()}))
    reply = third.wishes().panel.reply(wish(offers={"KF1": 5}))
    assert not reply["ok"]
    assert "the offer on KF1: you have 5 cities, but meanwhile 1 city was saved" in reply["text"]


# --- the secretariat's desk -----------------------------------------------------------------------------------------


@pytest.fixture
def network(session: Session, store: AnswerStore) -> Session:
    """Return a session in a workspace with two cities that could help, and one that needs it."""
    for name, slug, level, wishes in (
        ("Graz", "graz", 3, Mentoring(offers=(Offer(factor="KF1"),), languages=("en",))),
        ("Linz", "linz", 3, Mentoring(offers=(Offer(factor="KF1"),))),
        ("Bern", "bern", 0, Mentoring(needs=(Need(factor="KF1"),), languages=("en",))),
    ):
        city = assessment_of(store.benchmark, name, slug, mentoring=wishes)
        for code in store.benchmark.questions:
            city = city.with_answer(code, rated(level))
        store.create(city)
    return session


def ask(session: Session, what: str, **pair: str) -> dict[str, Any]:
    return session.network().panel.reply({"do": "network", "what": what, **pair})


def found(session: Session) -> list[tuple[str, str, bool]]:
    return [(m["mentor"], m["mentee"], m["pinned"]) for m in session.network().panel.state["matches"]]


def test_desk_finds_fixes_forbids_and_takes_back(network: Session, store: AnswerStore) -> None:
    assert network.network().panel.state["found"] is False
    assert ask(network, "find")["ok"]
    assert found(network) == [("Graz", "Bern", False)]
    pair = {"factor": "KF1", "mentor": "linz", "mentee": "bern"}
    assert ask(network, "pin", **pair)["ok"]
    assert found(network) == [("Linz", "Bern", True)]
    path = store.workspace.root / "pins.csv"
    assert [(d.decision, d.mentor) for d in tables.decisions(path)[0]] == [("pin", "linz")]
    assert ask(network, "ban", **pair)["ok"]
    assert found(network) == [("Graz", "Bern", False)]
    assert network.network().panel.state["decisions"][0]["decision"] == "ban"
    assert ask(network, "undo", **pair)["ok"]
    assert tables.decisions(path) == ((), ())
    assert found(network) == [("Graz", "Bern", False)]


def test_desk_says_why_not(network: Session) -> None:
    early = ask(network, "why", factor="KF1", mentee="Bern", mentor="Linz")
    assert not early["ok"]
    assert "find mentors first" in early["text"]
    ask(network, "find")
    said = ask(network, "why", factor="KF1", mentee="Bern", mentor="Linz")["text"]
    assert "Linz would fit Bern with" in said
    assert "the network would lose 15.0 points" in said
    wrong = ask(network, "why", factor="KF1", mentee="Bern", mentor="Nowhere")
    assert "there is no city “Nowhere” in the network" in wrong["text"]


def test_desk_loses_nothing_of_a_list_that_it_does_not_understand(network: Session, store: AnswerStore) -> None:
    path = store.workspace.root / "pins.csv"
    path.write_text("decision,factor,mentor,mentee\nperhaps,KF1,graz,bern\n", encoding="utf-8")
    before = path.read_bytes()
    reply = ask(network, "pin", factor="KF1", mentor="linz", mentee="bern")
    assert not reply["ok"]
    assert "found “perhaps”; allowed: pin, ban" in reply["text"]
    assert path.read_bytes() == before


def test_city_that_cannot_be_read_is_named(network: Session, store: AnswerStore) -> None:
    store.document("linz", "2026").write_bytes(b"{")
    assert ask(network, "find")["ok"]
    assert "answers/migrant-entrepreneurs/linz/2026.json" in network.network().panel.state["html"]


# --- the plan -------------------------------------------------------------------------------------------------------


def test_plan_and_wishes_go_on_into_the_next_round(session: Session, store: AnswerStore) -> None:
    """What is over stays behind."""
    plan = (
        Action(id="a", what="Go on", targets=(Target(code="KF1.Q1", level=3, by="2020-01"),)),
        Action(id="b", what="Done", status="done"),  # type: ignore[arg-type]
    )
    known = store.load(*CITY)
    store.save(known.model_copy(update={"actions": plan, "mentoring": Mentoring(languages=("en",))}), known)
    session.look()
    assert session.act({"do": "round", "round": "2028", "at": "/".join(CITY)})["ok"]
    begun = store.load(CITY[0], "2028")
    assert [action.id for action in begun.actions] == ["a"]
    assert begun.mentoring.languages == ("en",)
    assert session.actions().panel.state["late"] == ["a"]
    assert "overdue" in session.actions().fragment.html
