"""Restarts and kills under a guided page: forms come back by themselves, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from citygrow_nb.model import Benchmark
from tests.lab.led import Led, at_work
from tests.lab.test_kills import EYES
from tests.proof import seeded, times

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

CITY = "restarts"
RESTARTS, KILLS, SERVER_KILLS = times(5, 22), times(5, 24), times(1, 4)
CODES = [f"KF1.Q{number}" for number in range(1, 7)]


@pytest.fixture
def led(tmp_path_factory: pytest.TempPathFactory, benchmark: Benchmark, context: Any) -> Iterator[Led]:
    """Return a person at a workbook of a city."""
    with at_work(tmp_path_factory.mktemp("restarts"), benchmark, context, CITY) as made:
        yield made


def test_forms_come_back_every_time_with_everything_that_was_chosen(led: Led) -> None:
    """Nobody presses anything but answers: after every end, all that was ever chosen is shown again and on disk."""
    chance = seeded()
    led.visit("01-strategy.ipynb")
    led.form("KF1.Q6")
    led.page.evaluate(EYES)
    ends = ["restart"] * RESTARTS + ["kill"] * KILLS + ["server"] * SERVER_KILLS
    chance.shuffle(ends)
    wanted: dict[str, int] = {}
    shown = 0
    for number, end in enumerate(ends):
        code = chance.choice(CODES)
        wanted[code] = chance.choice([level for level in range(4) if level != wanted.get(code)])
        led.form(code).get_by_label(f"{wanted[code]} · ").check()
        led.page.wait_for_timeout(chance.uniform(0, 120))
        led.page.evaluate("document.querySelectorAll('form').forEach((form) => { form.dataset.old = 'yes'; })")
        if end == "restart":
            led.page.evaluate("void jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
        elif end == "kill":
            for kernel in led.lab_server.kernels():
                kernel.kill()
        else:
            led.lab_server.kill()
            led.lab_server.start()
        saved = led.page.evaluate("window.shown")
        shown += len(saved)
        for known, level in saved.items():
            assert led.lab_server.level(CITY, known) in {int(level), wanted[known]}, (number, end)
        for known, level in wanted.items():
            form = led.page.locator(f'.jp-NotebookPanel:visible form[aria-label="Answer to {known}"]:not([data-old])')
            form.get_by_label(f"{level} · ").and_(led.page.locator(":checked")).wait_for()
        led.page.wait_for_function(
            "Object.values(window.citygrowSession.pending).every((items) => Object.keys(items).length === 0)"
        )
        assert {known: led.lab_server.level(CITY, known) for known in wanted} == wanted, (number, end)
    assert shown > 0
    assert led.page.locator(".jp-Dialog").count() == 0
