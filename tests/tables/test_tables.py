"""Round trips: what goes out as a table comes back unchanged, whatever people typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citygrow_nb import tables
from citygrow_nb.model import Assessment, BenchmarkRef, City
from citygrow_nb.model.fields import can_be_seen, clean_line, clean_name
from citygrow_nb.scoring import agreed_over_voices
from citygrow_nb.slugs import slugify
from citygrow_nb.tables.cells import harmless, original
from citygrow_nb.tables.csvfile import alive, inert
from citygrow_nb.tables.xlsxfile import coded, plain
from tests.factories import assessments, benchmark, texts

DEMO = benchmark()
# The folder is one and the same for all examples; each writes its own file over the last one.
in_one_folder = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=50
)


def kept(document: Assessment, **changes: Any) -> Assessment:
    """Return a document without respondents' empty sets of answers, which say nothing."""
    responses = {key: answers for key, answers in document.responses.items() if answers}
    return document.model_copy(update={"responses": responses, **changes})


@st.composite
def cities(draw: st.DrawFn, plain: bool = False) -> list[Assessment]:
    """Draw some cities, some of them in two rounds."""
    documents = []
    for place in draw(
        st.lists(st.sampled_from(["a 2026", "a 2026.10", "b spring", "b 2026"]), unique=True, max_size=3)
    ):
        slug, label = place.split()
        documents.append(agreed_over_voices(draw(assessments(plain=plain, slug=slug, round_label=label))))
    return documents


def by_place(documents: tuple[Assessment, ...] | list[Assessment]) -> dict[tuple[str, str], Assessment]:
    return {(document.city.slug, document.round): kept(document) for document in documents}


def read(path: Path) -> dict[tuple[str, str], Assessment]:
    reading = tables.read(path, DEMO)
    assert [str(problem) for problem in reading.problems if "no rows below" not in problem.found] == []
    return by_place(reading.assessments)


@in_one_folder
@given(cities(), st.sampled_from([",", ";", "\t"]))
def test_long_csv(tmp_path: Path, documents: list[Assessment], delimiter: str) -> None:
    """A long CSV file gives back everything but actions, and says that it left these out."""
    path = tmp_path / "cities.csv"
    written = tables.write(path, documents, DEMO, delimiter=delimiter)
    assert read(path) == by_place([kept(document, actions=()) for document in documents])
    actions = sum(len(document.actions) for document in documents)
    assert written.left_out == ((f"actions ({actions}): a CSV table has no place for them",) if actions else ())
    assert written.assessments == len(documents)


@in_one_folder
@given(cities())
def test_long_xlsx(tmp_path: Path, documents: list[Assessment]) -> None:
    """A long XLSX file gives back everything, and leaves nothing out."""
    path = tmp_path / "cities.xlsx"
    written = tables.write(path, documents, DEMO)
    assert read(path) == by_place(documents)
    assert written.left_out == ()


@in_one_folder
@given(cities(plain=True), st.sampled_from([",", ";", "\t"]))
def test_wide_csv(tmp_path: Path, documents: list[Assessment], delimiter: str) -> None:
    """A wide CSV file gives back every level, and leaves nothing out where there is nothing but levels."""
    path = tmp_path / "cities.csv"
    assert tables.write(path, documents, DEMO, layout="wide", delimiter=delimiter).left_out == ()
    assert read(path) == by_place(documents)


@in_one_folder
@given(cities(plain=True))
def test_wide_xlsx(tmp_path: Path, documents: list[Assessment]) -> None:
    """The same for a wide XLSX file."""
    path = tmp_path / "cities.xlsx"
    assert tables.write(path, documents, DEMO, layout="wide").left_out == ()
    assert read(path) == by_place(documents)


@in_one_folder
@given(cities())
def test_wide_says_what_it_leaves_out(tmp_path: Path, documents: list[Assessment]) -> None:
    """If a wide table says it left nothing out, it gives back everything; and what it has is right."""
    path = tmp_path / "cities.csv"
    written = tables.write(path, documents, DEMO, layout="wide")
    found = read(path)
    assert found.keys() == by_place(documents).keys()
    if not written.left_out:
        assert found == by_place(documents)
    for place, document in by_place(documents).items():
        levels = {(key, code): a.level for key, answers in document.responses.items() for code, a in answers.items()}
        again = {(k, c): a.level for k, answers in found[place].responses.items() for c, a in answers.items()}
        assert again == levels
        judged = {
            code: reading.direction for code, reading in document.context.items() if reading.direction is not None
        }
        assert {code: reading.direction for code, reading in found[place].context.items()} == judged


def _slug(name: str) -> str:
    """Return the folder name of a name as the model keeps it: what hides in it is written out."""
    return slugify(clean_name(name))


@in_one_folder
@given(st.lists(texts.filter(lambda t: can_be_seen(t) and len(t) < 400), unique_by=_slug, max_size=4))
def test_derived_slugs_come_back(tmp_path: Path, names: list[str]) -> None:
    """Cities without a column of slugs get the slugs that their names give."""
    path = tmp_path / "names.csv"
    written = [clean_line(inert(clean_line(name))) for name in names]
    rows = [name.replace('"', '""') for name in written]
    path.write_text("city,round,KF1.Q1\n" + "".join(f'"{row}",2026,1\n' for row in rows), encoding="utf-8")
    found = [document.city for document in tables.read(path, DEMO).assessments]
    assert [city.name for city in found] == [clean_name(alive(name)) for name in written]
    assert [city.slug for city in found] == [_slug(name) for name in names]


@given(texts)
def test_harmless_texts_come_back(text: str) -> None:
    """No text is a formula any more, and every text comes back, apostrophes before it too."""
    assert original(harmless(text)) == text
    assert harmless(text)[:1] not in {*"=+-@\t\r＝＋－＠"}


@given(st.one_of(texts, st.text(alphabet="_x0041F\uffff", max_size=20)))
def test_coded_texts_come_back(text: str) -> None:
    """What the XLSX format cannot hold, or would take for a code, comes back."""
    assert plain(coded(text)) == text
    assert "\uffff" not in coded(text)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_older_version_of_the_benchmark(tmp_path: Path, ending: str) -> None:
    """XLSX keeps the version of the benchmark that was answered; CSV says that it cannot."""
    old = Assessment(
        benchmark=BenchmarkRef(id="demo", version="0.9.0"), city=City(name="X", slug="x"), round="2026", respondents={}
    )
    written = tables.write(tmp_path / f"old.{ending}", [old], DEMO)
    found = tables.read(written.path, DEMO).assessments[0].benchmark.version
    assert (found, bool(written.left_out)) == (("1.0.0", True) if ending == "csv" else ("0.9.0", False))
