"""A hundred kills of kernels and servers: every answer that was shown as saved is on disk afterwards.

Twelve under a page in a real JupyterLab, the others under the same cells and messages without a browser.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb.model import Benchmark
from citygrow_nb.widgets import plain
from tests.factories import rated
from tests.lab.kernels import Kernel
from tests.lab.lab_server import ROUND, SAVED, Analyst, LabServer
from tests.lab.nursery import Nursery
from tests.proof import seeded, times

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

KERNEL_KILLS, SERVER_KILLS, BARE_KILLS = times(4, 10), times(1, 2), times(25, 88)
MOST_ANSWERS = 6
LONGEST_SAVE = 0.03
"""Seconds after an answer within which a kernel is killed; a save takes some milliseconds, more on a busy machine."""
CODES = [f"KF1.Q{number}" for number in range(1, 7)]
CALLS = tuple(f'question("{code}")' for code in CODES)
REPLY_SECONDS = 60.0
LAST_WORDS = 0.05
"""Seconds in which a reply arrives that was sent before the kill."""

# Writes down what the page shows as saved, when it shows it.
EYES = """() => {
  window.shown = {};
  new MutationObserver(() => {
    for (const form of document.querySelectorAll('form[aria-label^="Answer to"]')) {
      const chosen = form.querySelector('input:checked');
      const code = form.getAttribute('aria-label').split(' ').pop();
      if (/^Saved/.test(form.querySelector('.cgw-status').textContent) && chosen) window.shown[code] = chosen.value;
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@pytest.fixture
def chance() -> random.Random:
    """Return a source of random numbers; a failing test prints its seed."""
    return seeded()


def work(analyst: Analyst, chance: random.Random) -> dict[str, int]:
    """Choose random levels, and wait for some of them to be saved; return what is chosen."""
    chosen = {}
    for code in chance.sample(CODES, k=chance.randint(1, 4)):
        form = analyst.form(code)
        now = form.evaluate("(form) => Number(form.querySelector('input:checked')?.value ?? -1)")
        chosen[code] = chance.choice([level for level in range(4) if level != now])
        form.get_by_label(f"{chosen[code]} · ").check()
        if chance.random() < 0.6:
            analyst.status(form, SAVED)
    analyst.page.wait_for_timeout(chance.uniform(0, 80))
    return chosen


def compare(analyst: Analyst, slug: str, chosen: dict[str, int]) -> int:
    """Fail unless all that was shown as saved is on disk, or what was chosen over it and had no reply any more.

    Return how many answers were shown as saved.
    """
    shown = analyst.page.evaluate("window.shown")
    for code, level in shown.items():
        assert analyst.lab_server.level(slug, code) in {int(level), chosen.get(code, int(level))}, code
    return len(shown)


def settle(analyst: Analyst, slug: str, wanted: dict[str, int]) -> None:
    """Wait until everything that was ever chosen is shown again and saved."""
    for code, level in wanted.items():
        analyst.form(code).get_by_label(f"{level} · ").and_(analyst.page.locator(":checked")).wait_for()
    analyst.page.locator(".cgw-session").get_by_text("not saved").wait_for(state="hidden")
    assert {code: analyst.lab_server.level(slug, code) for code in wanted} == wanted


def begin(analyst: Analyst, slug: str) -> None:
    """Open a city's forms, and watch what they show."""
    analyst.work(analyst.lab_server.leaflet(slug, *CALLS))
    analyst.form(CODES[0])
    analyst.page.evaluate(EYES)


def test_what_a_page_shows_as_saved_outlives_its_kernel(doomed: Analyst, chance: random.Random) -> None:
    """Whenever the kernel is killed, what the page has called saved is on disk; the rest is, once cells run again."""
    begin(doomed, "kernels")
    wanted: dict[str, int] = {}
    shown = 0
    for _ in range(KERNEL_KILLS):
        chosen = work(doomed, chance)
        for kernel in doomed.lab_server.kernels():
            kernel.kill()
        told = doomed.page.locator('.jp-Dialog:has-text("Kernel Restarting")')
        told.locator("button").first.wait_for()
        shown += compare(doomed, "kernels", chosen)

        told.locator("button").first.click()
        told.wait_for(state="hidden")
        doomed.idle()
        doomed.run_all()
        wanted |= chosen
        settle(doomed, "kernels", wanted)
    assert shown >= KERNEL_KILLS


def test_what_a_page_shows_as_saved_outlives_its_server(doomed: Analyst, chance: random.Random) -> None:
    """Whenever the server is killed, what the page has called saved is on disk, and the rest is after a reload."""
    begin(doomed, "servers")
    wanted: dict[str, int] = {}
    for _ in range(SERVER_KILLS):
        chosen = work(doomed, chance)
        doomed.lab_server.kill()
        compare(doomed, "servers", chosen)

        doomed.lab_server.start()
        doomed.loaded = False
        begin(doomed, "servers")
        wanted |= chosen
        settle(doomed, "servers", wanted)


@pytest.fixture
def bare(tmp_path: Path, benchmark: Benchmark) -> LabServer:
    """Return a workspace without a JupyterLab."""
    return LabServer(tmp_path, benchmark)


@pytest.fixture
def kernels(bare: LabServer) -> Iterator[Iterator[Kernel]]:
    """Return kernels; while one is at work the next is starting."""
    if not hasattr(os, "fork"):
        pytest.skip("kernels are forked here, and start slowly without")
    made: list[Kernel] = []
    nursery = Nursery(bare.root)

    def starting(folder: Path) -> Iterator[Kernel]:
        for number in count():
            made.append(Kernel(nursery, folder, f"k{number}"))
            if number:
                yield made.pop(0)

    # A short path, because sockets have short paths.
    with tempfile.TemporaryDirectory(prefix="cg-") as folder:
        yield starting(Path(folder))
        for kernel in made:
            kernel.close()
        nursery.close()


def test_what_is_replied_as_saved_outlives_its_kernel(
    bare: LabServer, kernels: Iterator[Kernel], chance: random.Random
) -> None:
    """Whenever the kernel is killed, every answer that it has called saved is on disk; none is half-written."""
    cells = json.loads((bare.notes / bare.workbook("01", "bare")).read_bytes())["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    replies = serial = 0
    expected: dict[str, list[Any]] = {code: [None] for code in CODES}
    for _, kernel in zip(range(BARE_KILLS), kernels, strict=False):
        kernel.run(sources)
        assert set(kernel.forms) == set(CODES)
        for code, form in kernel.forms.items():
            assert form["answer"] in expected[code], code
            expected[code] = [form["answer"]]

        patience = [REPLY_SECONDS] * chance.randint(0, MOST_ANSWERS) + [chance.uniform(0, LONGEST_SAVE)]
        for seconds in patience:
            serial += 1
            code = chance.choice(CODES)
            [seen] = expected[code]
            answer = plain(rated(chance.randrange(4), f"Number {serial}"))
            expected[code].append(answer)
            message = {"do": "answer", "code": code, "respondent": "agreed", "at": f"bare/{ROUND}", "seen": seen}
            kernel.send(code, {**message, "answer": answer, "serial": str(serial)})
            reply = kernel.heard(str(serial), seconds)
            if reply:
                assert reply["text"] == "Saved"
                expected[code] = [answer]
                replies += 1
        kernel.kill()
        if reply is None and kernel.heard(str(serial), LAST_WORDS):  # it was on its way already
            expected[code] = [answer]
        kernel.close()
        saved = bare.on_disk("bare")
        for known, possible in expected.items():
            assert plain(saved.answer(known)) in possible, known
    assert replies > BARE_KILLS
    # The next save clears away what the last kill may have left.
    bare.say("bare", CODES[0], rated(1))
    assert [path.name for path in bare.document("bare").parent.glob(".*.tmp")] == []
