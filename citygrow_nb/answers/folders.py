"""Which folder a city has: its own, in whatever order cities came, and never another city's.

A city is the same if folder name, name and country agree. Where one of them differs, nobody but a person can tell: so
it is asked, and nothing is taken until it is said. Reads no file itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from citygrow_nb.exceptions import Problem, StoreError, one_line
from citygrow_nb.model import Assessment, City
from citygrow_nb.model.city_facts import Alias, Told, called, is_same, same_option, today
from citygrow_nb.slugs import same_name, slugify, unique_slug


class CityFolders:
    """The cities of a workspace by folder name, on all benchmarks; grows with what is taken.

    Parameters
    ----------
    told
        What the documents of each folder say of its city; nothing for a folder of which none can be read.
    aliases
        What somebody said of cities that come; nobody is asked about them.
    """

    def __init__(self, told: Mapping[str, Iterable[Told]], aliases: Iterable[Alias] = ()) -> None:
        self.aliases = tuple(aliases)
        self._apart: dict[str, set[str]] = {}
        self._told = {slug: list(documents) for slug, documents in told.items()}
        self._by_name: dict[str, dict[str, None]] = {}
        for slug, documents in self._told.items():
            for document in documents:
                self._named(document.city, slug)
        self.without_country: dict[str, None] = {}
        """Cities that were taken for one here although only one of the two tells its country."""

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __contains__(self, slug: str) -> bool:
        return slug in self._told

    def city(self, slug: str) -> City | None:
        """Return what counts of a city; None if nobody has this folder, or nobody can tell who."""
        return today(self._told.get(slug, ()))

    def named(self, name: str) -> list[City]:
        """Return all cities here that have this name, whatever their country."""
        found = (self.city(slug) for slug in sorted(self._by_name.get(same_name(name), ())))
        return [city for city in found if city is not None]

    def namesakes(self, city: City) -> list[City]:
        """Return the cities here that have this name, and no other country."""
        return [each for each in self.named(city.name) if self._agrees(city, each.slug)]

    def new_slug(self, city: City) -> str:
        """Return a folder name that no city here has; of name and country, where another city has the name.

        Raises
        ------
        StoreError
            If nobody can tell whether the plain one is this city's, because its documents cannot be read.
        """
        plain = slugify(city.name)
        if plain not in self:
            return plain
        if self.city(plain) is None:
            raise StoreError(another_city(city, None, plain))
        marked = unique_slug(city.name, {plain: "\0"})
        with_country = slugify(f"{city.name} {city.country}") if city.country and self.named(city.name) else marked
        free = (slug for slug in (with_country, marked) if slug not in self)
        return next(free, unique_slug(f"{city.name} {len(self._told)}", {}))

    def said_of(self, city: City) -> Alias | None:
        """Return what somebody said of a city that comes, as it stands in its file or as a table has taken it over."""
        taken = (same_name(city.name), city.slug)
        return next(
            (each for each in self.aliases if each.means(city) or taken == (same_name(each.name), each.slug)), None
        )

    def tell_apart(self, slugs: Iterable[str]) -> None:
        """Note folder names that one file gives to its cities: it has said that they are not the same."""
        together = set(slugs)
        for slug in together:
            self._apart.setdefault(slug, set()).update(together)

    def look_again(self, slug: str, told: Iterable[Told]) -> None:
        """Note what the documents of a folder say now, if any can be read."""
        if found := list(told):
            self._told[slug] = found

    def take(self, assessment: Assessment) -> None:
        """Note that an assessment is here now."""
        city = assessment.city
        self._told.setdefault(city.slug, []).append(Told(assessment.benchmark.id, assessment.round, city))
        self._named(city, city.slug)

    def housed(self, assessment: Assessment) -> Assessment:
        """Return an assessment with the folder name that its city has here.

        Parameters
        ----------
        assessment
            As it came, perhaps with a folder name that was derived from the name without knowledge of what is here.

        Returns
        -------
        Assessment
            With the folder name under which its city is here, or with its own if it is new.

        Raises
        ------
        StoreError
            If folder name, name and country do not all agree with those of a city here; the sentence says how to tell
            whether it is the same.
        """
        city = assessment.city
        said = self.said_of(city)
        if said is not None and said.slug:
            known = {"slug": said.slug, "name": said.name or city.name}
            return assessment.model_copy(update={"city": city.model_copy(update=known)})
        if said is not None:
            slug = slugify(said.name) if city.slug == slugify(city.name) else city.slug
            city = city.model_copy(update={"name": said.name, "slug": slug})
            assessment = assessment.model_copy(update={"city": city})
        plain = slugify(city.name)
        marked = unique_slug(city.name, {plain: "\0"})
        derived = city.slug in {plain, marked}
        ours = next(
            (slug for slug in (city.slug, *((plain, marked) if derived else ())) if self._agrees(city, slug)), ""
        )
        apart = {ours, *self._apart.get(city.slug, ())}
        namesakes = [each for each in self.namesakes(city) if each.slug not in apart]
        if ours:
            countries = {document.city.country for document in self._told[ours] if is_same(document.city, city)}
            if city.country not in countries:
                if namesakes and derived:
                    raise StoreError(self._which(city, ours, *(each.slug for each in namesakes)))
                if not (city.country and any(countries)):
                    self.without_country[called(city)] = None
            return assessment.model_copy(update={"city": city.model_copy(update={"slug": ours})})
        if namesakes:
            raise StoreError(self._which(city, *(each.slug for each in namesakes)))
        if city.slug in self:
            raise StoreError(another_city(city, self.city(city.slug), self.new_slug(city)))
        return assessment

    def _agrees(self, city: City, slug: str) -> bool:
        # A city that was renamed is known by the name in an earlier round, too.
        now = self.city(slug)
        return now is not None and any(
            is_same(document.city.model_copy(update={"country": document.city.country or now.country}), city)
            for document in self._told[slug]
        )

    def _which(self, city: City, *slugs: str) -> Problem:
        there = [each for each in map(self.city, slugs) if each is not None]
        return which_city(city, there, self.new_slug(city) if city.slug in self else city.slug)

    def _named(self, city: City, slug: str) -> None:
        self._by_name.setdefault(same_name(city.name), {})[slug] = None


def another_city(city: City, holder: City | None, new: str) -> Problem:
    """Say that a folder name is another city's, by name or country, and how to tell which of the two it is.

    Parameters
    ----------
    city
        The city that came.
    holder
        The one that has the folder name; None if nobody can tell.
    new
        A folder name that it can have instead.
    """
    where = f"city “{called(city)}”"
    if holder is None:
        found = f"whose answers stand in its folder “{new}” cannot be told: none of its documents can be read"
        return Problem(where, found, todo="mend those, or move them away")
    there = f"“{holder.name}” ({holder.country})" if holder.country else f"“{holder.name}”"
    same = []
    if same_name(city.name) != same_name(holder.name):
        same.append(f"write its name as “{holder.name}”")
    if city.country and holder.country and city.country != holder.country:
        same.append(f"write its country as {holder.country}")
    return Problem(
        where,
        f"its folder “{city.slug}” holds the answers of {there}",
        todo=f"if it is the same city, {' and '.join(same)}, or import with {same_option(city, city.slug)}; "
        f"if it is another, give it a folder name of its own, such as “{new}”: in a table in the column slug, or "
        f"import with {same_option(city, new)}",
    )


def which_city(city: City, namesakes: Sequence[City], new: str) -> Problem:
    """Say that cities of this name have other folder names, and how to tell whether it is one of them.

    Parameters
    ----------
    city
        The city that came.
    namesakes
        Those that are there.
    new
        The folder name that it has if it is none of them.
    """
    there = one_line(f"{each.slug} ({called(each)})" for each in namesakes)
    plain = not city.country and any(each.country for each in namesakes)
    how = (
        "write its country and that folder name in the columns country and slug"
        if plain
        else "write that folder name in the column slug"
    )
    return Problem(
        f"city “{called(city)}”",
        f"its folder name would be “{new}”, but a city of this name has another: {there}",
        todo=f"if it is the same city, {how}, or import with {same_option(city, namesakes[0].slug)}; "
        f"if it is another, import with {same_option(city, new)}",
    )
