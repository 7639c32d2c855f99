"""Workbook names follow from the benchmark."""

from citygrow_nb.model import Benchmark
from citygrow_nb.plan import factor_files, plan


def test_every_factor_has_its_own_file(benchmark: Benchmark) -> None:
    files = factor_files(benchmark, "html")
    assert list(files) == list(benchmark.factors)
    assert len(set(files.values())) == len(files)


def test_names_are_numbered_without_a_gap(benchmark: Benchmark) -> None:
    assert [int(name.stem[:2]) for name in plan(benchmark)] == list(range(len(benchmark.key_factors) + 6))
