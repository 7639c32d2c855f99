"""``citygrow batch`` as scripts and people call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import answers, atomic, batch, benchmarks
from citygrow_nb.exporting import pdf
from citygrow_nb.model import Benchmark
from citygrow_nb.model.run import RunManifest
from tests.cli.conftest import Call
from tests.factories import assessment_of, rated

ROOT = Path(__file__).parents[2]


@pytest.fixture
def cities(place: Path, tiny: Benchmark) -> Path:
    """Return the folder of answers, with a city in Poland and one of Arabic name."""
    (place / "outputs").mkdir()
    (place / "benchmark").mkdir()
    (place / "benchmark" / f"{tiny.id}.json").write_bytes(benchmarks.dump(tiny))
    for name, slug in (("Żabia Góra", "zabia-gora"), ("مدينة الخيال", "mdynh-lkhyl")):
        add(place, tiny, name, slug)
    return place / "answers" / tiny.id


def add(place: Path, tiny: Benchmark, name: str, slug: str) -> None:
    path = place / "answers" / tiny.id / slug / "2026.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(answers.dump(assessment_of(tiny, name, slug).with_answer("KF1.Q1", rated(1))))


@pytest.mark.usefixtures("quick")
class TestQuick:
    """With pages that cost nothing."""

    def test_all_well(self, citygrow: Call, cities: Path) -> None:
        """Without a source the workspace's answers; lines on stderr, one sentence on stdout, exit code 0."""
        said = citygrow("batch", "--jobs", 1)
        assert said.code == 0
        assert said.out.startswith("2 reports made in ")
        assert sorted(line.split("/2 ")[1].split(":")[0] for line in said.complaints) == [
            "mdynh-lkhyl, round 2026",
            "zabia-gora, round 2026",
        ]
        assert (cities.parents[1] / "outputs" / "index.html").exists()

    def test_second_time(self, citygrow: Call, cities: Path, tiny: Benchmark) -> None:
        """Nothing is made, and that is well; --force makes everything; no line is lost on what did not happen."""
        citygrow("batch")
        said = citygrow("batch")
        assert (said.code, said.err) == (0, "")
        assert said.out.startswith("0 reports made, 2 unchanged in ")
        assert said.out.strip().endswith("index.html")
        add(cities.parents[1], tiny, "Bad", "bad")
        assert citygrow("batch").out.startswith("0 reports of 1 made, 2 unchanged in ")
        assert citygrow("batch", "--force").out.startswith("2 reports of 3 made in ")

    def test_report_without_a_source(self, citygrow: Call, cities: Path) -> None:
        """It is named, with what becomes of it; the exit code stays."""
        citygrow("batch")
        (cities / "zabia-gora" / "2026.json").unlink()
        said = citygrow("batch")
        assert said.code == 0
        (line,) = said.complaints
        assert line.startswith(
            "citygrow: 1 report from earlier runs, not in these sources: quiet-nights/zabia-gora/2026; kept, "
        )

    def test_url_of_a_bucket(self, citygrow: Call, cities: Path) -> None:
        """Reports go to the URL, and the sentence names their page there."""
        said = citygrow("batch", "--out", "memory://cli-test/reports")
        assert said.code == 0, said.err
        assert said.out.strip().endswith("memory://cli-test/reports/index.html")
        assert not (cities.parents[1] / "memory:").exists()

    def test_nothing_made(self, citygrow: Call, cities: Path) -> None:
        """No page is named that is not there."""
        (cities.parents[1] / "empty.csv").write_bytes(b"")
        said = citygrow("batch", cities.parents[1] / "empty.csv", "--out", "reports")
        assert said.code == 1
        assert said.out.strip().endswith("reports")

    def test_some_failed(self, citygrow: Call, cities: Path, tiny: Benchmark) -> None:
        """Each failure is a line with why; the others are complete; exit code 1."""
        add(cities.parents[1], tiny, "Bad", "bad")
        (cities / "broken").mkdir()
        (cities / "broken" / "2026.json").write_bytes(b"{")
        said = citygrow("batch")
        assert said.code == 1
        assert "citygrow: bad, round 2026: 01-x.ipynb: it broke" in said.complaints
        assert any(
            line.startswith("citygrow: ") and "2026.json" in line and "broken" in line for line in said.complaints
        )
        assert said.out.startswith("2 reports of 3 made")
        assert "Traceback" not in said.err

    def test_fault_in_a_worker(self, citygrow: Call, cities: Path, tiny: Benchmark) -> None:
        """It is a sentence like any failure; --debug shows where it came from."""
        add(cities.parents[1], tiny, "Boom", "boom")
        sentence = "citygrow: boom, round 2026: unexpected fault: RuntimeError: out of luck"
        said = citygrow("batch")
        assert said.code == 1
        assert sentence in said.complaints
        assert "Traceback" not in said.err
        said = citygrow("batch", "--debug")
        assert sentence in said.complaints
        assert "Traceback" in said.err

    def test_manifest_on_stdout(self, citygrow: Call, cities: Path) -> None:
        """--json prints what stands in run.json, and nothing else."""
        said = citygrow("batch", "--json", "--city", "مدينة الخيال", "--out", "elsewhere")
        manifest = RunManifest.model_validate_json(said.out)
        assert [city.name for city in manifest.cities] == ["مدينة الخيال"]
        assert json.loads(said.out) == json.loads((cities.parents[1] / "elsewhere" / "run.json").read_bytes())

    def test_ctrl_c_in_the_middle_of_a_lock(
        self, citygrow: Call, cities: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What comes out of it may be another fault, and it is a stop all the same; a fault of its own is none."""
        fault = RuntimeError("cannot release un-acquired lock")

        def interrupted(*_: object, **__: object) -> RunManifest:
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                raise fault from None
            raise AssertionError("nobody heard it")

        def broken(*_: object, **__: object) -> RunManifest:
            raise fault

        monkeypatch.setattr(batch, "run", interrupted)
        # Whoever starts the tests in the background has Ctrl-C ignored.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            said = citygrow("batch")
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        finally:
            signal.signal(signal.SIGINT, before)
        assert said.code == 130
        assert said.err.startswith("citygrow: stopped; ")
        monkeypatch.setattr(batch, "run", broken)
        assert citygrow("batch").code == 1

    def test_second_writer(self, citygrow: Call, cities: Path) -> None:
        """It is told in a sentence, with exit code 1."""
        with atomic.locked(cities.parents[1] / "outputs" / "run.json"):
            said = citygrow("batch")
        assert said.code == 1
        assert "another batch is writing to this folder" in said.err

    def test_city_that_would_leave_the_folder(self, citygrow: Call, place: Path, benchmark: Benchmark) -> None:
        """A table's city named ../../etc gets a folder of its own below the outputs."""
        (place / "t.csv").write_text(
            'city,round,KF1.Q1\n../../etc,2026,2\n"=HYPERLINK(""https://example.org"")",2026,1\n', encoding="utf-8"
        )
        said = citygrow("batch", "t.csv", "--out", "out/put")
        assert said.code == 0
        made = sorted(path.parent.relative_to(place).as_posix() for path in place.rglob("results.json"))
        assert made == [
            "out/put/migrant-entrepreneurs/etc/2026",
            "out/put/migrant-entrepreneurs/hyperlink-https-example-org/2026",
        ]

    @pytest.mark.parametrize(
        ("content", "told"), [("", "empty"), ("a,b\n1,2\n", "column"), ("city,round,KF1.Q77\nA,2026,1\n", "KF1.Q")]
    )
    def test_table_that_is_none(self, citygrow: Call, place: Path, content: str, told: str) -> None:
        """An empty file, wrong columns and unknown codes are named; exit code 1."""
        (place / "t.csv").write_text(content, encoding="utf-8")
        said = citygrow("batch", "t.csv")
        assert said.code == 1
        assert told in said.err
        assert all(line.startswith("citygrow: t.csv") for line in said.complaints if "portfolio" not in line)

    def test_output_folder_that_cannot_be_written(self, citygrow: Call, cities: Path) -> None:
        """A file in its way is wrong use."""
        (cities.parents[1] / "file").write_bytes(b"")
        said = citygrow("batch", "--out", cities.parents[1] / "file" / "below")
        assert said.code == 1
        assert "a file stands where a folder is needed" in said.err

    def test_stopped_with_ctrl_c(self, citygrow: Call, cities: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """One sentence that says what is left, and the exit code that shells expect."""

        def stopped(*_: Any, **__: Any) -> RunManifest:
            raise KeyboardInterrupt

        monkeypatch.setattr(batch, "run", stopped)
        said = citygrow("batch")
        assert said.code == 130
        assert said.complaints == [
            "citygrow: stopped; the reports finished so far are complete, and the same command makes the rest"
        ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere.csv", "nor-here"), "nor-here: there is no such file or folder"),
        (("--engine", "steam"), "not one of"),
        (("--jobs", "0"), "0 is not in the range"),
        (("--timeout", "0"), "0 is not in the range"),
        (("--out", "nowhere://x/y"), "no kind of place called “nowhere”"),
        (("--round", "2026/27"), "did you mean “2026-27”"),
        (("--city", "zabia-gor"), "did you mean “zabia-gora”"),
        (("--out", "answers/quiet-nights/zabia-gora"), "among the answers"),
    ],
)
def test_wrong_use(citygrow: Call, cities: Path, arguments: tuple[str, ...], told: str) -> None:
    """Exit code 2, a line for each fault, and nothing was made."""
    before = sorted(cities.parents[1].rglob("*"))
    said = citygrow("batch", *arguments)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert all(line.startswith("citygrow: ") for line in said.complaints)
    assert sorted(cities.parents[1].rglob("*")) == before


def test_nothing_to_do(citygrow: Call, place: Path) -> None:
    """An empty folder has no answers, and the sentence says where they come from."""
    said = citygrow("batch")
    assert said.code == 2
    assert "there are no answers here yet" in said.err


def start(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "citygrow_nb", "batch", *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        # Whoever runs the tests in the background has Ctrl-C switched off, and children would inherit that.
        preexec_fn=None if os.name == "nt" else lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


@pytest.mark.slow
def test_from_answers_to_pages(cities: Path) -> None:
    """The whole way in processes of its own: sound cities are complete beside a broken one, twice the same bytes."""
    (cities / "broken").mkdir()
    (cities / "broken" / "2026.json").write_bytes(b"{}")
    made = []
    for out in ("one", "two"):
        process = start("--out", out, "--json", cwd=cities.parents[1])
        stdout, stderr = process.communicate(timeout=300)
        assert process.returncode == 1, stderr
        assert "broken/2026.json" in stderr
        assert "WARNING" not in stderr
        manifest = RunManifest.model_validate_json(stdout)
        assert [city.status for city in manifest.cities] == ["made", "made"]
        assert manifest.overview.status == manifest.toolkits[0].portfolio.status == "made"
        records = sorted((cities.parents[1] / out).glob("*/*/*/run.json"))
        assert len(records) == 2
        made.append([path.read_bytes() for path in records])
    assert made[0] == made[1]
    page = (cities.parents[1] / "one" / "quiet-nights" / "mdynh-lkhyl" / "2026" / "index.html").read_text(
        encoding="utf-8"
    )
    assert "مدينة الخيال" in page


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals as on POSIX")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_stopped_or_killed_in_the_middle(cities: Path, tmp_path: Path, sign: signal.Signals) -> None:
    """However a batch ends, no process, temporary folder or half-written file of it is left, and the next run works."""
    temporary = tmp_path / "t"
    temporary.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        process = start("--jobs", "2", "--engine", "kernel", cwd=cities.parents[1])
        wait_for(lambda: any(temporary.rglob("k.json")))
        (os.killpg if sign is signal.SIGINT else os.kill)(process.pid, sign)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == (130 if sign is signal.SIGINT else -signal.SIGKILL), stderr
    if sign is signal.SIGINT:
        assert stderr.startswith("citygrow: stopped; ")
    wait_for(lambda: all(path.name.startswith("cg-compiled-") for path in temporary.glob("c*")))
    assert not list(cities.parents[1].rglob("*.tmp"))
    assert start("--city", "zabia-gora", cwd=cities.parents[1]).wait(timeout=120) == 0


def wait_for(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_pdf_says_what_is_missing(citygrow: Call, cities: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without WeasyPrint --pdf is wrong use, found before anything is made."""
    for name in ("weasyprint", "weasyprint.text.ffi"):  # which may have been loaded before
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(pdf, "_fonts", pdf._fonts.__wrapped__)  # which may have been asked before
    said = citygrow("batch", "--pdf")
    assert said.code == 2
    assert 'pip install "citygrow-nb[pdf]"' in said.err
    assert list((cities.parents[1] / "outputs").iterdir()) == []
