"""The grammar of paths: where a workspace keeps benchmarks, workbooks, answers and outputs, toolkit first everywhere.

A workspace is any folder with ``answers/`` and ``outputs/``. This module owns every path below it. It writes no
file, and reads one only where its name may be that of a copy.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from citygrow_nb.exceptions import Problem, UsageError, one_line
from citygrow_nb.slugs import is_round, is_slug, slugify, suggest_round

ANSWERS = "answers"
DATA = "data"
OUTPUTS = "outputs"
WORKBOOKS = "workbooks"
BENCHMARKS = "benchmark"

ANSWER_ENDINGS = (".persons.json", ".history.jsonl", ".json")
"""What follows the round in the names of a city's files: persons, history, and the assessment itself."""

INDEX = "index.html"
"""First page of a city's site, of all cities on one benchmark, and of everything."""

CITIES = "cities"
"""Folder of the pages with one city on all its benchmarks; so no benchmark can have this id."""

METHOD = "method.html"
"""How a city's scores came about."""

REPORT = "report.html"
"""A city's whole report in one file."""

REPORT_PDF = "report.pdf"
"""The same on paper."""

RESULTS = "results.json"
"""A city's scores for programs."""

PORTFOLIO = "portfolio.json"
"""All cities for programs."""

PORTFOLIO_CSV, PORTFOLIO_XLSX = "portfolio.csv", "portfolio.xlsx"
"""All cities for spreadsheet programs."""

MENTORING = "mentoring.html"
"""Who mentors whom on one benchmark."""

MENTORING_JSON, MENTORING_CSV, MENTORING_XLSX = "mentoring.json", "mentoring.csv", "mentoring.xlsx"
"""The same for programs and spreadsheet programs."""

STATUS = "status.html"
"""Which cities have answered how much."""

PINS = "pins.csv"
"""Who is to mentor whom, or not, by decision of the secretariat."""

EXPECTED = "expected.csv"
"""Of which cities self-tests are expected."""

PERSONS_ENDING = ".persons.json"
"""How a file of persons ends, after its round: private, and no document of answers."""

MANIFEST = "run.json"
"""Record of a run, and of one city's part in it."""


VARIABLE = "CITYGROW_WORKSPACE"
"""Environment variable with the folder of the workspace, for programs that do not run in it."""


@dataclass(frozen=True)
class Workspace:
    """One workspace.

    Parameters
    ----------
    root
        Its folder; need not exist yet.
    """

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Workspace:
        """Return the workspace around a folder.

        Parameters
        ----------
        start
            Where to begin; when None, :func:`here`.

        Returns
        -------
        Workspace
            The nearest folder upwards that has ``answers/``; else ``start`` itself.
        """
        begin = (start or here()).resolve()
        for folder in (begin, *begin.parents):
            if (folder / ANSWERS).is_dir():
                return cls(folder)
        # A notebook runs in workbooks/<benchmark>/.
        return cls(next((path.parent for path in (begin, begin.parent) if path.name == WORKBOOKS), begin))

    @property
    def answers(self) -> Path:
        """Folder of assessment documents: precious."""
        return self.root / ANSWERS

    @property
    def outputs(self) -> Path:
        """Folder of reports: disposable."""
        return self.root / OUTPUTS

    @property
    def workbooks(self) -> Path:
        """Folder of notebooks."""
        return self.root / WORKBOOKS

    @property
    def benchmarks(self) -> Path:
        """Folder of this workspace's own benchmarks, one folder each; may be missing."""
        return self.root / BENCHMARKS

    @property
    def data(self) -> Path:
        """Folder of tables that own workbooks read; may be missing."""
        return self.root / DATA

    def notebooks(self, benchmark: str) -> Path:
        """Return the folder of a benchmark's workbooks."""
        return self.workbooks / checked_benchmark(benchmark)

    def document(self, benchmark: str, city: str, round_label: str) -> Path:
        """Return the path of one assessment document."""
        return self.answers / checked_benchmark(benchmark) / checked_slug(city) / f"{checked_round(round_label)}.json"

    def persons(self, benchmark: str, city: str, round_label: str) -> Path:
        """Return the path of the file of persons beside an assessment."""
        return self.document(benchmark, city, round_label).with_suffix(PERSONS_ENDING)

    def documents(self, benchmark: str) -> Iterator[tuple[str, str]]:
        """Yield city slug and round of every document of one benchmark, sorted."""
        for path in sorted((self.answers / checked_benchmark(benchmark)).glob("*/*.json")):
            if is_slug(path.parent.name) and is_named_by_its_round(path):
                yield path.parent.name, path.stem

    def documents_of(self, city: str) -> Iterator[tuple[str, str]]:
        """Yield benchmark and round of every document of one city, sorted."""
        for path in sorted(self.answers.glob(f"*/{checked_slug(city)}/*.json")):
            if is_slug(path.parts[-3]) and is_named_by_its_round(path):
                yield path.parts[-3], path.stem

    def answered(self) -> list[str]:
        """Return the ids of all benchmarks that somebody here has answered, sorted."""
        return sorted({path.parts[-3] for path in self.answers.glob("*/*/*.json") if is_slug(path.parts[-3])})

    def require_toolkit_first(self) -> None:
        """Make sure that no answers stand where they stood before a workspace could hold several benchmarks.

        Raises
        ------
        UsageError
            If some do; the sentence says where they belong.
        """
        stray = [path.relative_to(self.answers).as_posix() for path in sorted(self.answers.glob("*/*.json"))]
        if stray:
            raise UsageError(
                Problem(
                    str(self.answers),
                    f"answers stand here without their benchmark: {one_line(stray, 3)}",
                    f"{ANSWERS}/<benchmark>/<city>/<round>.json",
                    f"move each city's folder into the folder of the benchmark that it answers, such as "
                    f"{ANSWERS}/<benchmark>/{stray[0]}",
                )
            )


