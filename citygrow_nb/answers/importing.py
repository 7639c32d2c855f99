"""What comes from elsewhere, such as a table, into a store: the assessment, its persons, and the groups they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from citygrow_nb.answers.counting import Counted, count, waiting
from citygrow_nb.answers.folders import CityFolders
from citygrow_nb.answers.persons_file import with_added
from citygrow_nb.answers.store import AnswerStore, Saved
from citygrow_nb.model import AGREED, Assessment, Group, Person
from citygrow_nb.scoring import agreed_over_voices, levels_of_voices


@dataclass(frozen=True)
class Brought:
    """What an import did for one city and round.

    Parameters
    ----------
    saved
        What was saved of the assessment, and what was not.
    persons
        How many persons are new, or answered otherwise than before.
    counted
        What counting has come to.
    """

    saved: Saved
    persons: int = 0
    counted: Counted = Counted((), {})  # noqa: RUF009 - a value that nobody changes


def bring_in(
    store: AnswerStore,
    assessment: Assessment,
    persons: Mapping[str, Person],
    *,
    replace: bool = False,
    folders: CityFolders | None = None,
) -> Brought:
    """Save what came of one city and round, and count its persons; parameters and errors as of ``merge_in``.

    Parameters
    ----------
    persons
        Who answered for herself, by key.
    """
    if not persons:
        return Brought(store.merge_in(assessment, replace=replace, folders=folders))
    here = folders or store.folders()
    assessment, persons = _with_known_institutions(store, here.housed(assessment), persons)
    saved = store.merge_in(assessment, replace=replace, folders=here)
    city, label = saved.document.city.slug, saved.document.round
    added = store.add_persons(city, label, persons, replace=replace)
    counted = store.count(city, label)
    if counted.groups:
        document = store.load(city, label)
        store.save(_agreed_over_groups(document, assessment, counted.groups), document)
    return Brought(saved, added, counted)


def would_bring(
    store: AnswerStore, assessment: Assessment, persons: Mapping[str, Person], *, replace: bool = False
) -> Counted:
    """Return what an import would count of the persons of a city and round; nothing is saved.

    Parameters
    ----------
    store, persons, replace
        As in :func:`bring_in`.
    assessment
        Whose they are, in the city's own folder.
    """
    _, persons = _with_known_institutions(store, assessment, persons)
    there = store.persons(assessment.city.slug, assessment.round)
    after, groups = count(with_added(there, persons, replace=replace)[0], datetime.now(UTC))
    return Counted(groups, waiting(after))


def _with_known_institutions(
    store: AnswerStore, assessment: Assessment, persons: Mapping[str, Person]
) -> tuple[Assessment, Mapping[str, Person]]:
    """Take for institutions again who are some in the store: a table may leave out of what kind a respondent is."""
    there = store.load_or_none(assessment.city.slug, assessment.round)
    known = {key: who for key, who in (there.respondents if there else {}).items() if key in persons}
    if not known:
        return assessment, persons
    respondents = {**assessment.respondents, **known}
    responses = {**assessment.responses, **{key: persons[key].answers for key in known}}
    assessment = assessment.model_copy(update={"respondents": respondents, "responses": responses})
    return agreed_over_voices(assessment), {key: who for key, who in persons.items() if key not in known}


def _agreed_over_groups(document: Assessment, came: Assessment, groups: tuple[Group, ...]) -> Assessment:
    """Return a document in which agreed answers that came with these groups are agreed over them, too."""
    roles = {(group.code, group.role.casefold()) for group in groups}
    agreed = {**document.responses.get(AGREED, {})}
    for code, given in came.responses.get(AGREED, {}).items():
        answer = agreed.get(code)
        if answer is None or (answer.state, answer.level) != (given.state, given.level):
            continue
        new = {
            key: level
            for key, level in levels_of_voices(code, document).items()
            if (code, key.removesuffix(" (persons)")) in roles and key not in answer.over
        }
        agreed[code] = answer.model_copy(update={"over": {**answer.over, **new}})
    return document.model_copy(update={"responses": {**document.responses, AGREED: agreed}}) if agreed else document
