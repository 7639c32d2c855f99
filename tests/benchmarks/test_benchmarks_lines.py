"""YAML becomes plain values with lines, and everything doubtful is refused with its line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.benchmarks.lines import read


def test_scalars_follow_yaml_1_2() -> None:
    """NO, yes and dates are text; 010 is ten; true, 1.5 and ~ are what they look like."""
    text = b"a: NO\nb: yes\nc: 010\nd: 0o17\ne: 2026-11-22\nf: true\ng: 1.5\nh: ~\ni: -.inf\nj: 0x1F\nk: '1'"
    assert read(text).value == {
        "a": "NO",
        "b": "yes",
        "c": 10,
        "d": 15,
        "e": "2026-11-22",
        "f": True,
        "g": 1.5,
        "h": None,
        "i": float("-inf"),
        "j": 31,
        "k": "1",
    }


def test_every_field_and_item_has_its_line() -> None:
    """A field's line is that of its name, also where its text begins below; an item's is that of its first letter."""
    lined = read(b"# first\na:\n  b: >-\n    long\n    text\n  c: [x,\n    y]\nd:\n  - e: 1\n    f: 2\n")
    assert lined.lines == {
        (): 1,
        ("a",): 2,
        ("a", "b"): 3,
        ("a", "c"): 6,
        ("a", "c", 0): 6,
        ("a", "c", 1): 7,
        ("d",): 8,
        ("d", 0): 9,
        ("d", 0, "e"): 9,
        ("d", 0, "f"): 10,
    }
    assert lined.faults == []


def test_byte_order_mark_is_no_part_of_the_text() -> None:
    """Windows editors put one in front."""
    assert read("\ufeffa: ü".encode()).value == {"a": "ü"}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (b"", 1, "empty"),
        (b"# only a remark\n", 1, "empty"),
        (b"a: 1\nb:\n\t- c", 3, "not valid YAML"),
        (b"a: 1\nb: c: d", 2, "not valid YAML"),
        (b"a: 1\nb: 'never\nclosed\n", 2, "not valid YAML"),
        (b"a: 1\nb: [never\n", 2, "not valid YAML"),
        (b"a: 1\n---\na: 2", 2, "another document"),
        (b"a: 1\n\nb: \xff", 3, "not UTF-8"),
        (b"a: 1\nb: \x07", 2, "U+0007"),
        (b"%YAML 1.1\n---\na: NO", 1, "directive"),
        (b"a: &x [1]\nb:\n  - 1\n  - *x", 4, "alias"),
        (b"a: &x\n  - *x", 2, "alias"),
        (b"[" * 5000, 1, "cannot be read"),
    ],
)
def test_what_is_no_yaml_is_refused_as_a_whole(text: bytes, line: int, says: str) -> None:
    """One fault, at the line to look at, and no value."""
    lined = read(text)
    (fault,) = lined.faults
    assert (fault.line, lined.value) == (line, None)
    assert says in fault.found


def test_tabs_are_named() -> None:
    """The most frequent mistake has its own advice."""
    (fault,) = read(b"a:\n\tb: 1").faults
    assert "spaces, never with tabs" in fault.todo


@pytest.mark.parametrize(
    ("text", "line", "says", "value"),
    [
        (b"a: 1\nb: 2\na: 3", 3, "“a” stands here twice, first in line 1", {"a": 1, "b": 2}),
        (b"a: 1\nb: !!binary aGk=", 2, "tag", {"a": 1, "b": None}),
        (b"a: 1\nb: !Thing x", 2, "tag", {"a": 1, "b": None}),
        (b"a: 1\n<<: {b: 2}", 2, "cannot name a field", {"a": 1}),
        (b"a: 1\n? [b]\n: 2", 2, "cannot name a field", {"a": 1}),
        (b'a: 1\nb: "\\ud800"', 2, "half a character", {"a": 1, "b": "?"}),
    ],
)
def test_what_is_yaml_but_doubtful_is_refused_where_it_stands(
    text: bytes, line: int, says: str, value: dict[str, object]
) -> None:
    """The rest of the file is read all the same, so that its other faults are found as well."""
    lined = read(text)
    (fault,) = lined.faults
    assert fault.line == line
    assert says in fault.found
    assert lined.value == value


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("abc ü:#-'\""),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcü", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_json_means_the_same(value: object) -> None:
    """JSON is YAML: whatever JSON says, is read as just that."""
    lined = read(json.dumps({"root": value}).encode())
    assert lined.value == {"root": value}
    assert lined.faults == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: " + "9" * 5000, "this cannot be read as a number: 99999999999999999999"),
        ("a: !!int x", "this cannot be read as a number: x"),
        ("a: !!float x", "this cannot be read as a number: x"),
        ("a: 0x" + "f" * 5000, ""),
        ("a: !!python/object:os.system x", "the tag"),
        ("a: " + "[" * 5000, "brackets within brackets without end"),
        ("a:\n" + "".join(f"{' ' * i}- \n" for i in range(2000)), ""),
        ('a: "\\UFFFFFFFF"', "this"),
        ("a: &x [1]\nb: [*x, *x]", "an alias"),
        ("? " * 3000, ""),
    ],
)
def test_nonsense_is_a_fault_and_no_traceback(text: str, says: str) -> None:
    """Numbers, tags, brackets and letters that a library trips over."""
    faults = read(text.encode()).faults
    assert says in " ".join(fault.found for fault in faults)
    assert faults or not says
