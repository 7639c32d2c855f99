"""What a meeting sees, and its minutes."""

from citygrow_nb import rendering, scoring
from citygrow_nb.model import Assessment, Benchmark, Group, Meeting
from tests.factories import assessment_of, dont_know, rated


def differing(benchmark: Benchmark, code: str) -> Assessment:
    made = assessment_of(benchmark)
    for key, answer in (("econ", rated(0, "<i>Nothing</i>")), ("jobs", rated(3)), ("bank", dont_know())):
        made = made.with_respondent(key, f"The {key}", kind="institution").with_answer(code, answer, key)
    group = Group(role="founder", code=code, levels=(3, 3, 0, 0))
    return made.model_copy(update={"groups": (group,)})


def test_who_chose_what_stands_under_each_level(benchmark: Benchmark) -> None:
    code = next(iter(benchmark.questions))
    html = rendering.side_by_side(benchmark, differing(benchmark, code), code).html
    columns = html.split("<li><p>")[1:]
    assert len(columns) == 4
    for column, names in zip(columns, (("The econ", "●●●"), ("●●●",), (), ("The jobs",)), strict=True):
        assert all(name in column.split("</ol>")[0] for name in names)
    assert "The jobs" not in columns[0]
    assert "The bank" in html.split("</ol>")[1]
    assert "&lt;i&gt;Nothing" in html
    agreed = scoring.agreed_over_voices(differing(benchmark, code).with_answer(code, rated(1)))
    chosen = rendering.side_by_side(benchmark, agreed, code).html.split('class="cg-chosen"')[1]
    assert chosen.index("agreed") < chosen.index("The")


def test_minutes_say_who_met_what_was_agreed_and_what_is_left(benchmark: Benchmark) -> None:
    first, second = list(benchmark.questions)[:2]
    made = differing(benchmark, first)
    assert rendering.minutes(benchmark, made).text == "0 meetings, 0 agreed, 1 left"
    made = scoring.agreed_over_voices(made.with_answer(first, rated(2, "Because.")))
    made = made.with_answer(second, rated(1, "Nobody else answered."))
    made = made.model_copy(update={"meetings": {"a": Meeting(held_on="Monday", present="A <b>\nB"), "b": Meeting()}})
    fragment = rendering.minutes(benchmark, made)
    assert fragment.text == "1 meetings, 1 agreed, 0 left"
    for words in ("Monday", "A &lt;b&gt;", "Because.", "0, 3, 0.5", "Nothing is left"):
        assert words in fragment.html
    assert "Nobody else answered" not in fragment.html
