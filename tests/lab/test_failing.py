"""Saving fails in all the ways it can: each has its sentence, what was chosen stays, and it can be tried again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import atomic
from tests.factories import rated
from tests.lab.lab_server import SAVED, Analyst, LabServer

pytestmark = pytest.mark.slow


@pytest.fixture
def disk(lab_server: LabServer) -> Iterator[Callable[[str], Path]]:
    """Return a function that makes a city's folder a small disk of its own."""
    mounted: list[Path] = []

    def made(slug: str) -> Path:
        folder = lab_server.document(slug).parent
        folder.mkdir(parents=True)
        mount = shutil.which("mount")
        if not mount or subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).returncode:
            pytest.skip("only root may mount a small disk; tests/workbook/test_desk.py pretends to")
        mounted.append(folder)
        return folder

    yield made
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def failing(analyst: Analyst, lab_server: LabServer) -> Analyst:
    """Return an analyst at work for a city whose first six questions are each at the mercy of one test."""
    analyst.work(lab_server.leaflet("failing", *(f'question("KF1.Q{number}")' for number in range(1, 7))))
    return analyst


def fails_and_succeeds(analyst: Analyst, form: Any, failing: str, mend: Any) -> None:
    """Choose level 3 and comment on it; be told why it is not saved; mend it; try again."""
    form.get_by_role("textbox", name="Comment").fill("Long thought about.")
    form.get_by_label("3 · ").check()
    try:
        said = analyst.status(form, failing)
        assert said.startswith(("Not saved:", "⚠ Not saved:"))
        assert "Traceback" not in said
        assert form.get_by_label("3 · ").is_checked()
        assert form.get_by_role("textbox", name="Comment").input_value() == "Long thought about."
        assert analyst.page.locator(".cgw-session").get_by_text("1 change is not saved").count() == 1
    finally:
        mend()  # the next tests go on with the same city
    form.get_by_role("button", name="Try again").click()
    analyst.status(form, SAVED)
    assert analyst.page.locator(".cgw-session").get_by_text("not saved").count() == 0


def test_full_disk(analyst: Analyst, lab_server: LabServer, disk: Callable[[str], Path]) -> None:
    """A full disk is called full; with space again the answer is saved, and nothing half-written stays."""
    folder = disk("full")
    analyst.work(lab_server.leaflet("full", 'question("KF1.Q1")'))
    filler = folder / "filler"
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(b"x" * 2**17)
    fails_and_succeeds(analyst, analyst.form("KF1.Q1"), "the disk is full", filler.unlink)
    assert lab_server.level("full", "KF1.Q1") == 3
    assert [path.name for path in folder.iterdir() if not path.name.endswith(".lock")] == ["2026.json"]


def test_read_only_folder(analyst: Analyst, lab_server: LabServer, disk: Callable[[str], Path]) -> None:
    """A read-only folder is called so; once it may be written to, the answer is saved."""
    folder = disk("read-only")
    analyst.work(lab_server.leaflet("read-only", 'question("KF1.Q1")'))
    form = analyst.form("KF1.Q1")
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)

    def mend() -> None:
        subprocess.run(["mount", "-o", "remount,rw", folder], check=True)

    fails_and_succeeds(analyst, form, "the folder is read-only", mend)
    assert lab_server.level("read-only", "KF1.Q1") == 3


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_rights(analyst: Analyst, lab_server: LabServer) -> None:
    """A folder in which one may not write is called so."""
    analyst.work(lab_server.leaflet("no-rights", 'question("KF1.Q1")'))
    folder = lab_server.document("no-rights").parent
    folder.chmod(0o555)
    fails_and_succeeds(analyst, analyst.form("KF1.Q1"), "not permitted", lambda: folder.chmod(0o755))


def test_lock_held_by_another_process(failing: Analyst, lab_server: LabServer) -> None:
    """Somebody else's lock is told as such, sooner than a form gives up on its server."""
    form = failing.form("KF1.Q1")
    held = atomic.locked(lab_server.document("failing"))
    held.__enter__()
    fails_and_succeeds(failing, form, "somebody else is saving to this file", lambda: held.__exit__(None, None, None))
    assert lab_server.level("failing", "KF1.Q1") == 3


