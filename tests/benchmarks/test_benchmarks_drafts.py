"""A draft can be used before it is finished, and what is open is listed."""

from __future__ import annotations

import pytest

from citygrow_nb.benchmarks.drafts import NOT_SAID, SHORT, completed
from tests.benchmarks.tiny import tiny_data


def test_what_is_there_stays_and_what_is_open_is_listed() -> None:
    """A finished factor loses nothing; an emptied one gets the general levels, and each open place is named."""
    data = tiny_data()
    factor = data["key_factors"][0]
    question, practice = factor["questions"][0], factor["practices"][0]
    for name in ("levels", "who_knows"):
        del question[name]
    practice["check"] = ["the city may be another one"]
    made, todos = completed(data)
    changed = made["key_factors"][0]
    assert changed["questions"][0]["levels"] == [level["meaning"] for level in data["scale"]["levels"]]
    assert changed["questions"][0]["who_knows"] == NOT_SAID
    assert changed["questions"][0]["text"] == question["text"]
    said = {todo.loc: todo.what for todo in todos}
    assert said["key_factors", 0, "questions", 0] == "open: levels, who_knows"
    assert said["key_factors", 0, "practices", 0, "check", 0] == "check: the city may be another one"
    assert made["key_factors"][1] == data["key_factors"][1]


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Money", "Money"),
        ("EASY ACCESS TO MONEY FOR EVERYBODY WHO ASKS", "Easy access to money"),
        ("Support services / help for all of them", "Support services / help"),
        ("Workshops, rooms, and the tools of a trade", "Workshops, rooms"),
        ("Donaudampfschifffahrtsgesellschaftskapitän", "Donaudampfschifffahrtsgesell"),
    ],
)
def test_a_short_title_is_the_beginning_and_does_not_break_off(title: str, short: str) -> None:
    """It fits, ends with a word that means something, and no two are the same."""
    data = tiny_data()
    for factor in data["key_factors"]:
        factor["title"] = title
        factor.pop("short_title", None)
    made, _ = completed(data)
    titles = [factor["short_title"] for factor in made["key_factors"]]
    assert titles[0] == short
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= SHORT
