"""The bench: what it counts is right, what it compares is the same work, and every way still runs."""

from __future__ import annotations

import doctest
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import batch, tables, ways
from bench.contenders import ROUND, workbooks
from bench.measuring import Failed, Sample, run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the bench needs a POSIX system")

# A process says that it has begun, and the bench, two looks later, that it was seen.
BEGUN = "open('begun', 'x', encoding='utf-8').close()\n"
UNTIL_SEEN = "import os, time\nfor _ in range(6000):\n    if os.path.exists('seen'): break\n    time.sleep(0.01)\n"
BURN = f"{BEGUN}import time\nwhile time.process_time() < 0.5: pass"
HOLD = f"held = bytearray(b'x' * 64_000_000)\n{BEGUN}{UNTIL_SEEN}"


def child(code: str) -> str:
    """Return code that starts a process, does not wait for it, and ends when it was seen."""
    return f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {code!r}])\n{UNTIL_SEEN}"


def looks(folder: Path) -> Callable[[], int]:
    """Return a count of the looks at a process that has begun; after the second it knows that it was seen."""
    count = 0

    def look() -> int:
        nonlocal count
        count += (folder / "begun").exists()
        if count == 2:
            (folder / "seen").touch()
        return count

    return look


# --- measuring ------------------------------------------------------------------------------------------------------


def test_processor_time_of_orphans_is_counted(tmp_path: Path) -> None:
    """A process that outlives its parent spent its time for the same command."""
    done = run([sys.executable, "-c", child(BURN)], cwd=tmp_path, every=0.05, done=looks(tmp_path))
    assert 0.5 <= done.cpu < 3


def test_memory_of_descendants_is_counted(tmp_path: Path) -> None:
    """What a child holds belongs to the command."""
    done = run([sys.executable, "-c", child(HOLD)], cwd=tmp_path, every=0.05, done=looks(tmp_path))
    assert done.peak > 64
    assert max(sample.processes for sample in done.samples) == 2


def test_failed_command_says_what_it_printed(tmp_path: Path) -> None:
    """A bench never takes a failure for a result."""
    with pytest.raises(Failed, match=r"ended with 3:\nno workbook"):
        run([sys.executable, "-c", "import sys; sys.stderr.write('no workbook'); sys.exit(3)"], cwd=tmp_path)


def test_progress_stands_beside_memory(tmp_path: Path) -> None:
    """Each sample knows how far the work was."""
    done = run([sys.executable, "-c", BEGUN + UNTIL_SEEN], cwd=tmp_path, every=0.05, done=looks(tmp_path))
    assert {1, 2} <= {sample.done for sample in done.samples}


# --- tables ---------------------------------------------------------------------------------------------------------


def test_examples_of_the_tables_hold() -> None:
    """Figures and ratios are written as their examples say."""
    assert doctest.testmod(tables).failed == 0
    assert doctest.testmod(tables).attempted == 3


def test_section_of_a_page_is_replaced_alone(tmp_path: Path) -> None:
    """New figures leave the words around them as they are; a page without the section is refused."""
    page = tmp_path / "bench.md"
    page.write_text("A\n<!-- bench: x -->\nold \\1\n<!-- end: x -->\nB\n<!-- bench: y -->\n<!-- end: y -->\n", "utf-8")
    tables.insert(page, "x", r"new \1")
    assert page.read_text("utf-8").startswith("A\n<!-- bench: x -->\nnew \\1\n<!-- end: x -->\nB\n<!-- bench: y -->\n")
    with pytest.raises(ValueError, match="no section “z”"):
        tables.insert(page, "z", "")


def test_thinning_keeps_the_peak() -> None:
    """A long curve becomes short and loses no peak."""
    samples = [Sample(float(at), 900.0 if at == 777 else 100.0, 3, at) for at in range(1000)]
    kept = tables.thinned(samples, most=50)
    assert len(kept) == 50
    assert max(sample.megabytes for sample in kept) == 900


def test_curve_tells_itself() -> None:
    """The drawing of memory has its role, its title, and its figures in words."""
    drawing = ElementTree.fromstring(tables.curve([Sample(0, 50, 1, 0), Sample(9, 420, 3, 5000)], "Memory", 800))
    assert drawing.get("role") == "img"
    texts = [element.text for element in drawing if element.tag.endswith(("title", "desc"))]
    assert texts == ["Memory", "Peak 420 MB; limit 800 MB; 5,000 cities in 9 seconds."]


