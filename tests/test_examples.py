"""The example cities: they load, they show what their README promises, and nobody can take them for real."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from citygrow_nb import answers, benchmarks, drafting, matching, scoring, tables
from citygrow_nb.model import AGREED, Answer, Assessment, Benchmark, FactorResult, Standing, State
from citygrow_nb.slugs import slugify

EXAMPLES = Path(__file__).parent.parent / "examples"
COMPLETE = EXAMPLES / "port-imaginary.json"
HALF = EXAMPLES / "fictionford.xlsx"
BEGUN = EXAMPLES / "nowhere-on-sea.csv"
ARABIC = EXAMPLES / "whh-lkhyl.json"
CITIES = (COMPLETE, HALF, BEGUN, ARABIC)
EARLIER = tuple(EXAMPLES / f"port-imaginary-{year}.json" for year in (2022, 2024))
SECOND = ("bookham", "fictionford", "port-imaginary")

RESERVED_DOMAINS = {"example.org", "example.net"}
INVENTED_NAME = re.compile("imaginary|fiction|nowhere|الخيال", flags=re.IGNORECASE)
INVENTED_SENTENCE = re.compile("invented city|مدينة مُختلَقة")

each_city = pytest.mark.parametrize("path", CITIES, ids=lambda path: path.stem)


@cache
def benchmark() -> Benchmark:
    return benchmarks.load(benchmarks.find("migrant-entrepreneurs", None))


@cache
def read(path: Path) -> Assessment:
    """Read one example as citygrow itself does; raise if anything is wrong with it."""
    if path.suffix == ".json":
        return answers.parse(path.read_bytes(), path.name, benchmark())
    reading = tables.read(path, benchmark())
    assert reading.problems == ()
    (assessment,) = reading.assessments
    return assessment


def given(assessment: Assessment) -> Iterator[tuple[str, str, Answer]]:
    for respondent, answered in assessment.responses.items():
        for code, answer in answered.items():
            yield respondent, code, answer


def others(assessment: Assessment, code: str) -> list[Answer]:
    return [answer for respondent, asked, answer in given(assessment) if asked == code and respondent != AGREED]


def agreed(assessment: Assessment) -> dict[str, Answer]:
    return assessment.responses.get(AGREED, {})


def factors(assessment: Assessment) -> tuple[FactorResult, ...]:
    return scoring.score(benchmark(), assessment).factors


def standings(assessment: Assessment) -> set[Standing]:
    return {factor.standing for factor in factors(assessment)}


def texts(assessment: Assessment) -> Iterator[str]:
    """Yield every sentence that somebody in the city wrote."""
    yield from (answer.comment for _, _, answer in given(assessment) if answer.comment)
    yield from (reading.comment for reading in assessment.context.values() if reading.comment)
    yield from (action.what for action in assessment.actions)


# --- all of them ----------------------------------------------------------------------------------------------------


def test_folder_holds_nothing_else() -> None:
    """A batch over the folder meets these cities and no other source."""
    others = {"README.md", "toolkit.txt", "benchmark", "expected.csv", *(f"{city}-libraries.json" for city in SECOND)}
    others |= {path.name for path in EARLIER}
    assert {path.name for path in EXAMPLES.iterdir() if path.name[0] != "."} == {
        *(path.name for path in CITIES),
        *others,
    }


def test_complete_city_has_rounds_that_show_a_trend_and_a_plan_that_is_followed_up() -> None:
    """In the report of today something went up, and of the targets of the last plan some were reached and some not."""
    rounds = [*map(read, EARLIER), read(COMPLETE)]
    assert [item.round for item in rounds] == ["2022", "2024", "2026"]
    assert {item.city.slug for item in rounds} == {"port-imaginary"}
    for path, item in zip(EARLIER, rounds, strict=False):
        assert answers.dump(item) == path.read_bytes()
        assert INVENTED_SENTENCE.search(agreed(item)["KF1.Q1"].comment)
    trend = scoring.trend(benchmark(), rounds)
    assert trend is not None
    assert "up" in {line.direction for line in trend.factors}
    found = {item.reached for item in scoring.follow_up(rounds[1], rounds[2])}
    assert len(found) > 1


def test_some_cities_help_and_some_need_help() -> None:
    """Somebody can be matched, and some need nobody serves."""
    network = matching.Network(matching.Member.of(benchmark(), read(path)) for path in CITIES)
    found = matching.Pairing(benchmark(), network).matching()
    assert found.matches
    assert found.unserved
    assert not found.notes


def test_one_expected_city_never_answered() -> None:
    found, problems = tables.expected_cities(EXAMPLES / "expected.csv")
    assert problems == ()
    told = [scoring.figures(benchmark(), read(path)) for path in CITIES]
    waiting = [item.name for item in scoring.statuses(benchmark(), told, "2026", found) if item.begun == "not_begun"]
    assert waiting == ["Atlantis Imaginary"]


def test_second_toolkit_is_sound_and_answered() -> None:
    """Its answers are read with its own benchmark; two of the cities have answered the first one, too."""
    second = benchmarks.load(EXAMPLES / "benchmark" / "neighbourhood-libraries")
    assert not second.is_draft
    slugs = set()
    for city in SECOND:
        path = EXAMPLES / f"{city}-libraries.json"
        slugs.add(answers.parse(path.read_bytes(), path.name, second).city.slug)
    assert slugs == set(SECOND)
    assert {"port-imaginary", "fictionford"} <= slugs & {read(path).city.slug for path in CITIES}


def test_text_of_the_second_toolkit_is_what_was_drafted() -> None:
    """The document beside it gives the same factors and questions, so that anyone can repeat the draft."""
    toolkit = drafting.understand(drafting.read(EXAMPLES / "toolkit.txt"))
    second = benchmarks.load(EXAMPLES / "benchmark" / "neighbourhood-libraries")
    assert [factor.title for factor in toolkit.factors] == [factor.title for factor in second.key_factors]
    assert [len(factor.parts) for factor in toolkit.factors] == [len(f.questions) for f in second.key_factors]
    assert [len(item.parts) for item in toolkit.contexts] == [len(item.prompts) for item in second.context_factors]


@each_city
def test_is_read_without_a_problem(path: Path) -> None:
    """The production loader takes the file as it is, for this benchmark and the round 2026."""
    assessment = read(path)
    assert (assessment.benchmark.id, assessment.round) == (benchmark().id, "2026")


@each_city
def test_file_is_named_after_the_report_folder(path: Path) -> None:
    """The file's name is the city's slug, and the slug is the one that any table with this name would get."""
    city = read(path).city
    assert path.stem == city.slug == slugify(city.name)


@pytest.mark.parametrize("path", [COMPLETE, ARABIC], ids=lambda path: path.stem)
def test_document_is_as_citygrow_writes_it(path: Path) -> None:
    """Saving an example without a change leaves the file as it is."""
    assert answers.dump(read(path)) == path.read_bytes()


@each_city
def test_answers_fit_the_questions_asked_today(path: Path) -> None:
    """No example answers a retired question."""
    assert {code for _, code, _ in given(read(path))} <= set(benchmark().questions)


def test_every_standing_can_be_seen() -> None:
    """The reports of the examples together show met, close, gap and unknown."""
    assert set.union(*map(standings, map(read, CITIES))) == {
        Standing.MET,
        Standing.CLOSE,
        Standing.GAP,
        Standing.UNKNOWN,
    }


# --- invented, and plainly so ---------------------------------------------------------------------------------------


@each_city
def test_name_says_that_the_city_is_invented(path: Path) -> None:
    """A page that shows no more than the name can't be taken for a real city's, and claims no real country."""
    city = read(path).city
    assert INVENTED_NAME.search(city.name)
    assert city.country is None


@pytest.mark.parametrize("path", [COMPLETE, HALF, ARABIC], ids=lambda path: path.stem)
def test_first_comment_says_that_the_city_is_invented(path: Path) -> None:
    """Whoever reads the first answer learns that nothing here is real."""
    first = next(iter(benchmark().questions))
    assert INVENTED_SENTENCE.search(agreed(read(path))[first].comment)


def test_readme_says_that_all_are_invented() -> None:
    """The README names every city and file, and says first that they are invented."""
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert "All cities here are invented." in readme.splitlines()[2]
    for path in CITIES:
        assert path.name in readme
        assert read(path).city.name in readme


@pytest.mark.parametrize("path", [COMPLETE, HALF, ARABIC], ids=lambda path: path.stem)
def test_links_lead_to_reserved_domains(path: Path) -> None:
    """Evidence links only to domains that are reserved for examples, and some does link."""
    assessment = read(path)
    links = [urlsplit(proof.url) for _, _, answer in given(assessment) for proof in answer.evidence if proof.url]
    assert links
    assert {link.scheme for link in links} == {"https"}
    assert {".".join((link.hostname or "").split(".")[-2:]) for link in links} <= RESERVED_DOMAINS


@each_city
def test_no_link_hides_in_a_text(path: Path) -> None:
    """Comments and actions name no web address and no mailbox."""
    assert [text for text in texts(read(path)) if re.search(r"https?:|www\.|@", text)] == []


# --- what each of them shows ----------------------------------------------------------------------------------------


def test_complete_city_answers_everything() -> None:
    """Port Imaginary has an agreed, rated answer with comment and evidence to every question."""
    answered = agreed(read(COMPLETE))
    assert set(answered) == set(benchmark().questions)
    assert [
        code for code, answer in answered.items() if answer.level is None or not (answer.comment and answer.evidence)
    ] == []


def test_complete_city_reads_every_context_factor() -> None:
    """Port Imaginary says of every context factor which way it works, why, and on which key factors it bears."""
    context = read(COMPLETE).context
    assert set(context) == set(benchmark().contexts)
    assert [code for code, r in context.items() if r.direction is None or not (r.comment and r.bears_on)] == []
    assert {reading.direction for reading in context.values()} == {-2, -1, 0, 1, 2}


def test_complete_city_is_strong_and_weak() -> None:
    """Port Imaginary has key factors that are met, close and a gap, and none that is unknown."""
    assert standings(read(COMPLETE)) == {Standing.MET, Standing.CLOSE, Standing.GAP}


def test_complete_city_misses_one_standing_by_a_single_zero() -> None:
    """One key factor of Port Imaginary scores high enough to be met, and is not, because of one question at level 0."""
    enough = benchmark().scale.thresholds.met_lower_bound
    missed = [f for f in factors(read(COMPLETE)) if (f.lower or 0) >= enough and f.standing is not Standing.MET]
    assert [sum(question.level == 0 for question in factor.questions) for factor in missed] == [1]


@pytest.mark.parametrize("path", [COMPLETE, HALF, ARABIC], ids=lambda path: path.stem)
def test_actions_are_whole_and_serve_weak_questions(path: Path) -> None:
    """Each action says what, who, by when, with what money and how one will see it, for questions below level 3."""
    assessment = read(path)
    assert len(assessment.actions) >= (4 if path is COMPLETE else 2)
    for action in assessment.actions:
        assert all((action.what, action.who, action.by_when, action.budget, action.indicator, action.questions))
        assert [c for c in action.questions if scoring.question_result(c, assessment).level == 3] == []


def test_half_city_is_half_answered() -> None:
    """About half of Fictionford's questions are rated or do not apply; the rest nobody knows or nobody has answered."""
    scorecard = scoring.score(benchmark(), read(HALF))
    assert 0.4 <= scorecard.coverage <= 0.6
    assert sum(factor.dont_know for factor in scorecard.factors) >= 3
    assert sum(factor.unanswered for factor in scorecard.factors) >= 3
    assert any(factor.score is None for factor in scorecard.factors)


