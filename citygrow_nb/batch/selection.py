"""Which of the cities that were found a run is about: one round, some cities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from citygrow_nb.batch.source_index import Gathered
from citygrow_nb.exceptions import Problem, UsageError, one_line
from citygrow_nb.slugs import slugify


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
    wanted = {city: city if city in slugs else slugify(city) for city in cities}
    unknown = tuple(no_such_city(city, slugs, where) for city, slug in wanted.items() if slug not in slugs)
    if unknown and not gathered.problems:
        raise UsageError(*unknown)
    found = tuple(item for item in found if item.identity.city in wanted.values())
    return replace(gathered, found=found, problems=(*gathered.problems, *unknown))


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
