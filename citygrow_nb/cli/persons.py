"""``citygrow answers count`` and ``citygrow answers forget``: persons who answered for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from citygrow_nb.cli.messages import counted, is_confirmed, print_line
from citygrow_nb.cli.options import benchmark_option, chosen_benchmark, debug_option, round_option
from citygrow_nb.exceptions import Problem, UsageError, one_line

if TYPE_CHECKING:
    from citygrow_nb.answers import AnswerStore
    from citygrow_nb.answers.counting import Counted
    from citygrow_nb.model import Assessment, City
    from citygrow_nb.workspace import Workspace

_ERASED = """\
Erased for good: {answers} in {rounds}, and {comments}.
Not erased: the level in a group, which is nobody's by itself; copies and backups of {folder}; the survey tool;
reports and files that were made or published before. Make the reports again: citygrow batch"""


@click.command()
@click.argument("city")
@benchmark_option()
@round_option("Only this round.  [default: the city's last]")
@click.option("--last", is_flag=True, help="The city ends asking: who still waits, of all roles, makes one last group.")
@debug_option
def count(city: str, benchmark_id: str, round_label: str, last: bool) -> None:
    """Count the persons of CITY who wait: five or more of one role on one question become a group.

    A group stands in the self-test and is never changed afterwards.
    """
    from citygrow_nb.answers import AnswerStore
    from citygrow_nb.workspace import Workspace

    workspace = Workspace.find()
    store = AnswerStore(workspace, chosen_benchmark(workspace, benchmark_id))
    slug = _known(workspace, city).slug
    label = round_label or _last_round(store, slug)
    done = store.count(slug, label, last=last)
    print_line(sentence(store.load(slug, label), done))


@click.command()
@click.argument("city")
@click.argument("respondent")
@click.option("--yes", is_flag=True, help="Do not ask.")
@debug_option
def forget(city: str, respondent: str, yes: bool) -> int:
    """Erase RESPONDENT, a person of CITY, on all benchmarks and in all rounds.

    RESPONDENT is the name under which the person's answers are kept. What was counted stays counted, without her
    comments.
    """
    from citygrow_nb.answers import AnswerStore
    from citygrow_nb.benchmarks import by_id
    from citygrow_nb.workspace import ANSWERS, Workspace

    workspace = Workspace.find()
    known = _known(workspace, city)
    stores = [AnswerStore(workspace, by_id(name, workspace)) for name in workspace.answered()]
    everybody = {
        (place, label): store.persons(known.slug, label).persons
        for place, store in enumerate(stores)
        for label in _rounds(store, known.slug)
    }
    hers = {where: persons[respondent] for where, persons in everybody.items() if respondent in persons}
    if not hers:
        raise UsageError(_unknown(known, respondent, [key for persons in everybody.values() for key in persons]))
    answers = sum(len(person.answers) for person in hers.values())
    comments = sum(len([text for text in person.counted.values() if text]) for person in hers.values())
    told = _ERASED.format(
        answers=counted(answers, "answer"),
        rounds=counted(len(hers), "round"),
        comments=f"{counted(comments, 'comment')} in groups",
        folder=f"{ANSWERS}/",
    )
    print_line(f"{known.name}, {respondent}, {one_line(dict.fromkeys(person.role for person in hers.values()))}")
    for line in told.splitlines():
        print_line(line)
    if not (yes or is_confirmed("Erase?")):
        print_line("nothing was erased")
        return 1
    for place in dict.fromkeys(place for place, _ in hers):
        stores[place].forget(known.slug, respondent)
    print_line("erased")
    return 0


def sentence(assessment: Assessment, done: Counted, *, would: bool = False) -> str:
    """Say what counting came to; it stands on the terminal of who imports or counts, and in no file."""
    told = f"{counted(len(done.groups), 'group')} {'would be ' if would else ''}counted"
    roles = sorted(done.waiting.items(), key=lambda item: item[0].casefold())
    waits = [f"{counted(people, 'person', 'persons')} of {role} {_verb(people, would)}" for role, people in roles]
    return f"{assessment.city.name}, round {assessment.round}: {'; '.join([told, *waits])}"


def _verb(people: int, would: bool) -> str:
    return "would wait" if would else "waits" if people == 1 else "wait"


def _known(workspace: Workspace, city: str) -> City:
    from citygrow_nb.answers import city_called

    if (known := city_called(workspace, city)) is None:
        cities = sorted({slug for name in workspace.answered() for slug, _ in workspace.documents(name)})
        raise UsageError(Problem(f"city “{city}”", "there are no answers of this city here", one_line(cities, 5)))
    return known


def _rounds(store: AnswerStore, slug: str) -> list[str]:
    from citygrow_nb.model.fields import natural

    return sorted((label for city, label in store.documents() if city == slug), key=natural)


def _last_round(store: AnswerStore, slug: str) -> str:
    if not (rounds := _rounds(store, slug)):
        found = f"the city has not answered “{store.benchmark.id}”"
        raise UsageError(Problem(f"city “{slug}”", found, todo="name another with --benchmark"))
    return rounds[-1]


def _unknown(city: City, respondent: str, keys: Sequence[str]) -> Problem:
    found = f"no person of {city.name} is kept under this name"
    here = one_line(sorted(set(keys)), 5) if keys else "none: no persons of this city are kept"
    return Problem(f"respondent “{respondent}”", found, here, "look for the name in the city's files *.persons.json")