def test_ratios_are_those_of_the_figures() -> None:
    """Every ratio names both ways, and a way measured on some workbooks says so."""
    found = [
        ways.Measured(
            way, 2, cold, marginal, cold, 100.0, 12, 300.0, "≈, from 2 of 12 workbooks" if key == "typed" else ""
        )
        for (key, way), cold, marginal in zip(
            ways.WAYS.items(), (80.0, 24.0, 4.0, 0.8, 0.4, 0.1), (80.0, 24.0, 3.0, 0.4, 0.2, 0.1), strict=True
        )
    ]
    text = ways.report(found)
    assert "commands (≈, from 2 of 12 workbooks)" in text
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if "÷" in line]
    rows = {line[0]: line[1:] for line in lines}
    assert rows["(a) ÷ (d) all cores"] == ["200×", "400×", "200×", "450×"]
    assert rows["(b) ÷ (d) all cores"] == ["60×", "120×", "60×", "140×"]
    assert rows["(c) ÷ (d) all cores"] == ["10×", "15×", "10×", "4×"]
    assert rows["(d) one job ÷ (e)"] == ["8.0×", "4.0×", "8.0×", "at most 4×"]


# --- the same work --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cities() -> Iterator[tuple[Path, list[str]]]:
    """A workspace of two fictitious cities."""
    with ways.made_up(2) as made:
        yield made


def test_missing_page_is_noticed(cities: tuple[Path, list[str]], tmp_path: Path) -> None:
    """A way that left a page out, or empty, has not been measured."""
    workspace, (city, _) = cities
    page = tmp_path / city / ROUND / "01-strategy.html"
    with pytest.raises(SystemExit, match=r"01-strategy.html is missing"):
        ways.checked(tmp_path, [city], workbooks(workspace)[1:2])
    page.parent.mkdir(parents=True)
    page.write_text("<p>nothing</p>", encoding="utf-8")
    with pytest.raises(SystemExit, match="shows nothing of the city"):
        ways.checked(tmp_path, [city], workbooks(workspace)[1:2])
    page.write_text('<div class="cg cg-answer">', encoding="utf-8")
    assert ways.checked(tmp_path, [city], workbooks(workspace)[1:2]) == (1, 0.026)


@pytest.mark.slow
def test_floor_makes_our_very_pages(cities: tuple[Path, list[str]], tmp_path: Path) -> None:
    """The floor is the same work without notebooks: all its pages are those of the batch, byte by byte."""
    workspace, (city, _) = cities
    with ways.some(workspace, [city]) as source:
        ways.batch(source, tmp_path / "ours", "citygrow", 1)
    command = [sys.executable, "-m", "bench.contenders", "floor", workspace, tmp_path / "floor", "14", city]
    run(command, cwd=ways.ROOT)
    pages = [
        {p.name: p.read_bytes() for p in (tmp_path / way).glob(f"{city}/{ROUND}/*.html")}
        for way in ("ours/migrant-entrepreneurs", "floor")
    ]
    assert len(pages[1]) >= 14
    assert pages[0] == pages[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["papermill", "ploomber", "floor"])
def test_way_in_one_process_makes_its_pages(name: str, cities: tuple[Path, list[str]]) -> None:
    """Each way still works, on one workbook of two cities, and the figures are those of all workbooks."""
    if name == "ploomber":
        pytest.importorskip("ploomber_engine", reason="only the environment of `make bench` has it")
    workspace, both = cities
    found = ways.one_process(name, workspace, both, most=1)
    assert found.cities == 2
    assert found.note == "≈, from 1 of 14 workbooks"
    assert found.marginal is not None
    assert found.cold > found.marginal > 0
    assert min(found.cpu, found.peak, found.kilobytes) > 0


@pytest.mark.slow
def test_commands_make_their_page(cities: tuple[Path, list[str]]) -> None:
    """What a person would type still works, on one workbook."""
    workspace, both = cities
    found = ways.typed(workspace, both[:1], 1)
    assert found.pages == 14
    assert found.marginal == found.cold


@pytest.mark.slow
def test_unchanged_cities_are_not_made_again() -> None:
    """The bench of repeated runs counts what was made: all, none, one."""
    text = batch.again(2, "citygrow")
    assert [line.split("|")[-2].strip() for line in text.splitlines()[2:]] == ["2", "0", "1"]
