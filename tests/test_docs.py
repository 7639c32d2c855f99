"""The pages for people say what is so: links lead somewhere, commands exist and do what is said, figures are right."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import click
import pytest

import citygrow_nb
from citygrow_nb import scoring
from citygrow_nb.cli import cli, main
from citygrow_nb.model import Answer, Assessment, Benchmark, BenchmarkRef, City, State
from citygrow_nb.scoring.change import tolerance, ways_to_differ

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
LINKING = [*PAGES, *(ROOT / page for page in ("CONTRIBUTING.md", "docs/pictures/README.md", "examples/README.md"))]
MAX_LINES = {"commands.md": 350, "secretariat.md": 180, "README.md": 200, "method.md": 260}
"""What is looked up and not read may be longer than the others."""

MAX_PICTURES = 2_000_000
# These start a server, run notebooks or fetch packages; other tests do.
COSTLY = {"lab", "batch", "site"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_page_is_short(page: Path) -> None:
    """Every page can be read in one go."""
    assert len(text(page).splitlines()) <= MAX_LINES.get(page.name, 160)


@pytest.mark.parametrize("page", LINKING, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link to a file leads to it, and every link to a heading to a heading."""
    prose = re.sub(r"```.*?```", "", text(page), flags=re.DOTALL)
    addresses = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", prose)
    for address in filter(None, (part for pair in addresses for part in pair)):
        parts = urlsplit(address)
        if parts.scheme:
            assert parts.scheme == "https", address
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        assert target.exists(), address
        if parts.fragment:
            assert parts.fragment in anchors(target), address


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_binder_opens_a_workbook_that_exists() -> None:
    """The links to Binder open JupyterLab at the first workbook of this repository."""
    links = re.findall(r"https://mybinder\.org/v2/[^)\s]+", text(ROOT / "README.md"))
    assert links
    for link in links:
        (path,) = parse_qs(urlsplit(link).query)["urlpath"]
        assert path.startswith("doc/tree/")
        assert (ROOT / path.removeprefix("doc/tree/")).is_file()


def test_readme_names_the_wheel_of_this_version() -> None:
    """The wheel to install is the one that a build makes."""
    named = set(re.findall(r"citygrow_nb-(\S+)-py3-none-any\.whl", text(ROOT / "README.md")))
    assert named == {citygrow_nb.__version__}


def test_pictures_are_small_and_used() -> None:
    """All pictures together stay small, and each stands on some page."""
    pictures = sorted((DOCS / "pictures").glob("*.png"))
    assert sum(path.stat().st_size for path in pictures) < MAX_PICTURES
    pages = "".join(map(text, [*PAGES, DOCS / "pictures" / "README.md"]))
    assert [path.name for path in pictures if path.name not in pages] == []


# --- commands -------------------------------------------------------------------------------------------------------


def commands(group: click.Group = cli, before: str = "citygrow") -> Iterator[tuple[str, click.Command]]:
    for key, command in group.commands.items():
        path = f"{before} {key}"
        if isinstance(command, click.Group):
            yield from commands(command, path)
        else:
            yield path, command


