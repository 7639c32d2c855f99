"""What fewer than five persons answered cannot be found out from any file of a run, whatever one knows oneself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from citygrow_nb.answers import AnswerStore
from citygrow_nb.model import Action, Answer, Assessment, Benchmark, Mentoring, Need, Offer, Target
from citygrow_nb.scoring import score
from citygrow_nb.workspace import Workspace
from tests.factories import assessment_of, dont_know, rated

Said = dict[str, Answer | None]


def a_city(benchmark: Benchmark, other: Said, label: str) -> Assessment:
    """Return a city with two institutions, an agreed answer, myself, and one other person."""
    codes = list(benchmark.questions)
    made = assessment_of(benchmark, round_label=label).with_answer(
        codes[0], rated(2, updated_at="2026-01-01T10:00:00Z")
    )
    goal = Target(code=codes[2], level=2, by="2026-12")
    plan = Action.model_validate({"id": "a", "what": "Ask", "targets": (goal,), "updated_at": "2026-01-01T10:00:00Z"})
    wishes = Mentoring(needs=tuple(Need(factor=code) for code in benchmark.factors), languages=("en",))
    made = made.model_copy(update={"actions": (plan,), "mentoring": wishes})
    for key, level in (("econ", 1), ("jobs", 2)):
        made = made.with_respondent(key, f"The {key}", kind="institution")
        made = made.with_answer(codes[1], rated(level, updated_at="2026-01-02T10:00:00Z"), key)
    made = made.with_respondent("me", "Citizen").with_respondent("other", "Founder")
    for code in codes[:4]:
        made = made.with_answer(code, rated(1, "Mine.", updated_at="2026-01-03T10:00:00Z"), "me")
    for code, answer in other.items():
        made = made.with_answer(code, answer, "other") if answer else made
    return made


def told(*levels: int | None, comment: str = "") -> Callable[[Benchmark], Said]:
    """Return what the other person said to the questions from the third on."""
    when = f"2026-02-0{1 + len(comment) % 8}T10:00:00Z"

    def said(benchmark: Benchmark) -> Said:
        codes = list(benchmark.questions)[2:]
        return {
            code: None if level is None else rated(level, comment, updated_at=when)
            for code, level in zip(codes, levels, strict=False)
        }

    return said


def files(root: Path, benchmark: Benchmark, said: Callable[[Benchmark], Said]) -> dict[str, bytes]:
    """Make all reports of two rounds, and return every file."""
    store = AnswerStore(Workspace(root), benchmark)
    (root / "outputs").mkdir(parents=True)
    for label in ("2024", "2025", "2026"):
        store.create(a_city(benchmark, said(benchmark), label))
    # One that could mentor it, so that there are pages on that, too.
    helper = assessment_of(benchmark, "Helper", "helper")
    for code in benchmark.questions:
        helper = helper.with_answer(code, rated(3, updated_at="2026-01-01T10:00:00Z"))
    offers = tuple(Offer(factor=code) for code in benchmark.factors)
    store.create(helper.model_copy(update={"mentoring": Mentoring(offers=offers)}))
    command = [sys.executable, "-m", "citygrow_nb", "batch", "--jobs", "1"]
    subprocess.run(command, cwd=root, check=True, env=os.environ, capture_output=True)
    out = root / "outputs"
    here = str(root).encode()
    return {
        path.relative_to(out).as_posix(): path.read_bytes().replace(here, b"")
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_every_file_is_the_same_whatever_the_other_person_said(tmp_path: Path, benchmark: Benchmark) -> None:
    """Levels, comments, times and questions of the other differ, the score of the key factor is the same."""
    size = len(benchmark.key_factors[0].questions)
    assert size >= 5
    first = told(0, 2, comment="Secret")
    others = [told(2, 0), told(1, 1, comment="Other secret"), told(None, 1), told(1, None, comment="x")]
    wanted = score(benchmark, a_city(benchmark, first(benchmark), "2026")).factors[0].score
    same = [
        said
        for said in others
        if score(benchmark, a_city(benchmark, said(benchmark), "2026")).factors[0].score == wanted
    ]
    assert len(same) == len(others)
    one = files(tmp_path / "0", benchmark, first)
    assert f"{benchmark.id}/mentoring.html" in one
    assert not [name for name, content in one.items() if b"Secret" in content or b"Founder" in content]
    for number, said in enumerate(same, start=1):
        two = files(tmp_path / str(number), benchmark, said)
        differing = {name for name in one if _timeless(one[name]) != _timeless(two[name])}
        assert (set(one), differing) == (set(two), set())


def _timeless(content: bytes) -> bytes:
    """Leave out when and how quickly a run was: that says nothing of a city."""
    lines = content.split(b"\n")
    return b"\n".join(line for line in lines if not line.strip().startswith((b'"started', b'"seconds', b'"finished')))


def test_answer_of_a_person_is_in_no_fingerprint(benchmark: Benchmark) -> None:
    from citygrow_nb.scoring import has_few_persons

    made = a_city(benchmark, {"KF1.Q3": dont_know()}, "2026")
    assert has_few_persons(made)
    assert not has_few_persons(assessment_of(benchmark).with_answer("KF1.Q1", rated(1)))
    for number in range(3):
        made = made.with_answer("KF1.Q1", rated(1), f"more-{number}")
    assert not has_few_persons(made)
