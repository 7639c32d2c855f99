"""Own workbooks in the guide: they stand in its panel, run after one question, and stay their author's to write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import authoring
from citygrow_nb.model import Benchmark
from tests.lab.lab_server import LabServer
from tests.lab.led import Led
from tests.lab.test_guide import VIEWS
from tests.lab.test_seeing import violations
from tests.notebooks import code, content, prose

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CITY, STRATEGY, MONEY = "graz", "01-strategy.ipynb", "06-access-to-money.ipynb"
RUN = "Run this workbook"
HELPER = "from pathlib import Path\nPath('ran').touch()\nFIGURE = 'seven thousand jobs'"
IMPORTS = "import helping\nprint(helping.FIGURE)"
WRITE = "(text) => { jupyterapp.shell.currentWidget.content.model.cells.get(1).sharedModel.setSource(text); }"


@pytest.fixture(scope="module")
def _hands(tmp_path_factory: pytest.TempPathFactory, benchmark: Benchmark, context: Any) -> Iterator[Led]:
    lab_server = LabServer(tmp_path_factory.mktemp("own"), benchmark, cold=True)  # kernels that tidy up when they end
    lab_server.begin(CITY)
    lab_server.start()
    made = Led(context, lab_server)
    yield made
    made.close()
    lab_server.kill()


@pytest.fixture
def led(_hands: Led, request: pytest.FixtureRequest) -> Iterator[Led]:
    """Return a person who has no workbook open, in a folder of workbooks as they were built."""
    yield _hands
    _hands.leave(failed=getattr(request.node, "failed", True))
    folder = _hands.lab_server.workbooks
    for kept in (_hands.lab_server.root / ".home").rglob("trusted-workbooks.json"):
        kept.unlink()
    built = authoring.build(_hands.lab_server.benchmark)
    for path in [path for path in folder.iterdir() if path.is_file()]:
        path.write_bytes(built[path.name]) if path.name in built else path.unlink()


def written(led: Led, name: str, source: str = IMPORTS, title: str = "Jobs in our city") -> Path:
    """Put an own workbook into the folder, with a module beside it."""
    folder = led.lab_server.workbooks
    (folder / "helping.py").write_text(HELPER, encoding="utf-8")
    (folder / name).write_bytes(content(prose(f"# {title}"), code(source)))
    return folder / name


def asked(led: Led, says: str = "") -> Any:
    """Wait for the question, and return its button."""
    bar = led.page.locator(".jp-NotebookPanel:visible").get_by_role("region", name="Not run yet")
    bar.filter(has_text=re.compile(says)).wait_for()
    return bar.get_by_role("button", name=RUN)


def shows(led: Led, text: str) -> None:
    """Wait for an output."""
    led.page.locator(".jp-NotebookPanel:visible .jp-OutputArea-output", has_text=text).wait_for()


def marks(led: Led) -> list[tuple[str, str]]:
    """Return the workbooks in the panel that bear a mark, with it."""
    tags = led.panel.locator(".cgg-tag")
    tags.first.wait_for()
    return [
        (tag.locator("xpath=preceding-sibling::*[1]").inner_text(), tag.inner_text().replace("\n", ""))
        for tag in tags.all()
    ]


def code_shown(led: Led) -> int:
    """Return how many cells show their code."""
    shown = led.page.locator(".jp-NotebookPanel:visible .jp-CodeCell .jp-InputArea").locator("visible=true")
    return int(shown.count())


def test_own_workbook_runs_after_one_question_with_the_module_beside_it(led: Led) -> None:
    """It stands in its place in the panel, with a mark; once is enough, in any window, until a line of code changes."""
    path = written(led, "05-aa-jobs.ipynb")
    ran = path.with_name("ran")
    led.visit(path.name)
    button = asked(led, r"citygrow did not build this workbook.* beside it: helping\.py\. Reports are made with it")
    led.page.wait_for_timeout(1500)
    assert not ran.exists()
    assert marks(led) == [("Jobs in our city", "own, asks before it runs")]
    titles = led.panel.locator(".cgg-workbooks > li").all_inner_texts()
    assert [title.split("\n")[0] for title in titles][4:7] == [
        "Inclusive services",
        "Jobs in our city",
        "Networks and voice",
    ]
    button.click()
    shows(led, "seven thousand jobs")
    assert ran.exists()
    assert code_shown(led) == 0
    led.panel.locator(".cgg-tag", has_text=re.compile("^own$")).wait_for()
    led.panel.get_by_role("button", name="Strategy").click()
    led.form("KF1.Q1")
    led.panel.get_by_role("button", name="Jobs in our city").wait_for()

    led.close()
    led.visit(STRATEGY)
    led.form("KF1.Q1")
    led.panel.get_by_role("button", name="Jobs in our city").click()
    shows(led, "seven thousand jobs")
    ran.unlink()
    path.with_name("helping.py").write_text(f"{HELPER}  # another", encoding="utf-8")
    led.visit(path.name)
    asked(led)
    led.page.wait_for_timeout(1500)
    assert not ran.exists()


def test_author_goes_on_writing_and_nothing_written_is_lost(led: Led) -> None:
    """Before it runs by itself it is a notebook like any other; the button saves it; its code can be had again."""
    path = written(led, "15-jobs.ipynb", "1 + 1")
    led.visit(path.name)
    button = asked(led)
    assert code_shown(led) == 1
    led.page.locator(".jp-NotebookPanel:visible > .jp-Toolbar").wait_for()
    led.page.evaluate(WRITE, "print('by hand')")
    assert "by hand" not in path.read_text("utf-8")
    button.click()
    shows(led, "by hand")
    assert "by hand" in path.read_text("utf-8")
    assert code_shown(led) == 0
    toggle = led.panel.get_by_role("button", name="Show or hide the code")
    toggle.click()
    led.lab_server.until(lambda: code_shown(led) == 1)
    led.page.evaluate(WRITE, "print('better')")
    toggle.click()
    led.lab_server.until(lambda: "better" in path.read_text("utf-8"))
    assert code_shown(led) == 0
    cells = json.loads(path.read_bytes())["cells"]
    assert not any({"deletable", "editable"} & cell["metadata"].keys() for cell in cells)
    led.visit(path.name)
    asked(led)


@pytest.mark.parametrize("changed", ["notebook", "module"])
def test_what_was_changed_while_the_question_stood_is_not_run(led: Led, changed: str) -> None:
    """A folder may be shared: the answer counts for what the question was about, and the sentence says what to do."""
    path = written(led, "15-jobs.ipynb")
    led.visit(path.name)
    button = asked(led)
    if changed == "notebook":
        path.write_bytes(content(prose("# Others"), code(IMPORTS)))
        says = "15-jobs.ipynb: the file is not what this page shows, so it was not run"
    else:
        path.with_name("stranger.py").touch()
        says = r"not those that you were asked about \(now: helping.py, stranger.py\), so it was not run"
    button.click()
    button = asked(led, says)
    led.page.wait_for_timeout(1000)
    assert not path.with_name("ran").exists()
    if changed == "module":
        button.click()
        shows(led, "seven thousand jobs")


def test_changed_workbook_is_asked_about_and_marked(led: Led) -> None:
    """With what was added it is its user's, and keeps its questions and its place."""
    path = led.lab_server.workbooks / MONEY
    document = json.loads(path.read_bytes())
    document["cells"].insert(1, code("print('our chart')") | {"id": "ours"})
    path.write_text(json.dumps(document), encoding="utf-8")
    led.visit(MONEY)
    asked(led, "Somebody has changed this workbook").click()
    shows(led, "our chart")
    led.form("KF6.Q1")
    assert marks(led) == [("Access to money", "changed")]


