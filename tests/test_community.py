"""What contributors of a public project expect: workflows, forms, citation, all written to their rules."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import citygrow_nb

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path)


@pytest.mark.parametrize(
    ("schema", "files"),
    [("vendor.github-workflows", WORKFLOWS), ("vendor.readthedocs", [ROOT / ".readthedocs.yaml"])],
    ids=["workflows", "readthedocs"],
)
def test_files_keep_to_their_schemas(schema: str, files: list[Path]) -> None:
    """By the schemas that come with the checker; nothing is fetched."""
    assert files
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_workflow_tries_every_python_that_is_promised() -> None:
    """On Linux, macOS and Windows; and the job that runs everything runs the same script as people do."""
    jobs = load(ROOT / ".github" / "workflows" / "tests.yml")["jobs"]
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    matrix = jobs["systems"]["strategy"]["matrix"]
    assert matrix["python"] == promised
    assert [name.split("-")[0] for name in matrix["os"]] == ["ubuntu", "macos", "windows"]
    assert ".ci/run" in [step.get("run") for step in jobs["all"]["steps"]]


def test_workflow_may_only_read() -> None:
    """A change from anywhere runs with the least that it needs."""
    for path in WORKFLOWS:
        assert load(path)["permissions"] == {"contents": "read"}


def test_workflow_runs_what_was_looked_at() -> None:
    """Each action is pinned by its commit, with its release beside it, and none finds the token in the checkout."""
    for path in WORKFLOWS:
        text = path.read_text(encoding="utf-8")
        named = re.findall(r"\buses:.*", text)
        assert named
        assert [line for line in named if not re.fullmatch(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []
        steps = [step for job in load(path)["jobs"].values() for step in job["steps"]]
        checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
        assert [step for step in checkouts if step.get("with", {}).get("persist-credentials") is not False] == []


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_forms_have_what_forms_need(path: Path) -> None:
    """Name, description, and questions with an id and a label each, none twice."""
    form = load(path)
    assert {"name", "description", "body"} <= set(form)
    asked = [item for item in form["body"] if item["type"] != "markdown"]
    assert all(item["type"] in {"textarea", "input", "dropdown", "checkboxes"} for item in asked)
    assert all(item["attributes"]["label"] for item in asked)
    assert len({item["id"] for item in asked}) == len(asked)
    assert all(item["attributes"]["options"] for item in asked if item["type"] == "dropdown")


def test_citation_is_of_this_version() -> None:
    """It names the software as the package does, in the format of its version 1.2.0."""
    citation = load(ROOT / "CITATION.cff")
    assert citation["version"] == citygrow_nb.__version__ == PROJECT["project"]["version"]
    assert (citation["cff-version"], citation["type"]) == ("1.2.0", "software")
    assert " AND ".join(citation["license"]) == PROJECT["project"]["license"]
    assert {"message", "title", "authors"} <= set(citation)


def test_hooks_are_the_checks() -> None:
    """What runs before a commit is what `make check` runs, command by command."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.partition("\ncheck:")[2].partition("\n\n")[0]
    checks = {line.split("$(BIN)/")[1].split(" --check")[0].removesuffix(" .") for line in recipe.splitlines()[1:]}
    hooks = load(ROOT / ".pre-commit-config.yaml")["repos"][0]["hooks"]
    assert {hook["entry"].removeprefix(".venv/bin/").removesuffix(" --force-exclude") for hook in hooks} == checks


def test_pages_are_there_and_promise_nothing_that_is_not() -> None:
    """Security, conduct, and what a change should bring."""
    for name in ("SECURITY.md", "CODE_OF_CONDUCT.md", ".github/pull_request_template.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert len(text) > 400
        assert "OWNER" not in text
