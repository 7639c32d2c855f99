"""The ways to make the same pages of the same cities, each run in processes of its own.

``python -m bench.contenders NAME WORKSPACE OUT CITY…`` makes the sites of some cities in one process and prints as JSON
how many seconds each city took. Every way reads the same workbooks and answers of the workspace.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROUND = "2026"


def workbooks(workspace: Path) -> list[Path]:
    """Return the workbooks that make a city's pages: all but the portfolio."""
    return [path for path in sorted(workspace.glob("workbooks/*/*.ipynb")) if not path.stem.endswith("-portfolio")]


def parameters(city: str) -> dict[str, object]:
    """Return what every way gives to every workbook."""
    return {"city": city, "round": ROUND, "form": False}


def commands(workspace: Path, out: Path, city: str, workbook: Path) -> Iterator[list[object]]:
    """Return the two commands that a person would type for one workbook of one city."""
    programs = Path(sys.executable).parent
    folder = out / city / ROUND
    folder.mkdir(parents=True, exist_ok=True)
    words = [word for key, value in parameters(city).items() for word in ("-p", key, str(value))]
    yield [programs / "papermill", workbook, folder / workbook.name, "--cwd", workspace, "--no-progress-bar", *words]
    yield [programs / "jupyter", "nbconvert", "--to", "html", folder / workbook.name]


def papermill(workspace: Path, out: Path, engine: str | None = None) -> Callable[[str, Sequence[Path]], None]:
    """Make pages with papermill's own functions and one reused exporter of nbconvert with its stock template."""
    import nbformat
    import papermill as pm
    from nbconvert import HTMLExporter

    exporter = HTMLExporter()

    def make(city: str, books: Sequence[Path]) -> None:
        folder = out / city / ROUND
        folder.mkdir(parents=True, exist_ok=True)
        for book in books:
            done = folder / book.name
            pm.execute_notebook(
                str(book),
                str(done),
                parameters=parameters(city),
                engine_name=engine,
                cwd=str(workspace),
                progress_bar=False,
            )
            page, _ = exporter.from_notebook_node(nbformat.read(done, as_version=4))
            done.with_suffix(".html").write_text(page, encoding="utf-8")

    return make


def ploomber(workspace: Path, out: Path) -> Callable[[str, Sequence[Path]], None]:
    """Make pages with papermill on ploomber-engine, which runs notebooks inside the process."""
    return papermill(workspace, out, "embedded")


def floor(workspace: Path, out: Path) -> Callable[[str, Sequence[Path]], None]:
    """Make all our pages straight from the data: what each cell would show, one after the other, without any notebook.

    Frames, summary, method and the report in one file are made by the very functions of the batch; what is left out is
    running, exporting and writing notebooks. So no way through notebooks can be faster.
    """
    from citygrow_nb import authoring, benchmarks, scoring, workbook
    from citygrow_nb.batch import Toolkit
    from citygrow_nb.exporting import CityPages, direct
    from citygrow_nb.workspace import REPORT, RESULTS, Workspace

    place = Workspace(workspace)
    benchmark = benchmarks.by_id(benchmarks.chosen(place), place)
    plan = {name.file: name for name in authoring.plan(benchmark)}
    names = [name for name in plan.values() if name.kind != "portfolio"]
    fingerprint = Toolkit.of(benchmark).sha256

    def make(city: str, books: Sequence[Path]) -> None:
        opened = workbook.open_workbook(benchmark.id, city=city, round=ROUND, form=False, folder=workspace)
        document = place.document(benchmark.id, city, ROUND).read_bytes()
        site = CityPages(benchmark, fingerprint, city, document)
        contents = {book.name: book.read_bytes() for book in books}
        bodies = direct.bodies(opened, [plan[book.name] for book in books], contents)
        results = scoring.results(benchmark, opened.assessment).model_dump_json(indent=1)
        files = {**site.framed(names, bodies), REPORT: site.report(names, bodies), RESULTS: results.encode()}
        folder = out / city / ROUND
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)

    return make


def alone(notebook: Path, _out: Path) -> Callable[[str, Sequence[Path]], None]:
    """Run one notebook with papermill's own functions, and make no page of it."""
    import papermill as pm

    def make(city: str, _books: Sequence[Path]) -> None:
        options = {"parameters": parameters(city), "cwd": str(notebook.parent), "progress_bar": False}
        pm.execute_notebook(str(notebook), None, **options)

    return make


ONE_PROCESS = {"papermill": papermill, "ploomber": ploomber, "floor": floor, "alone": alone}


def main(name: str, workspace: str, out: str, books: str, *cities: str) -> None:
    """Make the sites of some cities, and print what each took."""
    begun = time.perf_counter()
    make = ONE_PROCESS[name](Path(workspace), Path(out))
    ready, seconds = time.perf_counter() - begun, []
    for city in cities:
        begun = time.perf_counter()
        make(city, workbooks(Path(workspace))[: int(books)])
        seconds.append(time.perf_counter() - begun)
    sys.stdout.write(json.dumps({"ready": ready, "seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