def test_half_city_gives_reasons() -> None:
    """Fictionford says why two questions do not apply, and what lies behind each agreed “don't know”."""
    answered = agreed(read(HALF)).values()
    assert sum(answer.state is State.NOT_APPLICABLE for answer in answered) >= 2
    assert [answer for answer in answered if answer.state is not State.RATED and len(answer.comment) < 40] == []


def test_half_city_has_questions_without_agreed_answer() -> None:
    """Some questions of Fictionford are answered by two or three respondents, and no agreed answer hides them."""
    assessment = read(HALF)
    groups = [len(others(assessment, code)) for code in benchmark().questions if code not in agreed(assessment)]
    assert {2, 3} <= set(groups)


def test_half_city_has_voices_that_differ() -> None:
    """Six institutions of Fictionford answer the same questions and differ, with and without an agreed answer; what the
    city has agreed over them is not disputed."""
    assessment = read(HALF)
    questions = [
        question for factor in factors(assessment) for question in factor.questions if question.respondents == 6
    ]
    assert {voice.kind for question in questions for voice in question.voices} == {"institution"}
    assert {(question.basis, question.disputed) for question in questions} == {("agreed", False), ("voices", True)}
    assert all(len({voice.level for voice in question.voices}) > 1 for question in questions)


def test_half_city_keeps_what_stands_beside_the_answers() -> None:
    """The workbook of Fictionford carries roles, inhabitants, readings with their key factors, and evidence."""
    assessment = read(HALF)
    assert len(assessment.respondents) == 7
    assert [key for key, respondent in assessment.respondents.items() if respondent.role in {"", key}] == []
    assert assessment.city.population
    assert any(reading.bears_on and reading.comment for reading in assessment.context.values())
    assert any(answer.evidence for _, _, answer in given(assessment))


