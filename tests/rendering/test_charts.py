"""The chart carries role, title and description, and its table the same figures."""

import re

from citygrow_nb import rendering, scoring
from citygrow_nb.model import Benchmark
from tests.factories import assessment_of


def test_chart_names_itself_and_describes_every_factor(benchmark: Benchmark) -> None:
    html = rendering.factors_chart(benchmark, scoring.score(benchmark, assessment_of(benchmark))).html
    ids = re.search(r'role="img" aria-labelledby="(\S+) (\S+)"', html)
    assert ids is not None
    assert f'<title id="{ids[1]}">' in html
    description = re.search(rf'<desc id="{ids[2]}">(.*?)</desc>', html, re.DOTALL)
    assert description is not None
    assert all(factor.short_title in description[1] for factor in benchmark.key_factors)


def test_table_has_a_row_for_every_factor_and_the_whole(benchmark: Benchmark) -> None:
    html = rendering.factors_table(benchmark, scoring.score(benchmark, assessment_of(benchmark))).html
    assert html.count("<tr") == len(benchmark.key_factors) + 2
