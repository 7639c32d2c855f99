"""Counting persons into groups, and what somebody who sees all that is published can learn of one of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random

import pytest

from citygrow_nb.answers import dump
from citygrow_nb.answers.counting import SEVERAL_ROLES, count, waiting
from citygrow_nb.model import Assessment, BenchmarkRef, Group, Person, Persons
from citygrow_nb.scoring import results
from tests.factories import MORNING, QUESTIONS, assessment, benchmark, dont_know, rated
from tests.proof import times

EMPTY = Persons(benchmark=BenchmarkRef(id="demo", version="1.0.0"), city="a", round="2026")


def persons(*levels: int | None, role: str = "Founders", first: int = 0) -> Persons:
    """Return persons with these levels on the first question, each with a comment."""
    made = EMPTY
    for number, level in enumerate(levels, start=first):
        answer = dont_know() if level is None else rated(level, f"word {9 - number}")
        made = made.with_person(f"p-{number}", Person(role=role, answers={QUESTIONS[0]: answer}))
    return made


def test_five_of_a_role_are_a_group_and_four_wait() -> None:
    """Who does not know is not counted, and keeps nobody from being; comments stand in the order of their texts."""
    four, none = count(persons(0, 1, 2, 3, None), MORNING)
    assert (none, waiting(four)) == ((), {"Founders": 4})
    five, (group,) = count(persons(0, 1, 1, 3, 3), MORNING)
    assert (group.role, group.code, group.levels) == ("Founders", QUESTIONS[0], (1, 2, 0, 2))
    assert group.comments == tuple(sorted(group.comments))
    assert waiting(five) == {}


def test_nobody_is_counted_twice() -> None:
    """Neither who changes her answer, nor who takes it back and gives it again; five more make one more group."""
    counted, _ = count(persons(0, 1, 1, 3, 3), MORNING)
    other = {key: Person(role="Founders", answers={QUESTIONS[0]: rated(2)}) for key in counted.persons}
    changed = counted.model_copy(
        update={
            "persons": {
                key: person.model_copy(update={"answers": other[key].answers})
                for key, person in counted.persons.items()
            }
        }
    )
    again, groups = count(changed, MORNING)
    assert (again, groups) == (changed, ())
    more = changed.model_copy(update={"persons": {**changed.persons, **persons(0, 0, 0, 0, 0, first=5).persons}})
    _, (group,) = count(more, MORNING)
    assert group.levels == (5, 0, 0, 0)


def test_roles_are_one_whatever_their_case_and_the_rest_of_several_is_one_group_at_the_end() -> None:
    two = persons(1, 1, 1, role="Founders").persons | persons(2, 2, role="Advisers", first=3).persons
    waits, none = count(EMPTY.model_copy(update={"persons": two}), MORNING)
    assert (none, waiting(waits)) == ((), {"Founders": 3, "Advisers": 2})
    _, (last,) = count(waits, MORNING, last=True)
    assert (last.role, last.levels) == (SEVERAL_ROLES, (0, 3, 2, 0))
    same = persons(1, 1, 1).persons | persons(2, 2, role="FOUNDERS", first=3).persons
    _, (group,) = count(EMPTY.model_copy(update={"persons": same}), MORNING)
    assert group.people == 5


def test_a_group_has_five_persons_at_least() -> None:
    with pytest.raises(ValueError, match="5 persons or more"):
        Group(role="Founders", code=QUESTIONS[0], levels=(1, 1, 1, 1))


# --- an attacker who sees everything that is published ---

Rule = Callable[[Persons, datetime], tuple[Persons, tuple[Group, ...]]]
DEMO = benchmark()


def published(groups: tuple[Group, ...]) -> bytes:
    """Return what leaves the city after a round: the document, and all figures made of it."""
    made: Assessment = assessment("A", "a", groups=groups)
    return dump(made) + results(DEMO, made).model_dump_json().encode()


def recount(people: Persons, moment: datetime) -> tuple[Persons, tuple[Group, ...]]:
    """Count everybody anew each time: the rule that leaks, for the test to see."""
    bare = {key: person.model_copy(update={"counted": {}}) for key, person in people.persons.items()}
    return people, count(people.model_copy(update={"persons": bare}), moment)[1]


def differences(seen: list[tuple[Group, ...]]) -> list[int]:
    """Return by how many persons neighbouring states differ, question by question and role by role."""
    found = []
    for before, after in itertools.pairwise(seen):
        new = [group for group in after if group not in before]
        found += [group.people for group in new]
    return found


@pytest.mark.parametrize("seed", range(times(40, 2_000)))
def test_what_is_published_changes_by_whole_groups_only(seed: int) -> None:
    """Whatever happens in between: a change of five persons or more, or none at all."""
    random = Random(seed)
    people, groups = EMPTY, ()
    states = [groups]
    number = random.randrange(1, 13)
    for _ in range(60):
        key, code = f"p-{random.randrange(number)}", random.choice(QUESTIONS[:2])
        known = people.persons.get(key, Person(role=random.choice(("Founders", "founders", "Advisers"))))
        answers = {**known.answers, code: rated(random.randrange(4))}
        if random.random() < 0.2:
            answers.pop(code)
        people = people.with_person(key, known.model_copy(update={"answers": answers}))
        if random.random() < 0.3:
            people, new = count(people, MORNING, last=random.random() < 0.2)
            groups += new
            states.append(groups)
    for before, after in itertools.pairwise(states):
        assert after[: len(before)] == before, "what was counted stays as it is"
    assert all(people >= 5 for people in differences(states))
    per_question: Mapping[str, int] = {}
    for group in groups:
        per_question = {**per_question, group.code: per_question.get(group.code, 0) + group.people}
    assert all(people <= number for people in per_question.values()), "nobody is counted twice on a question"


def test_answers_that_were_not_counted_leave_no_trace() -> None:
    """Two histories that differ in what a waiting person said publish the same bytes; recounting would not."""
    leaks = 0
    for seed in range(times(60, 3_000)):
        for rule in (count, recount):
            states = []
            for other in (False, True):
                random = Random(seed)
                people, groups = persons(0, 1, 2, 3, 3), ()
                people, new = rule(people, MORNING)
                groups += new
                late = Person(role="Founders", answers={QUESTIONS[0]: rated((random.randrange(4) + other) % 4)})
                people, new = rule(people.with_person("late", late), MORNING)
                states.append(published(groups + new))
            if rule is recount:
                leaks += states[0] != states[1]
            else:
                assert states[0] == states[1]
    assert leaks, "the test sees a rule that leaks"


def test_moments_of_counting_are_all_the_times_that_are_told() -> None:
    _, groups = count(persons(0, 1, 1, 3, 3), datetime(2026, 11, 20, 9, tzinfo=UTC))
    assert [group.counted_at for group in groups] == [datetime(2026, 11, 20, 9, tzinfo=UTC)]