def test_begun_city_is_a_wide_european_table() -> None:
    """Nowhere-on-Sea is a table with byte order mark and semicolons, and a column for every code."""
    content = BEGUN.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(content.decode("utf-8-sig").splitlines(), delimiter=";")
    assert header == ["city", "round", "country", "population", *benchmark().questions, *benchmark().contexts]
    assert len(row) == len(header)


def test_begun_city_has_barely_begun() -> None:
    """Nowhere-on-Sea has five answers, and most of its key factors are unknown."""
    assessment = read(BEGUN)
    assert len(list(given(assessment))) == 5
    assert sum(factor.standing is Standing.UNKNOWN for factor in factors(assessment)) > len(benchmark().key_factors) / 2


def test_arabic_city_is_written_in_arabic() -> None:
    """Name, comments, readings and actions of واحة الخيال are Arabic; only codes may stand in Latin letters."""
    assessment = read(ARABIC)
    for text in (assessment.city.name, *texts(assessment)):
        letters = [unicodedata.name(char).split()[0] for char in re.sub(r"KF\d\.Q\d", "", text) if char.isalpha()]
        assert set(letters) == {"ARABIC"}, text


def test_arabic_city_answers_four_fifths() -> None:
    """واحة الخيال answers 75 to 85 % of the questions, with something met and something unknown."""
    assessment = read(ARABIC)
    assert 0.75 <= len(agreed(assessment)) / len(benchmark().questions) <= 0.85
    assert {Standing.MET, Standing.UNKNOWN} <= standings(assessment)
