"""Who mentors whom among all cities of a run: found before their reports are made, because these tell of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from citygrow_nb import borders
from citygrow_nb.batch.source_index import Found, Gathered
from citygrow_nb.exceptions import CitygrowError, Problem, TableError, contained, problem_of
from citygrow_nb.model import Benchmark, Decision, Match, Matching, Unserved
from citygrow_nb.model.fields import natural
from citygrow_nb.model.run import PortfolioRecord
from citygrow_nb.model.status import Expected
from citygrow_nb.storage import Outputs
from citygrow_nb.workspace import EXPECTED, MENTORING_JSON, PINS, Workspace

if TYPE_CHECKING:
    from citygrow_nb.matching import Member, Network


@dataclass(frozen=True)
class Lists:
    """What a secretariat keeps beside the answers.

    Parameters
    ----------
    decisions
        Who is to mentor whom, or not.
    expected
        Of which cities self-tests are expected; None where there is no list.
    problems
        What is wrong in the lists.
    """

    decisions: tuple[Decision, ...] = ()
    expected: tuple[Expected, ...] | None = None
    problems: tuple[Problem, ...] = ()

    @classmethod
    def read(cls, sources: Sequence[Path], workspace: Workspace, pins: Path | None = None) -> Lists:
        """Read the lists that stand in a source folder, else in the workspace.

        Parameters
        ----------
        sources, workspace
            Where to look.
        pins
            Another list of decisions to take.
        """
        folders = [source for source in sources if source.is_dir()]
        problems: list[Problem] = []
        decisions: tuple[Decision, ...] = ()
        expected: tuple[Expected, ...] | None = None
        with contained(lambda: pins or PINS, problems.append):
            if path := pins or _first(folders, workspace, PINS):
                from citygrow_nb import tables

                decisions, wrong = tables.decisions(path)
                problems += wrong
        with contained(lambda: EXPECTED, problems.append):
            if path := _first(folders, workspace, EXPECTED):
                from citygrow_nb import tables

                expected, wrong = tables.expected_cities(path)
                problems += wrong
        return cls(decisions, expected, tuple(problems))

    def decided(self, benchmark: Benchmark) -> tuple[Decision, ...]:
        """Return the decisions that may be on a benchmark."""
        return tuple(item for item in self.decisions if item.benchmark in {None, benchmark.id})


def _first(folders: Sequence[Path], workspace: Workspace, name: str) -> Path | None:
    for folder in (*folders, workspace.root):
        if (folder / name).is_file():
            try:
                borders.keep_within(folder, folder / name)
            except OSError as error:
                raise TableError(problem_of(error, folder / name)) from error
            return folder / name
    return None


def latest_rounds(found: Iterable[Found]) -> list[Found]:
    """Return the last round of each city."""
    last: dict[str, Found] = {}
    for item in found:
        known = last.get(item.identity.city)
        if known is None or natural(known.identity.round) < natural(item.identity.round):
            last[item.identity.city] = item
    return list(last.values())


def network_of(benchmark: Benchmark, gathered: Gathered) -> tuple[Network, tuple[Problem, ...]]:
    """Return the network of all cities that were found, each with its last round, and what of it cannot be read."""
    from citygrow_nb.matching import Member, Network

    problems: list[Problem] = []

    def members() -> Iterator[Member]:
        for item in latest_rounds(gathered.found):
            member = None
            with contained(partial(str, item.source), problems.append):
                member = Member.of(benchmark, gathered.assessment(item))
            if member is not None:
                yield member

    return Network(members()), tuple(problems)


@dataclass(frozen=True)
class Mentors:
    """Who mentors whom.

    Parameters
    ----------
    content, matching
        The matches, also as in ``mentoring.json``; empty where nobody has looked, or nobody offers or needs anything.
    inputs
        Fingerprint of all that they were found from; empty where they were found in another run.
    is_left_out
        Whether some stand there that no run vouches for, and this one cannot find them.
    """

    content: bytes = b""
    matching: Matching | None = None
    inputs: str = ""
    is_left_out: bool = False

    @cached_property
    def _by_city(self) -> dict[tuple[str, str], bytes]:
        found = self.matching
        if found is None:
            return {}
        matches: dict[tuple[str, str], list[Match]] = {}
        alone: dict[tuple[str, str], list[Unserved]] = {}
        for match in found.matches:
            for party in (match.mentor, match.mentee):
                matches.setdefault((party.slug, party.round), []).append(match)
        for item in found.unserved:
            alone.setdefault((item.mentee.slug, item.mentee.round), []).append(item)
        # What is said of the network as a whole would change every city's report with each of them.
        own = {"cities": 0, "offering": 0, "total": 0.0, "gap": 0.0, "notes": ()}
        parts = {
            key: {"matches": tuple(matches.get(key, ())), "unserved": tuple(alone.get(key, ()))}
            for key in {*matches, *alone}
        }
        return {key: found.model_copy(update={**own, **part}).model_dump_json().encode() for key, part in parts.items()}

    def of(self, city: str, round_label: str) -> bytes:
        """Return what the report on one round of a city tells of them; empty where it tells nothing."""
        return self._by_city.get((city, round_label), b"")


def find(
    benchmark: Benchmark,
    everything: Gathered,
    decisions: Sequence[Decision],
    outputs: Outputs,
    before: PortfolioRecord | None,
    shape: str,
    *,
    anew: bool,
    complete: bool,
) -> Mentors:
    """Find mentors, or take those that were found before from the same.

    What stands there is believed only if the last run vouches for it: ``citygrow mentoring`` finds mentors among any
    cities that it is given, and a run that was killed has told reports of mentors that no portfolio shows.

    Parameters
    ----------
    benchmark, everything
        What was asked, and what the sources hold on it.
    decisions
        What the secretariat decided.
    outputs
        Where the matches of the last run stand.
    before
        Record of the pages among which these stand.
    shape
        Fingerprint of code and benchmark.
    anew
        Whether to find them again in any case.
    complete
        Whether the sources hold every city whose report stands there: only then is this the whole network.
    """
    from citygrow_nb.matching import Pairing, is_available

    if not is_available() or not everything.found:
        return Mentors()
    there = _standing(outputs, before)
    if not complete:
        return there or Mentors(is_left_out=MENTORING_JSON in outputs.files())
    inputs = _fingerprint(everything, decisions, shape)
    if there is not None and before is not None and not anew and inputs == before.mentors_sha256:
        return replace(there, inputs=inputs)
    network, problems = network_of(benchmark, everything)
    if problems:
        inputs = ""  # somebody is missing, so the next run looks again
    if not any(member.mentoring.offers or member.mentoring.needs for member in network.members):
        return Mentors(inputs=inputs)
    matching = Pairing(benchmark, network, decisions).matching()
    return Mentors(f"{matching.model_dump_json(indent=1)}\n".encode(), matching, inputs)


def _standing(outputs: Outputs, before: PortfolioRecord | None) -> Mentors | None:
    """Return what a run has found, which may be nobody; None where no run vouches for what stands there."""
    if before is None or not before.files:
        return None
    sealed = next((file.sha256 for file in before.files if file.name == MENTORING_JSON), "")
    if not sealed:
        return Mentors()
    try:
        content = outputs.read(MENTORING_JSON) or b""
        if hashlib.sha256(content).hexdigest() != sealed:
            return None
        return Mentors(content, Matching.model_validate_json(content))
    except (CitygrowError, ValidationError):
        return None


def _fingerprint(everything: Gathered, decisions: Sequence[Decision], shape: str) -> str:
    total = hashlib.sha256(shape.encode())
    for decision in decisions:
        total.update(decision.model_dump_json().encode())
    for item in latest_rounds(everything.found):
        total.update(f"{item.key} ".encode() + item.digest)
    return total.hexdigest()
