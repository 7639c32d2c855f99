"""The published schemas are those of the models, closed and described, and tell valid documents from broken ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from citygrow_nb import benchmarks, schemas, scoring
from citygrow_nb.exceptions import UsageError
from citygrow_nb.model import (
    Action,
    Alternative,
    Answer,
    Assessment,
    BenchmarkRef,
    City,
    CityFigures,
    ContextReading,
    Evidence,
    Fit,
    Match,
    Matching,
    Mentoring,
    Need,
    Offer,
    Party,
    Portfolio,
    Respondent,
    State,
    Target,
    Unserved,
)
from citygrow_nb.model.run import (
    BenchmarkRecord,
    CityRecord,
    FileRecord,
    OptionsRecord,
    OverviewRecord,
    PortfolioRecord,
    ReportRecord,
    RunManifest,
    ToolkitRecord,
    Totals,
)
from citygrow_nb.schemas import making
from tests.benchmarks.tiny import tiny, tiny_data

NOW = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)


def full_assessment() -> Assessment:
    """Return an assessment that uses every field."""
    level = Answer(
        state=State.RATED,
        level=2,
        comment="two of three",
        evidence=(Evidence(title="Map"), Evidence(title="", url="https://example.org")),
        updated_at=NOW,
    )
    return Assessment(
        benchmark=BenchmarkRef(id="quiet-nights", version="0.3.0"),
        city=City(name="Żabia Góra", slug="zabia-gora", country="PL", population=655_000),
        round="2026",
        respondents={"agreed": Respondent(role="agreed answer"), "econ": Respondent(role="Economy")},
        responses={
            "agreed": {"KF1.Q1": level, "KF1.Q2": Answer(state=State.NOT_APPLICABLE, comment="no page")},
            "econ": {"KF1.Q1": Answer(state=State.DONT_KNOW)},
        },
        context={"CF1": ContextReading(direction=-1, comment="big road", bears_on=("KF2",), updated_at=NOW)},
        actions=(
            Action(
                id="a1",
                what="Measure",
                who="Environment office",
                by_when="2027",
                budget="20,000",
                indicator="streets",
                questions=("KF1.Q1",),
                targets=(Target(code="KF1.Q1", level=2, by="2027-12"),),
                status="under_way",
                with_city="Graz",
                updated_at=NOW,
            ),
        ),
        mentoring=Mentoring(
            offers=(Offer(factor="KF1", capacity=2),),
            needs=(Need(factor="KF2", priority=1),),
            languages=("en", "pl"),
            not_with=("Graz",),
        ),
    )


def matching() -> Matching:
    """Return matches with one of everything."""
    mentor, mentee = (Party(name=name, slug=name.lower(), round="2026") for name in ("Graz", "Bern"))
    fit = Fit(distance=20, context=15, size=0, language=15, urgency=5)
    other = Alternative(mentor=mentee, points=3, reason="less")
    match = Match(
        factor="KF1", mentor=mentor, mentee=mentee, priority=1, fit=fit, reasons=("Because.",), alternatives=(other,)
    )
    alone = Unserved(factor="KF2", mentee=mentee, priority=2, reason="nobody")
    return Matching(
        benchmark="quiet-nights",
        benchmark_version="0.3.0",
        cities=2,
        offering=1,
        matches=(match,),
        unserved=(alone,),
        total=55,
        notes=("Look.",),
    )


def run() -> RunManifest:
    """Return the record of a run in which one city succeeded and one failed."""
    file = FileRecord(name="index.html", size=5, sha256="ab")
    record = CityRecord(
        benchmark="quiet-nights",
        city="zabia-gora",
        name="Żabia Góra",
        round="2026",
        source="answers/zabia-gora/2026.json",
        document_sha256="cd",
        status="made",
        seconds=1.5,
    )
    return RunManifest(
        citygrow="0.1.0",
        python="3.11.7",
        libraries={"papermill": "2.7.0"},
        options=OptionsRecord(sources=("answers",), jobs=2, engine="kernel"),
        started_at=NOW,
        cities=(record, record.model_copy(update={"round": "2027", "status": "failed", "reason": "no"})),
        toolkits=(
            ToolkitRecord(
                benchmark=BenchmarkRecord(id="quiet-nights", version="0.3.0", sha256="ef"),
                shaped_by="ab",
                portfolio=PortfolioRecord(status="made", cities=1, files=(file,)),
            ),
        ),
        overview=OverviewRecord(status="made", front_sha256="ab", cities={"zabia-gora": "cd"}),
        totals=Totals(cities=2, made=1, unchanged=0, failed=1, files=2, bytes=10, seconds=3),
    )


def report() -> ReportRecord:
    """Return the record of one report."""
    return ReportRecord(
        citygrow="0.1.0",
        libraries={"papermill": "2.7.0"},
        benchmark=BenchmarkRecord(id="quiet-nights", version="0.3.0", sha256="ef"),
        shaped_by="ab",
        document_sha256="cd",
        figures=CityFigures.of(scoring.results(tiny(), full_assessment())),
        files=(FileRecord(name="index.html", size=5, sha256="ab"),),
    )


def portfolio() -> Portfolio:
    """Return what a portfolio of one city shows."""
    return Portfolio(benchmark=full_assessment().benchmark, cities=(report().figures,))


def documents() -> dict[str, dict[str, Any]]:
    """Return a full valid document for each schema."""
    return {
        "assessment": json.loads(full_assessment().model_dump_json()),
        "benchmark": tiny_data(),
        "mentoring": json.loads(matching().model_dump_json()),
        "portfolio": json.loads(portfolio().model_dump_json()),
        "report": json.loads(report().model_dump_json()),
        "run": json.loads(run().model_dump_json()),
        "results": json.loads(scoring.results(tiny(), full_assessment()).model_dump_json()),
    }


def faults(name: str, document: object) -> list[str]:
    validator = Draft202012Validator(json.loads(schemas.text(name)))
    return [error.message for error in validator.iter_errors(document)]


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and every schema inside it."""
    if isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            # Their keys are names of fields, not words of JSON Schema.
            inner = value.values() if key in {"properties", "patternProperties", "$defs"} else [value]
            for item in inner:
                yield from parts(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from parts(item)


def test_published_schemas() -> None:
    """These documents have schemas; one that is made is also committed, and one that is committed is also made."""
    assert schemas.names() == ("assessment", "benchmark", "mentoring", "portfolio", "report", "results", "run")
    assert set(schemas.names()) == set(making.PUBLISHED)
    assert {path.name for path in schemas.FOLDER.glob("*.json")} == {
        making.file_name(name) for name in making.PUBLISHED
    }


@pytest.mark.parametrize("name", making.PUBLISHED)
def test_committed_schema_is_what_the_model_says(name: str) -> None:
    """After a change of the model: ``python -m citygrow_nb.schemas``."""
    assert schemas.text(name) == making.make(name)


@pytest.mark.parametrize("name", making.PUBLISHED)
def test_schema_says_what_it_is(name: str) -> None:
    """Draft 2020-12, valid as such, with an id that names document and version, and the version of its document."""
    schema = json.loads(schemas.text(name))
    Draft202012Validator.check_schema(schema)
    version = making.PUBLISHED[name].version
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:citygrow:schema:{name}:{version}"
    constants = {field: part["const"] for field, part in schema["properties"].items() if "const" in part}
    assert constants.pop("format") == f"citygrow-{name}"
    assert list(constants.values()) == [version]
    assert {"format", *constants} <= set(schema["required"])


@pytest.mark.parametrize("name", making.PUBLISHED)
def test_schema_is_closed(name: str) -> None:
    """No object takes a field that the schema does not name; a map with free keys still says what they hold."""
    objects = [part for part in parts(json.loads(schemas.text(name))) if part.get("type") == "object"]
    assert objects
    for part in objects:
        more = part.get("additionalProperties")
        assert more is False or (isinstance(more, dict) and more and "properties" not in part), part


@pytest.mark.parametrize("name", making.PUBLISHED)
def test_every_field_is_described(name: str) -> None:
    """Whoever has only the schema can fill in a document."""
    silent = [
        (part.get("description"), field)
        for part in parts(json.loads(schemas.text(name)))
        for field, inner in part.get("properties", {}).items()
        # Conditions repeat fields that are described where they are defined.
        if part.get("type") == "object" and not inner.get("description", "").strip()
    ]
    assert silent == []


@pytest.mark.parametrize("name", making.PUBLISHED)
def test_valid_document(name: str) -> None:
    """A document that uses every field has no faults."""
    assert faults(name, documents()[name]) == []


def test_shipped_benchmark_is_valid() -> None:
    """What ships keeps to its own schema."""
    shipped = benchmarks.load(next(iter(benchmarks.shipped().values())))
    assert faults("benchmark", json.loads(benchmarks.dump(shipped))) == []


def test_smallest_assessment_is_valid() -> None:
    """Fields with a default may be left out by hand."""
    small = {
        "format": "citygrow-assessment",
        "version": 1,
        "benchmark": {"id": "quiet-nights", "version": "0.3.0"},
        "city": {"name": "Żabia Góra", "slug": "zabia-gora"},
        "round": "2026",
    }
    assert faults("assessment", small) == []
    assert Assessment.model_validate(small).responses == {}


REMOVED = object()
ANSWER = ("responses", "agreed", "KF1.Q1")


@pytest.mark.parametrize(
    ("name", "steps", "value"),
    [
        ("assessment", ("format",), REMOVED),
        ("assessment", ("version",), 2),
        ("assessment", ("extra",), 1),
        ("assessment", ("city", "mayor"), "x"),
        ("assessment", ("city", "slug"), "Żabia Góra"),
        ("assessment", ("city", "country"), "PL1"),
        ("assessment", ("city", "population"), -1),
        ("assessment", ("round",), "2026/27"),
        ("assessment", ("responses", "Econ Dept"), {}),
        ("assessment", ("responses", "a" * 65), {}),
        ("assessment", ("responses", "agreed", "KF1.Q01"), {"state": "dont_know"}),
        ("assessment", (*ANSWER, "state"), "maybe"),
        ("assessment", (*ANSWER, "state"), "dont_know"),
        ("assessment", (*ANSWER, "level"), 4),
        ("assessment", (*ANSWER, "level"), True),
        ("assessment", (*ANSWER, "level"), None),
        ("assessment", (*ANSWER, "level"), REMOVED),
        ("assessment", (*ANSWER, "evidence", 0, "title"), ""),
        ("assessment", (*ANSWER, "evidence", 0), {"url": "https://example.org"}),
        ("assessment", ("responses", "agreed", "KF1.Q2", "comment"), REMOVED),
        ("assessment", ("responses", "agreed", "KF1.Q2", "comment"), ""),
        ("assessment", ("context", "CF1", "direction"), 3),
        ("assessment", ("context", "CF1", "score"), 3),
        ("assessment", ("context", "KF1"), {}),
        ("assessment", ("actions", 0, "what"), REMOVED),
        ("benchmark", ("key_factors", 0, "questions", 0, "levels", 3), REMOVED),
        ("benchmark", ("key_factors", 0, "short_title"), "x" * 29),
        ("benchmark", ("key_factors", 0, "practices", 0, "links", 0, "href"), "https://example.org"),
        ("benchmark", ("scale", "weights", "KF1"), 0),
        ("benchmark", ("scale", "weights", "kf1"), 1),
        ("benchmark", ("scale", "directions", 4), REMOVED),
        ("benchmark", ("publications",), []),
        ("results", ("scorecard", "score"), REMOVED),
        ("results", ("scorecard", "score"), 101),
        ("results", ("scorecard", "factors", 0, "standing"), "best"),
        ("results", ("scorecard", "rank"), 1),
        ("report", ("shaped_by",), REMOVED),
        ("report", ("figures", "met"), -1),
        ("report", ("files", 0, "seconds"), 1),
        ("run", ("cities", 0, "reason"), REMOVED),
        ("run", ("cities", 0, "status"), "skipped"),
        ("run", ("totals", "cities"), -1),
        ("run", ("libraries", "papermill"), 2.7),
    ],
)
def test_broken_document(name: str, steps: tuple[str | int, ...], value: object) -> None:
    """What the model refuses, the schema refuses as well, so that others can check before they send."""
    document = documents()[name]
    holder: Any = document
    for step in steps[:-1]:
        holder = holder[step]
    if value is REMOVED:
        del holder[steps[-1]]
    else:
        holder[steps[-1]] = value
    assert faults(name, document) != []
    # What programs write must be complete; what they read may leave out what has a default.
    if value is not REMOVED or (making.PUBLISHED[name].written_by == "person" and steps != ("format",)):
        with pytest.raises(ValueError):
            making.PUBLISHED[name].model.model_validate_json(json.dumps(document))


def test_schema_is_found_by_name() -> None:
    """An unknown name is wrong use, and the sentence lists those that exist."""
    with pytest.raises(UsageError) as caught:
        schemas.text("assesment")
    assert str(caught.value).startswith("schema “assesment”: there is no such schema; allowed: assessment, benchmark")


def test_newest_version_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older versions stay published; 10 comes after 9."""
    for version in (1, 9, 10):
        (tmp_path / f"thing.v{version}.json").write_text(str(version), encoding="utf-8")
    monkeypatch.setattr(schemas, "FOLDER", tmp_path)
    assert schemas.names() == ("thing",)
    assert schemas.text("thing") == "10"
