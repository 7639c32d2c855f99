"""Which own workbooks may run: by their code, kept in the user's own folder, and copies of modules only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from citygrow_nb import trust
from citygrow_nb.exceptions import StoreError
from tests.notebooks import code, content, prose


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the list of this machine's user, who has trusted nothing yet."""
    path = tmp_path / "config" / "citygrow" / "trusted-workbooks.json"
    monkeypatch.setattr(trust, "_path", lambda: path)
    return path


def test_digest_is_that_of_code_and_modules() -> None:
    """Each cell's code in its place, each module by its name; prose, outputs, metadata and cuts do not count."""
    cells = [prose("# T"), code("a"), code("b")]
    digests = {
        trust.digest(content(*cells), {}),
        trust.digest(content(*cells), {"a.py": b""}),
        trust.digest(content(*cells), {"a.py": b"1"}),
        trust.digest(content(*cells), {"b.py": b""}),
        trust.digest(content(code("ab")), {}),
        trust.digest(content(code("b"), code("a")), {}),
        trust.digest(content(code("a")), {}),
    }
    assert len(digests) == 7
    run = json.loads(content(prose("other"), code("a"), code("b")))
    run["metadata"]["title"] = "x"
    for cell in run["cells"]:
        cell["source"] = list(cell["source"])
        if cell["cell_type"] == "code":
            cell |= {"execution_count": 3, "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]}
    assert trust.digest(json.dumps(run, indent=4).encode(), {}) == trust.digest(content(*cells), {})


def test_what_is_trusted_stays_so_here_and_nowhere_else(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Private, several beside each other; another machine, or another user, knows nothing of it."""
    assert not trust.is_trusted("a")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: trust.trust(f"code {number}", "x"), range(12)))
    assert all(trust.is_trusted(f"code {number}") for number in range(12))
    assert not trust.is_trusted("code 12")
    if sys.platform != "win32":
        assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    monkeypatch.setattr(trust, "_path", lambda: tmp_path / "elsewhere" / "trusted-workbooks.json")
    assert not trust.is_trusted("code 1")


@pytest.mark.parametrize("harm", ["damaged", "a list", "a link", "open to others"])
def test_list_that_cannot_be_believed_trusts_nothing_and_is_not_written_over(kept: Path, harm: str) -> None:
    """A sentence says so."""
    trust.trust("a", "x")
    before = kept.read_bytes()
    if harm == "damaged":
        kept.write_bytes(before[:-4])
    elif harm == "a list":
        kept.write_bytes(b"[]")
    elif sys.platform == "win32":
        pytest.skip("Windows has other rights and links")
    elif harm == "a link":
        kept.rename(kept.with_name("theirs"))
        kept.symlink_to(kept.with_name("theirs"))
    else:
        kept.chmod(0o622)
    there = kept.read_bytes()
    assert not trust.is_trusted("a")
    with pytest.raises(StoreError, match="is damaged, or others may write to it; look at it"):
        trust.trust("b", "x")
    assert kept.read_bytes() == there


def test_modules_are_imported_last_and_as_they_were_trusted(kept: Path, tmp_path: Path) -> None:
    """No compiled code that lies beside, no module that was changed since, none of a workbook that nobody trusted."""
    folder = tmp_path / "workbooks"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "own.ipynb").write_bytes(content(code("import helper")))
    (folder / "helper.py").write_text("WHAT = 'source'", encoding="utf-8")
    (folder / "json.py").write_text("raise SystemError", encoding="utf-8")
    (folder / "compiled.pyc").write_bytes(b"x")
    script = (
        "import sys; from pathlib import Path; from citygrow_nb import trust\n"
        "trust._path = lambda: Path(sys.argv[1])\n"
        "admitted = trust.admit(sys.argv[2], 'own.ipynb')\n"
        "import json\n"
        "files = lambda: [path.name for path in Path(sys.path[-1]).iterdir() if path.is_file()]\n"
        "try:\n    import helper; print(admitted, helper.WHAT, files())\n"
        "except ImportError as error: print(admitted, error)\n"
    )

    def run() -> str:
        command = [sys.executable, "-P", "-c", script, str(kept), str(folder)]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ)).stdout.strip()

    assert run() == "False No module named 'helper'"
    modules, problems = trust.modules_beside(folder)
    assert (sorted(modules), problems) == (["helper.py", "json.py"], ())
    trust.trust(trust.digest((folder / "own.ipynb").read_bytes(), modules), "own")
    assert run() in {f"True source {names}" for names in (["helper.py", "json.py"], ["json.py", "helper.py"])}
    (folder / "helper.py").write_text("WHAT = 'changed'", encoding="utf-8")
    assert run() == "False No module named 'helper'"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_module_that_is_a_link_or_a_pipe_is_named(tmp_path: Path) -> None:
    """Neither followed nor waited for."""
    (tmp_path / "outside").write_text("A = 1", encoding="utf-8")
    folder = tmp_path / "workbooks"
    folder.mkdir()
    (folder / "link.py").symlink_to(tmp_path / "outside")
    os.mkfifo(folder / "pipe.py")
    modules, problems = trust.modules_beside(folder)
    assert modules == {}
    assert sorted(Path(problem.where).name for problem in problems) == ["link.py", "pipe.py"]