def here() -> Path:
    """Return where to look for a workspace: the folder in ``CITYGROW_WORKSPACE``, else the current one."""
    return Path(os.environ.get(VARIABLE) or Path.cwd())


@contextmanager
def working_in(workspace: Workspace) -> Iterator[None]:
    """Let what looks for a workspace find this one, here and in what is started meanwhile."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(workspace.root)
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def is_name_of_answers(path: str) -> bool:
    """Tell whether a path below ``answers/`` is one that citygrow gives: benchmark, city, round and what it holds.

    >>> is_name_of_answers("migrants/zabia-gora/2026.json"), is_name_of_answers("../migrants/zabia-gora/2026.json")
    (True, False)
    """
    benchmark, city, file = parts if len(parts := path.split("/")) == 3 else ("", "", "")
    label = next((file.removesuffix(ending) for ending in ANSWER_ENDINGS if file.endswith(ending)), "")
    return is_slug(benchmark) and benchmark != CITIES and is_slug(city) and is_round(label)


def is_named_by_its_round(path: Path) -> bool:
    """Tell whether a document's name is its round, and not that of a copy which a program made beside it.

    Only a name that goes on after a mark, such as ``2026-copy``, may be either, so only then the file is read. One that
    is damaged counts as what it is called, so that it is missed by nobody.
    """
    if path.name.endswith(PERSONS_ENDING):
        return False
    if not is_round(path.stem) or path.stem.isalnum():
        return is_round(path.stem)
    if path.is_symlink() or not path.is_file():
        return True  # who opens it says what is wrong with it
    try:
        label = json.loads(path.read_bytes())["round"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return True
    return bool(label == path.stem)


def is_among_answers(path: Path, workspace: Workspace) -> bool:
    """Tell whether a path lies in the answers of a workspace, where nobody but the answer store may write.

    Parameters
    ----------
    path
        The path; need not exist.
    workspace
        A workspace whose answers count as well as those of the one around the path.
    """
    real = path.resolve()
    return any(real.is_relative_to(each.answers.resolve()) for each in (workspace, Workspace.find(real)))


def city_folder(outputs: Path, city: str, round_label: str) -> Path:
    """Return the folder of one city's report below the output folder of its benchmark."""
    return outputs / checked_slug(city) / checked_round(round_label)


def city_page(city: str) -> str:
    """Return the path of the page with one city on all its benchmarks, below an output folder."""
    return f"{CITIES}/{checked_slug(city)}.html"


def checked_benchmark(benchmark: str) -> str:
    """Return a benchmark's id unchanged if it may name a folder.

    Raises
    ------
    UsageError
        If it is no id, or is the name of the folder of cities.
    """
    if is_slug(benchmark) and benchmark != CITIES:
        return benchmark
    allowed = f"small letters a-z, digits and single hyphens, and not “{CITIES}”"
    raise UsageError(Problem(f"benchmark “{benchmark}”", "this cannot be the id of a benchmark", allowed))


def checked_slug(city: str) -> str:
    """Return a city's slug unchanged if it is one.

    Raises
    ------
    UsageError
        If it is not a slug; nothing else may become part of a path.
    """
    if is_slug(city):
        return city
    raise UsageError(
        Problem(
            f"city “{city}”",
            "this is not a city's folder name",
            "small letters a-z, digits and single hyphens",
            f"did you mean “{slugify(city)}”?",
        )
    )


def checked_round(label: object) -> str:
    """Return a round label as text if it may name a file; papermill hands ``2026`` over as a number.

    Raises
    ------
    UsageError
        If it may not.
    """
    text = str(label)
    if is_round(text):
        return text
    raise UsageError(
        Problem(
            f"round “{text}”",
            "this cannot name a round",
            "small letters, digits, and single dots, hyphens or underscores between them",
            f"did you mean “{suggest_round(text)}”?",
        )
    )
