"""Answers and scores as pandas tables: one row one thing, and nobody who answered as a person is in them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from citygrow_nb import answers, benchmarks, scoring, workbook
from citygrow_nb.exceptions import UsageError
from citygrow_nb.model import Answer, Assessment, Benchmark, Group, State
from citygrow_nb.workbook import frames
from citygrow_nb.workspace import Workspace
from tests.factories import assessment_of, rated

pandas = pytest.importorskip("pandas", reason="the extra [analysis] is not installed")


def answered(tiny: Benchmark, label: str, level: int) -> Assessment:
    made = assessment_of(tiny, "Żabia Góra", "zabia-gora").model_copy(update={"round": label})
    made = made.with_answer("KF1.Q1", rated(level, "words"))
    made = made.with_answer("KF1.Q2", Answer(state=State.DONT_KNOW))
    made = made.with_respondent("office", "Transport office")
    made = made.with_respondent("guest", "Transport office", from_city="Nebelheim")
    made = made.with_answer("KF1.Q1", rated(2, updated_at="9999-12-31T23:00:00-05:00"), "office").with_answer(
        "KF1.Q1", rated(0), "guest"
    )
    group = Group(role="Founders", code="KF1.Q1", levels=(1, 2, 2, 0), comments=("what one person wrote",))
    return made.model_copy(update={"groups": (group,)})


@pytest.fixture
def here(tmp_path: Path, tiny: Benchmark) -> Workspace:
    """Return a workspace with a city in two rounds."""
    workspace = Workspace(tmp_path)
    for folder in (workspace.outputs, workspace.benchmarks):
        folder.mkdir()
    (workspace.benchmarks / f"{tiny.id}.json").write_bytes(benchmarks.dump(tiny))
    for label, level in (("2024", 1), ("2026", 3)):
        path = workspace.document(tiny.id, "zabia-gora", label)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(answers.dump(answered(tiny, label, level)))
    return workspace


@pytest.fixture
def book(here: Workspace, tiny: Benchmark) -> workbook.Workbook:
    """Return the open book on the later round."""
    return workbook.open_workbook(tiny.id, city="zabia-gora", round="2026", form=False, folder=here.root)


def test_answers_have_a_row_for_each_voice(book: workbook.Workbook, tiny: Benchmark) -> None:
    """Codes and words, whole numbers that may be missing, levels in order; persons only as a group."""
    frame = book.answers_frame()
    first = frame[frame["code"] == "KF1.Q1"].set_index("kind")
    assert list(first.index) == ["agreed", "reviewer", "institution", "group"]
    assert first["role"].iloc[1:].tolist() == ["Transport office (Nebelheim)", "Transport office", "Founders"]
    assert pandas.isna(first["voice"]["group"])
    assert first["people"].isna().tolist() == [True, True, True, False]
    agreed, group = first.loc["agreed"], first.loc["group"]
    assert (agreed["level"], agreed["level_name"], agreed["state"]) == (3, tiny.scale.levels[3].name, "rated")
    assert (agreed["comment"], agreed["round"], agreed["factor"]) == ("words", "2026", "KF1")
    assert agreed["title"] == tiny.factors["KF1"].short_title
    assert agreed["question"] == tiny.questions["KF1.Q1"].text
    assert pandas.isna(group["level"])
    assert (group["people"], group["mean_level"], group["role"]) == (5, 1.2, "Founders")
    unknown = frame[frame["code"] == "KF1.Q2"].iloc[0]
    assert unknown["state"] == "dont_know"
    assert pandas.isna(unknown["level"])
    kinds = {column: str(kind) for column, kind in frame.dtypes.items()}
    assert kinds.pop("level_name") == "category"
    assert kinds.pop("updated_at") == "datetime64[us, UTC]"
    assert (kinds.pop("level"), kinds.pop("people"), kinds.pop("mean_level")) == ("Int64", "Int64", "Float64")
    assert set(kinds.values()) <= {"string", "str"}
    assert (frame["level_name"] >= tiny.scale.levels[2].name).sum() == 2


def test_scores_have_a_row_for_each_key_factor(book: workbook.Workbook, tiny: Benchmark) -> None:
    """The figures are those of the scorecard, and standings can be compared."""
    frame = book.scores_frame()
    card = scoring.score(tiny, book.assessment)
    assert list(frame["factor"]) == [factor.code for factor in card.factors]
    assert [None if pandas.isna(score) else score for score in frame["score"]] == [each.score for each in card.factors]
    assert list(frame["standing"]) == [str(each.standing) for each in card.factors]
    assert frame["standing"].cat.ordered
    assert list(frame["standing"].cat.categories) == ["not_applicable", "unknown", "gap", "close", "met"]
    assert not frame["standing_words"].isna().any()
    assert list(book.scores_frame("all")["round"].unique()) == ["2024", "2026"]
    with pytest.raises(UsageError, match="no such choice; allowed: this, all"):
        book.scores_frame("next")  # type: ignore[arg-type]


def test_all_cities_of_a_folder(here: Workspace, tiny: Benchmark) -> None:
    """With what cannot be read named beside; persons give no row, neither in their own file nor in an old document."""
    old = json.loads(here.document(tiny.id, "zabia-gora", "2024").read_bytes())
    old["respondents"]["p1"] = {"role": "secret"}
    old["responses"]["p1"] = {"KF1.Q1": {"state": "rated", "level": 0, "comment": "secret"}}
    here.document(tiny.id, "zabia-gora", "2024").write_text(json.dumps(old), encoding="utf-8")
    (here.answers / tiny.id / "zabia-gora" / "2026.persons.json").write_text('{"secret": 1}', encoding="utf-8")
    bad = here.document(tiny.id, "zz-bad", "2026")
    bad.parent.mkdir()
    bad.write_bytes(b"{")
    for make in (workbook.answers_frame, workbook.scores_frame):
        frame = make(here.answers, benchmark=tiny.id)
        assert set(frame["round"]) == {"2024", "2026"}
        assert set(frame["city"]) == {"zabia-gora"}
        assert ["zz-bad" in said for said in frame.attrs["left_out"]] == [True]
        assert "secret" not in frame.to_csv()
        assert "what one person wrote" not in frame.to_csv()


def test_folder_that_is_no_workspace_is_a_sentence(tmp_path: Path, tiny: Benchmark) -> None:
    """Not a table without rows, which would be taken for an answer."""
    with pytest.raises(UsageError, match="this is no workspace"):
        workbook.scores_frame(tmp_path, benchmark=tiny.id)


def test_levels_that_share_a_name_stay_apart(tiny: Benchmark) -> None:
    """By their number; a toolkit may call two alike."""
    levels = tuple(level.model_copy(update={"name": "begun"}) for level in tiny.scale.levels)
    alike = tiny.model_copy(update={"scale": tiny.scale.model_copy(update={"levels": levels})})
    frame = frames.frame_of_answers(alike, [answered(tiny, "2026", 3)])
    assert frame["level_name"].dropna().tolist() == ["3 begun", "2 begun", "0 begun"]


def test_no_answers_is_an_empty_table_of_the_same_columns(tiny: Benchmark, book: workbook.Workbook) -> None:
    """So what is written for one city works for one that has answered nothing."""
    empty = frames.frame_of_answers(tiny, [])
    full = book.answers_frame()
    assert len(empty) == 0
    assert list(empty.columns) == list(full.columns)
    assert list(empty.dtypes) == list(full.dtypes)


def test_without_pandas_it_is_said_what_to_install(book: workbook.Workbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing else of the package needs it."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r'pip install "citygrow-nb\[analysis\]"'):
        book.answers_frame()
    script = "import sys; import citygrow_nb.workbook; print({'pandas', 'numpy', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
