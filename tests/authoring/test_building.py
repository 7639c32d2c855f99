"""Workbooks are built from the benchmark alone, readable before anything runs, and made of one-call cells."""

import ast
import json
import re

import mistune
import nbformat
import pytest

from citygrow_nb import authoring
from citygrow_nb.model import Benchmark


def cells(content: bytes) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(content)["cells"]
    return found


def source(cell: dict[str, object]) -> str:
    return "".join(cell["source"])  # type: ignore[arg-type]


@pytest.fixture
def built(benchmark: Benchmark) -> dict[str, bytes]:
    return authoring.build(benchmark)


def test_shipped_benchmark_has_its_workbooks_in_order(benchmark: Benchmark) -> None:
    stems = [name.stem for name in authoring.plan(benchmark)]
    assert stems[0] == "00-start"
    assert stems[1:10] == sorted(stems[1:10])
    assert stems[10:] == ["10-context-factors", "11-agree", "12-results", "13-portfolio", "14-mentoring"]


def test_every_workbook_is_valid_and_has_no_outputs(built: dict[str, bytes]) -> None:
    for content in built.values():
        notebook = nbformat.reads(content.decode(), as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
        assert all(not cell.get("outputs") for cell in notebook.cells)


def test_no_cell_can_be_deleted_or_edited_by_accident(built: dict[str, bytes]) -> None:
    """JupyterLab deletes a cell by `d d` and turns a text into its source by a double click, unless told not to."""
    for content in built.values():
        for cell in cells(content):
            metadata = cell["metadata"]
            assert (metadata["deletable"], metadata["editable"]) == (False, False)  # type: ignore[index,call-overload]


def test_every_workbook_says_that_it_is_one(benchmark: Benchmark, built: dict[str, bytes]) -> None:
    """By this the guide knows which notebooks to look after."""
    for content in built.values():
        told = json.loads(content)
        assert told["metadata"]["citygrow"] == {
            "benchmark": benchmark.id,
            "build": authoring.fingerprint(told["cells"]),
        }


def test_building_twice_gives_the_same_bytes(benchmark: Benchmark, built: dict[str, bytes]) -> None:
    assert authoring.build(benchmark) == built


def test_every_workbook_has_parameters_an_opening_and_cells_of_one_call(built: dict[str, bytes]) -> None:
    for content in built.values():
        code = [cell for cell in cells(content) if cell["cell_type"] == "code"]
        assert code[0]["metadata"]["tags"] == ["parameters"]  # type: ignore[index]
        for cell in code[2:]:
            bring, call = ast.parse(source(cell)).body
            assert ast.unparse(bring) == "from citygrow_nb import workbook"
            assert isinstance(call, ast.Expr)
            assert isinstance(call.value, ast.Call)
        for cell in code:
            assert not any(
                isinstance(node, ast.FunctionDef | ast.If | ast.For) for node in ast.walk(ast.parse(source(cell)))
            )


def test_every_question_stands_in_prose_with_its_levels_hint_and_who_knows(
    benchmark: Benchmark, built: dict[str, bytes]
) -> None:
    for name in authoring.plan(benchmark):
        if name.kind != "factor":
            continue
        prose = "\n".join(source(cell) for cell in cells(built[name.file]) if cell["cell_type"] == "markdown")
        for question in benchmark.factors[name.code].questions:
            for text in (question.text, *question.levels, question.evidence_hint, question.who_knows):
                assert authoring.cells.escaped(text) in prose
        for practice in benchmark.factors[name.code].practices:
            assert all(f"]({link.url})" in prose for link in practice.links)


def test_folded_code_shows_a_line_for_people_who_are_no_programmers(built: dict[str, bytes]) -> None:
    for content in built.values():
        code = [cell for cell in cells(content) if cell["cell_type"] == "code"]
        assert source(code[0]).startswith("# Settings")
        assert all(source(cell).startswith("# Here: ") for cell in code[1:])


def test_what_to_press_stands_before_the_first_code_cell(built: dict[str, bytes]) -> None:
    for content in built.values():
        first = [cell["cell_type"] for cell in cells(content)].index("code")
        assert "*Run All Cells*" in "\n".join(source(cell) for cell in cells(content)[:first])


def test_every_question_has_a_cell_that_links_from_results_can_reach(
    benchmark: Benchmark, built: dict[str, bytes]
) -> None:
    ids = {cell["id"] for content in built.values() for cell in cells(content)}
    assert {code.lower().replace(".", "-") for code in benchmark.questions} <= ids


def test_cell_ids_are_unique_and_say_what_the_cell_is_about(built: dict[str, bytes]) -> None:
    for content in built.values():
        ids = [cell["id"] for cell in cells(content)]
        assert len(ids) == len(set(ids))
    assert "show-question-kf1-q1" in [cell["id"] for cell in cells(built["01-strategy.ipynb"])]


def test_links_between_workbooks_lead_somewhere(built: dict[str, bytes]) -> None:
    for content in built.values():
        text = content.decode()
        for part in text.split("](")[1:]:
            target = part.split(")")[0]
            if target.endswith(".ipynb"):
                assert target in built


def test_nothing_knows_the_shipped_benchmark(tiny: Benchmark) -> None:
    built = authoring.build(tiny)
    assert len(built) == len(tiny.key_factors) + 6
    assert all("migrant" not in content.decode() for content in built.values())


REQUEST = (
    '![a](http://evil.example/p.png)<img/src="http://evil.example/q.png">](http://evil.example/r)\n\n<p>![b]\n[b]: x'
)


def filled_with(value: object, text: str) -> object:
    """Put a text behind every text of people, and into the path of every address."""
    if isinstance(value, dict):
        names = {"code", "id", "publication", "language", "format", "status", "version", "country", "short_title"}
        return {
            name: f"{item}/){text}".replace("\n", "") if name == "url" and item else filled_with(item, text)
            for name, item in value.items()
            if name not in names
        } | {name: value[name] for name in names & value.keys()}
    if isinstance(value, (list, tuple)):
        return [filled_with(item, text) for item in value]
    fixed = not isinstance(value, str) or re.fullmatch(r"[A-Z]*\d*(\.[A-Z]*\d+)*|\d+\.\d+\.\d+|\S*", value)
    return value if fixed else f"{value} {text}"


def test_no_text_and_no_address_of_a_foreign_benchmark_becomes_a_picture_or_markup(benchmark: Benchmark) -> None:
    """JupyterLab would ask a foreign server for a picture as soon as a workbook is opened."""
    foreign = Benchmark.model_validate(filled_with(benchmark.model_dump(mode="json"), REQUEST))
    assert REQUEST.split("\n", maxsplit=1)[0] in foreign.key_factors[0].statement
    for content in authoring.build(foreign).values():
        for cell in cells(content):
            if cell["cell_type"] == "markdown":
                html = str(mistune.html(source(cell)))
                assert not re.search(r"<img|<p>!\[b\]</p>", html, re.IGNORECASE), html
