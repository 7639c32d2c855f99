"""What an executed notebook holds of the machine that ran it."""

from pathlib import Path

import nbformat
import pytest

from citygrow_nb.exporting.traces import settle_outputs


def test_a_failed_cell_does_not_tell_where_on_this_machine_its_error_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its notebook is kept among the reports, which everybody may read; the names of files stay, to find the fault."""
    monkeypatch.setattr(Path, "home", lambda: Path("/home/Ada Lovelace"))
    error = nbformat.v4.new_output(  # type: ignore[no-untyped-call]
        "error",
        ename="OSError",
        evalue="no /home/Ada Lovelace/cities/a.json",
        traceback=["File \x1b[0;32m/home/Ada Lovelace/lib/b.py:12\x1b[0m, in f()", "C:\\Users\\Ada\\c.py in g"],
    )
    warning = nbformat.v4.new_output("stream", name="stderr", text="/opt/Ada/d.py:3: Warning")  # type: ignore[no-untyped-call]
    cell = nbformat.v4.new_code_cell(outputs=[error, warning])  # type: ignore[no-untyped-call]
    settle_outputs(cell)
    told = str(cell.outputs)
    assert "Ada" not in told
    assert "/home" not in told
    assert all(name in told for name in ("cities/a.json", "b.py:12", "c.py in g", "d.py:3: Warning"))