def sections() -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text(DOCS / "commands.md"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_is_told_of() -> None:
    """docs/commands.md has a section for each command, and for nothing else."""
    assert set(sections()) == {path for path, _ in commands()}


@pytest.mark.parametrize("path", dict(commands()))
def test_every_option_is_told_of(path: str) -> None:
    """A command's section names all of its options, and none that it does not have."""
    options = {spelt for item in dict(commands())[path].params if isinstance(item, click.Option) for spelt in item.opts}
    known = {"--debug"} | options
    section = re.sub(r"`-- .*?`|`citygrow lab -- .*?`", "", sections()[path])
    told = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", section))
    assert options - {"--debug"} - told == set()
    assert told - known == set()


def shell_lines(page: Path) -> list[str]:
    """Return the calls of citygrow in a page's shell examples."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text(page), flags=re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("citygrow ")]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_shell_examples_are_understood(page: Path) -> None:
    """Every call of citygrow in an example has a command and options that exist."""
    for line in shell_lines(page):
        command: click.Command = cli
        arguments = shlex.split(line)[1:]
        context = None
        while isinstance(command, click.Group):
            parent = command.make_context("citygrow", [arguments[0]], parent=context, resilient_parsing=True)
            _, found, _ = command.resolve_command(parent, arguments[:1])
            assert found, line
            command, arguments, context = found, arguments[1:], parent
        command.make_context(line, list(arguments), parent=context)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder above a workspace, both with what the examples on the pages speak of."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "examples" / "README.md").unlink()
    shutil.copytree(tmp_path / "examples", tmp_path / "handed-in")
    shutil.copy(tmp_path / "examples" / "port-imaginary.json", tmp_path / "port-imaginary-2026.json")
    assert call("citygrow init my-cities") == 0
    return tmp_path


def call(line: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(shlex.split(line)[1:])
    return int(end.value.code or 0)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_cheap_shell_examples_succeed(
    page: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The examples work one after the other, as somebody would type them."""
    for line in shell_lines(page):
        if line.split()[1] in COSTLY:
            continue
        # Whoever follows the page fills in the empty table first; here the examples are its contents.
        if line == "citygrow answers import answers.xlsx":
            shutil.copy(workspace / "examples" / "fictionford.xlsx", "answers.xlsx")
        assert call(line) == 0, line + capsys.readouterr().err


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_console_examples_print_what_is_shown(
    page: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stands below a command on a page is what it prints; “…” stands for anything."""
    monkeypatch.chdir(workspace / "my-cities")
    capsys.readouterr()
    for file, content in re.findall(r"^`([\w.-]+)`:\n\n```csv\n(.*?)^```", text(page), re.DOTALL | re.MULTILINE):
        Path(file).write_text(content, encoding="utf-8")
    code = 0
    blocks = re.findall(r"^```console\n(.*?)^```", text(page), flags=re.DOTALL | re.MULTILINE)
    for block in blocks:
        for line, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE):
            if line == "echo $?":
                printed = f"{code}\n"
            else:
                code = call(line)
                streams = capsys.readouterr()
                printed = streams.err + streams.out
            assert alike(printed, shown), f"{line}\n{printed}"


def alike(printed: str, shown: str) -> bool:
    lines, wanted = printed.splitlines(), shown.splitlines()
    patterns = [line.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]").replace("…", "*") for line in wanted]
    return len(lines) == len(wanted) and all(map(fnmatch, lines, patterns))


# --- what pages quote -----------------------------------------------------------------------------------------------


def test_status_lines_are_those_of_the_forms() -> None:
    """Every sentence that the analyst's page explains is one that a form says."""
    table = re.search(r"^\| it says \|.*?\n\n", text(DOCS / "analyst.md"), flags=re.DOTALL | re.MULTILINE)
    assert table
    quoted = re.findall(r"^\| `(.+?)` \|", table[0], flags=re.MULTILINE)
    assert len(quoted) > 5
    package = ROOT / "citygrow_nb"
    sources = [*(package / "widgets" / "static").glob("*.js"), *(package / "workbook").glob("*.py")]
    code = "\n".join(map(text, sources))
    assert [line for line in quoted if re.sub(r" \d\d:\d\d$", "", line) not in code] == []


def test_worked_example_of_the_method(benchmark: Benchmark) -> None:
    """The figures in docs/method.md are what scoring makes of those answers."""
    factor = next(factor for factor in benchmark.key_factors if len(factor.questions) == 5)
    first, second, third, fourth, _ = (question.code for question in factor.questions)
    given = {
        first: Answer(state=State.RATED, level=3),
        second: Answer(state=State.RATED, level=2),
        third: Answer(state=State.DONT_KNOW),
        fourth: Answer(state=State.NOT_APPLICABLE, comment="Cannot arise here."),
    }
    assessment = Assessment(
        benchmark=BenchmarkRef(id=benchmark.id, version=benchmark.version),
        city=City(name="Oldtown", slug="oldtown"),
        round="2026",
    )
    for code, answer in given.items():
        assessment = assessment.with_answer(code, answer)
    result = scoring.score(benchmark, assessment).factor(factor.code)
    assert result.score is not None
    assert result.lower is not None
    assert result.upper is not None
    page = text(DOCS / "method.md")
    figures = [f"**{round(value)}**" for value in (result.score, result.lower, result.upper)]
    told = re.findall(r"= (\*\*[\d]+(?: %)?\*\*) \|$", page, flags=re.MULTILINE)
    assert told == ["**44**", *figures, f"**{result.coverage:.0%}**".replace("%", " %")]
    assert (result.standing, result.could_be) == ("unknown", "met")
    assert "**not known yet**, from gap to met." in page
    whole = {n: sum(ways_to_differ(n).values()) for n in range(1, 41)}
    rows = re.findall(
        r"^\| (\d+) \| (\d) \| ([\d.]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", page, flags=re.MULTILINE
    )
    assert len(rows) == 13
    for questions, limit, alarms, *found in rows:
        n, t = int(questions), int(limit)
        ways = ways_to_differ(n)
        assert t == tolerance(n)
        assert alarms == f"{100 * sum(c for moved, c in ways.items() if abs(moved) > t) / whole[n]:.1f}"
        for steps, told_ in enumerate(found, start=1):
            assert told_ == f"{100 * sum(c for moved, c in ways.items() if moved + steps > t) / whole[n]:.0f}"


def test_worked_example_of_a_dispute(benchmark: Benchmark) -> None:
    """Three departments at 0, 1 and 3 on one question."""
    first, *others = (question.code for question in benchmark.key_factors[0].questions)
    ref = BenchmarkRef(id=benchmark.id, version=benchmark.version)
    assessment = Assessment(benchmark=ref, city=City(name="Oldtown", slug="oldtown"), round="2026")
    for code in others:
        assessment = assessment.with_answer(code, Answer(state=State.NOT_APPLICABLE, comment="Cannot arise here."))
    for key, level in (("a", 0), ("b", 1), ("c", 3)):
        assessment = assessment.with_respondent(key, key, kind="institution")
        assessment = assessment.with_answer(first, Answer(state=State.RATED, level=level), key)  # type: ignore[arg-type]
    result = scoring.score(benchmark, assessment).factors[0]
    assert (result.lower, result.upper) == (0, 100)
    assert round(result.score or 0) == 44
    assert "| bounds | the least and the greatest of the voices' quartiles | **0 to 100** |" in text(DOCS / "method.md")


def test_limits_are_those_of_the_benchmark(benchmark: Benchmark) -> None:
    """The limits of standing in README and method are those that scoring uses."""
    limits = benchmark.scale.thresholds
    for page in (ROOT / "README.md", DOCS / "method.md"):
        met, close = f"{limits.met_lower_bound:g}", f"{limits.close_score:g}"
        assert re.search(rf"(lower bound {met} or more|L ≥ {met})", text(page))
        assert re.search(rf"(lower bound {close} or more|L ≥ {close})", text(page))
        assert re.search(rf"(upper bound below {close}|U < {close})", text(page))
