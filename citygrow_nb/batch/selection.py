"""Which of the cities that were found a run is about: one round, some cities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from citygrow_nb.batch.source_index import Gathered
from citygrow_nb.exceptions import Problem, UsageError, one_line
from citygrow_nb.slugs import same_name, slugify


def select(
    gathered: Gathered, where: str, *, round_label: str = "", cities: Sequence[str] = (), benchmark: str = ""
) -> Gathered:
    """Keep what was asked for.

    Parameters
    ----------
    gathered
        What the sources hold.
    where
        What to call the sources.
    round_label
        Only this round; empty for all.
    cities
        Only these, by folder name or name; none for all.
    benchmark
        Only what answers this one, by id; empty for all.

    Returns
    -------
    Gathered
        Those cities. One that was not found is a problem where some source could not be read: it may be in there.

    Raises
    ------
    UsageError
        If nothing is left, or a city does not exist.
    """
    found = gathered.found
    if not found and not gathered.problems:
        raise UsageError(Problem(where, "there are no answers in it", "JSON documents, CSV and XLSX tables of answers"))
    if benchmark:
        answered = sorted({item.identity.benchmark for item in found})
        found = tuple(item for item in found if item.identity.benchmark == benchmark)
        if answered and not found:
            raise UsageError(Problem(where, f"no city has answered the benchmark “{benchmark}”", one_line(answered)))
    if round_label:
        rounds = sorted({item.identity.round for item in found})
        found = tuple(item for item in found if item.identity.round == round_label)
        if rounds and not found:
            raise UsageError(Problem(where, f"no city has a round “{round_label}”", one_line(rounds)))
    if not cities:
        return replace(gathered, found=found)
    slugs = {item.identity.city for item in found}
    named: dict[str, set[str]] = {}
    for item in found:
        named.setdefault(same_name(item.identity.name), set()).add(item.identity.city)
    wanted = {city: {city} & slugs or named.get(same_name(city)) or {slugify(city)} & slugs for city in cities}
    if several := [_several(city, them, where) for city, them in wanted.items() if len(them) > 1]:
        raise UsageError(*several)
    unknown = tuple(no_such_city(city, slugs, where) for city, them in wanted.items() if not them)
    if unknown and not gathered.problems:
        raise UsageError(*unknown)
    chosen = set().union(*wanted.values())
    found = tuple(item for item in found if item.identity.city in chosen)
    return replace(gathered, found=found, problems=(*gathered.problems, *unknown))


def _several(city: str, slugs: Iterable[str], where: str) -> Problem:
    return Problem(where, f"several cities are called “{city}”", one_line(sorted(slugs)), "write the folder name")


def no_such_city(city: str, known: Iterable[str], where: str) -> Problem:
    """Return the sentence that a city is not there; it names the nearest that is.

    Parameters
    ----------
    city
        What was asked for.
    known
        Folder names of cities.
    where
        Where they were looked for.
    """
    names = sorted(known)
    close = get_close_matches(slugify(city), names, n=1, cutoff=0.5)
    return Problem(
        where,
        f"there is no city “{city}”",
        one_line(names) if not close else "",
        f"did you mean “{close[0]}”?" if close else "",
    )
