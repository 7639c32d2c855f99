"""Cities stand side by side by name, never by score."""

from citygrow_nb import rendering, scoring
from citygrow_nb.model import Benchmark, Results
from tests.factories import assessment_of, rated


def results_of(benchmark: Benchmark, name: str, slug: str, level: int) -> Results:
    assessment = assessment_of(benchmark, name=name, slug=slug)
    for code in benchmark.questions:
        assessment = assessment.with_answer(code, rated(level))
    return scoring.results(benchmark, assessment)


def test_order_is_by_name_whatever_the_scores(benchmark: Benchmark) -> None:
    cities = [results_of(benchmark, "Beta", "beta", 3), results_of(benchmark, "Alpha", "alpha", 0)]
    html = rendering.heatmap(benchmark, cities).html
    assert html.index("Alpha") < html.index("Beta")
    assert html == rendering.heatmap(benchmark, cities[::-1]).html


def test_advice_names_who_meets_a_factor_and_for_whom_it_is_a_gap(benchmark: Benchmark) -> None:
    cities = [results_of(benchmark, "Beta", "beta", 3), results_of(benchmark, "Alpha", "alpha", 0)]
    links = {("beta", "2026"): "beta/2026/index.html"}
    html = rendering.advice(benchmark, cities, links).html
    assert html.count('href="beta/2026/index.html"') == len(benchmark.key_factors)
    assert html.count("1 gap") == len(benchmark.key_factors)