def test_workbook_of_another_version_says_what_to_do(led: Led) -> None:
    """Anybody can make its mark, so it does not run by itself either; the answer is kept in this browser."""
    path = led.lab_server.workbooks / MONEY
    document = json.loads(path.read_bytes())
    document["cells"].insert(1, code("print('of an older time')") | {"id": "older"})
    document["metadata"]["citygrow"]["build"] = authoring.fingerprint(document["cells"])
    path.write_text(json.dumps(document), encoding="utf-8")
    led.visit(MONEY)
    asked(led, "Another version of citygrow built this workbook.* “citygrow workbooks build” renews it").click()
    shows(led, "of an older time")
    led.visit(MONEY)
    shows(led, "of an older time")


def test_server_that_others_started_knows_nothing_so_all_are_asked_about(led: Led) -> None:
    """Own notebooks are left alone there; what was allowed is kept in this browser."""
    path = written(led, "15-jobs.ipynb", "1 + 1")
    led.page.route("**/citygrow/workbooks?**", lambda route: route.fulfill(status=404, body="{}"))
    try:
        led.visit(STRATEGY)
        asked(led, "is not as citygrow built it, or nobody here can tell").click()
        led.form("KF1.Q1")
        led.visit(STRATEGY)
        led.form("KF1.Q1")
        led.visit(path.name)
        led.page.locator(".jp-NotebookPanel:visible .jp-Toolbar").first.wait_for()
        led.page.wait_for_timeout(1500)
        assert led.page.locator(".citygrow-workbook, .citygrow-ask").count() == 0
    finally:
        led.close()  # and with it the route


@pytest.mark.parametrize("theme", VIEWS)
def test_question_and_marks_have_no_violation(led: Led, theme: str) -> None:
    """In light, dark and high contrast; the whole question is in view on a narrow window, too."""
    written(led, "15-jobs.ipynb", title="Arbeitsplätze in unserer Stadt und ihrem Umland, 2019 bis 2025")
    written(led, "16-next.ipynb", title="عمل")
    led.visit("15-jobs.ipynb")
    asked(led)
    led.page.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', {theme})", VIEWS[theme])
    led.page.wait_for_function(f"document.body.dataset.jpThemeName === '{VIEWS[theme]}'")
    led.page.wait_for_selector("#jupyterlab-splash", state="detached")
    assert len(marks(led)) == 2
    violations(led, theme, ".cgg", least=15)  # type: ignore[arg-type]
    violations(led, theme, ".citygrow-ask", least=2)  # type: ignore[arg-type]
    for width in (1280, 480):
        led.page.set_viewport_size({"width": width, "height": 800})
        led.page.wait_for_timeout(300)
        bar, button = led.page.locator(".citygrow-ask"), asked(led)
        outer, inner = bar.bounding_box(), button.bounding_box()
        assert outer["y"] + outer["height"] >= inner["y"] + inner["height"]
        assert inner["x"] + inner["width"] <= width
