"""Peer review: the view of reviewers from other cities beside the city's own."""

from citygrow_nb.model import Benchmark
from citygrow_nb.rendering.peers import peer_review
from tests.factories import assessment_of, rated


def test_both_views_stand_side_by_side(benchmark: Benchmark) -> None:
    code = next(iter(benchmark.questions))
    made = assessment_of(benchmark).with_answer(code, rated(3))
    assert peer_review(benchmark, made) is None
    made = made.with_respondent("porto", "Unit <b>", kind="institution", from_city="Porto").with_answer(
        code, rated(1), "porto"
    )
    view = peer_review(benchmark, made)
    assert view is not None
    for words in ("Unit &lt;b&gt;", "Porto", "the city 3, reviewers 1"):
        assert words in view.html
    assert view.text.splitlines()[0].endswith("100, 33")