def test_document_damaged_on_disk(failing: Analyst, lab_server: LabServer) -> None:
    """A damaged document is left as it is, and the answer is saved once it has been mended."""
    form = failing.form("KF1.Q2")
    document = lab_server.document("failing")
    content = document.read_bytes()
    document.write_bytes(content[:-20])

    def mend() -> None:
        assert document.read_bytes() == content[:-20]
        document.write_bytes(content)

    fails_and_succeeds(failing, form, "the file on disk cannot be understood", mend)
    assert lab_server.level("failing", "KF1.Q2") == 3


def test_document_deleted_on_disk(failing: Analyst, lab_server: LabServer) -> None:
    """Answers whose file was moved away are not begun anew unasked."""
    form = failing.form("KF1.Q3")
    document = lab_server.document("failing")
    content = document.read_bytes()
    document.unlink()
    fails_and_succeeds(failing, form, r"deleted, moved or renamed", lambda: document.write_bytes(content))
    assert lab_server.level("failing", "KF1.Q3") == 3


def test_somebody_elses_answer_while_saving_fails(failing: Analyst, lab_server: LabServer) -> None:
    """What somebody else saved while saving failed here is not overwritten unseen."""
    form = failing.form("KF1.Q4")
    document = lab_server.document("failing")
    content = document.read_bytes()
    document.write_bytes(b"")
    form.get_by_label("3 · ").check()
    failing.status(form, "cannot be understood")
    document.write_bytes(content)
    lab_server.say("failing", "KF1.Q4", rated(1))
    form.get_by_role("button", name="Try again").click()
    failing.status(form, "somebody else")
    assert lab_server.level("failing", "KF1.Q4") == 1
    form.get_by_role("button", name="Take the other").click()


def test_answer_that_is_saved_late_is_no_clash_with_oneself(failing: Analyst, lab_server: LabServer) -> None:
    """While the kernel stands still a form gives up waiting; what is chosen after that ends saved, without a clash."""
    form = failing.form("KF1.Q5")
    kernels = lab_server.kernels()
    for kernel in kernels:
        kernel.suspend()
    form.get_by_label("1 · ").check()
    failing.status(form, "does not answer")
    form.get_by_label("2 · ").check()
    for kernel in kernels:
        kernel.resume()
    failing.status(form, SAVED)
    assert lab_server.level("failing", "KF1.Q5") == 2


def test_kernel_restarted_without_running_the_cells(analyst: Analyst, lab_server: LabServer) -> None:
    """A form that a restart has cut off says so, keeps what is chosen, and saves it once the cells have run again."""
    analyst.work(lab_server.leaflet("cut-off", 'question("KF1.Q1")', 'question("KF1.Q2")'))
    form = analyst.form("KF1.Q1")
    form.get_by_label("1 · ").check()
    analyst.status(form, SAVED)
    analyst.menu("Kernel", "Restart Kernel…")
    analyst.page.click('.jp-Dialog button:has-text("Restart")')
    analyst.status(form, "cut off")
    form.get_by_label("2 · ").check()
    analyst.status(form, "cut off")
    late = analyst.form("KF1.Q2")
    late.get_by_label("0 · ").check()
    said = analyst.status(late, "cut off")
    assert not re.search("Saved", said)
    assert lab_server.level("cut-off", "KF1.Q1") == 1
    analyst.run_all()
    for code, level in (("KF1.Q1", 2), ("KF1.Q2", 0)):
        form = analyst.form(code)
        analyst.status(form, SAVED)
        assert form.get_by_label(f"{level} · ").is_checked()
        assert lab_server.level("cut-off", code) == level


def test_kernel_that_was_killed(analyst: Analyst, lab_server: LabServer) -> None:
    """A form whose kernel has died never says “Saved”, though JupyterLab starts another; running the cells mends it."""
    analyst.work(lab_server.leaflet("killed", 'question("KF1.Q1")'))
    form = analyst.form("KF1.Q1")
    for kernel in lab_server.kernels():
        kernel.kill()
    analyst.page.locator(".jp-Dialog button").first.click()  # JupyterLab says that the kernel has died
    form.get_by_label("1 · ").check()
    said = analyst.status(form, "Not saved|cut off")
    assert "Saved" not in said
    assert lab_server.level("killed", "KF1.Q1") is None
    analyst.idle()
    analyst.run_all()
    analyst.status(analyst.form("KF1.Q1"), SAVED)
    assert lab_server.level("killed", "KF1.Q1") == 1
