"""A monkey at a workbook: whatever it clicks and presses, all cells stay as they are, and what shows as saved is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from citygrow_nb.model import Benchmark
from tests.lab.lab_server import CELLS, IDLE
from tests.lab.led import Led, at_work
from tests.proof import seeded, times

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

CITY = "monkey"
ACTS = times(500, 2000)
KEYS = (
    *("d d", "x", "a", "b", "c", "v", "m", "y", "r", "z", "j", "k", "0 0", "i i", "o", "l", "1", "2"),
    *("Enter", "Escape", "Delete", "Backspace", "Tab", "Space", "ArrowDown", "ArrowUp", "Home", "End", "PageDown"),
    *("Shift+Enter", "Shift+Tab", "Shift+m", "Shift+ArrowDown", "Alt+Enter", "Control+Enter", "Control+Shift+-"),
    *("Control+z", "Control+y", "Control+a", "Control+c", "Control+x", "Control+v", "Control+m", "Control+s"),
    *("Control+Shift+z", "Control+Shift+m"),
)
AIMS = "h1, h2, h3, p, li, summary, input, label, textarea, select, button, .jp-Cell, .jp-OutputArea"
# Where something of the workbook can be seen just now; a link would lead out of it.
PLACES = """(aims) => {
  const panel = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden)');
  return [...panel.querySelectorAll(aims)].filter((element) => !element.closest('a')).map((element) => {
    const box = element.getBoundingClientRect();
    return [box.left + Math.min(box.width / 2, 60), box.top + Math.min(box.height / 2, 12)];
  }).filter(([x, y]) => x > 0 && y > 70 && x < innerWidth && y < innerHeight
    && panel.contains(document.elementFromPoint(x, y)) && !document.elementFromPoint(x, y).closest('a, select'));
}"""
# What every form that has nothing to say against it shows as chosen.
SHOWN = """() => {
  const forms = document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) form[aria-label^="Answer to"]');
  return [...forms].filter((form) => /^(Saved|$)/.test(form.querySelector('.cgw-status').textContent))
    .map((form) => [form.ariaLabel.split(' ').pop(), form.querySelector('input:checked')?.value ?? null]);
}"""
SETTLED = """() => ![...document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .cgw-status')]
  .some((line) => /…$/.test(line.textContent))"""
# It may have named somebody. At “Somebody else …” the forms are still the last one's, whom the window remembers.
WHO = """() => {
  const select = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .cgw-session select');
  const kept = Object.keys(sessionStorage).find((key) => key.endsWith(':respondent'));
  return select.value || sessionStorage.getItem(kept) || select.options[0].value;
}"""
UNRENDERED = """() => jupyterapp.shell.currentWidget.content.widgets
  .filter((cell) => cell.model.type === 'markdown' && !cell.rendered).map((cell) => cell.model.id)"""
# A link would open a page of another machine.
STAY = "addEventListener('click', (event) => event.target.closest('a[href^=http]') && event.preventDefault(), true)"
OPEN = "async (path) => { await jupyterapp.commands.execute('docmanager:open', {path}); }"
FILE = "01-strategy.ipynb"
HERE = f"jupyterapp.shell.currentWidget?.context?.path.endsWith('{FILE}')"


@pytest.fixture(scope="module")
def led(tmp_path_factory: pytest.TempPathFactory, benchmark: Benchmark, context: Any) -> Iterator[Led]:
    """Return a page for the monkey."""
    with at_work(tmp_path_factory.mktemp("monkey"), benchmark, context, CITY) as made:
        yield made


def test_monkey_breaks_no_workbook_and_loses_no_answer(led: Led) -> None:
    """Random clicks, double clicks, right clicks and keys."""
    chance = seeded()
    page, path = led.page, led.lab_server.path(FILE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(STAY)
    led.visit(FILE)
    led.form("KF1.Q6")
    before = page.evaluate(CELLS)
    on_disk = (led.lab_server.workbooks / FILE).read_bytes()
    places: list[list[float]] = []
    for act in range(ACTS):
        if act % 20 == 0:
            if not page.evaluate(HERE):  # Ctrl+Enter leads on, and the monkey comes back
                page.evaluate(OPEN, path)
                page.wait_for_function(HERE)
            page.mouse.wheel(0, chance.choice((-900, -300, 300, 900)))
            places = page.evaluate(PLACES, AIMS)
        if places and chance.random() < 0.5:
            kind = chance.choice(({}, {"click_count": 2}, {"button": "right"}))
            page.mouse.click(*chance.choice(places), **kind)
        else:
            for key in chance.choice(KEYS).split(" "):
                page.keyboard.press(key)
    page.keyboard.press("Escape")
    page.evaluate(OPEN, path)
    led.form("KF1.Q6")
    page.wait_for_timeout(1000)  # what is typed is saved after half a second
    page.wait_for_function(IDLE)
    page.wait_for_function(SETTLED)

    assert page.evaluate(CELLS) == before
    assert page.evaluate(UNRENDERED) == []
    assert (led.lab_server.workbooks / FILE).read_bytes() == on_disk
    assert errors == []
    shown = page.evaluate(SHOWN)
    saved = led.lab_server.on_disk(CITY)
    who = page.evaluate(WHO)
    assert shown
    assert saved.responses  # it did answer something
    for code, value in shown:
        answer = saved.answer(code, who)
        chosen = answer and (answer.state.value if answer.level is None else str(answer.level))
        assert chosen == value, code
