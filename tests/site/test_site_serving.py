"""The small server of a site: what the browser needs is said with every file, and nobody else is served."""

from __future__ import annotations

import runpy
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from citygrow_nb.site import serving


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.mjs", "text/javascript"),
        ("a.js", "text/javascript"),
        ("a.wasm", "application/wasm"),
        ("a.json", "application/json"),
    ],
)
def test_files_have_the_kind_that_browsers_insist_on(tmp_path: Path, name: str, kind: str) -> None:
    """Whatever the registry of Windows says."""
    (tmp_path / name).write_text("x")
    with serving.server(tmp_path) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        assert running.server_address[0] == "127.0.0.1"
        with urllib.request.urlopen(f"http://127.0.0.1:{running.server_port}/{name}") as reply:
            assert reply.headers["Content-Type"] == kind
            assert reply.headers["Cache-Control"] == "no-cache"
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{running.server_port}/../secret")
        running.shutdown()


def test_script_stands_alone() -> None:
    """It is copied into every site, where there is no citygrow."""
    source = Path(serving.__file__).read_text("utf-8")
    assert "citygrow" not in source.split('"""', 2)[2]
    assert runpy.run_path(serving.__file__)["PORT"] == serving.PORT
