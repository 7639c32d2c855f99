"""Pages become chapters: nothing in them points outside, and no two have an id in common."""

from __future__ import annotations

from citygrow_nb.exporting import chapters

PAGES = {
    "index.html": '<h1>Summary</h1><p><a href="01-a.html#KF1.Q1">x</a> <a href="01-a.html">a</a></p>',
    "01-a.html": '<h1 class="t">A</h1><h2>B</h2><h3 id="KF1.Q1">C</h3><a href="#KF1.Q1">up</a>'
    '<svg role="img" aria-labelledby="t d"><title id="t">T</title><desc id="d">D</desc></svg>',
    "02-b.html": '<h1>B</h1><a href="../../index.html">all <b>cities</b></a> <a href="https://example.org/#x">out</a>'
    '<p title="a > b" id="t">href="#x" id=&quot;x&quot;</p>',
}
LABELS = {page: page.upper() for page in PAGES}


def bodies() -> dict[str, str]:
    return {chapter.key: str(chapter.body) for chapter in chapters(PAGES, LABELS)}


def test_chapters_keep_order_and_names_and_are_headed_one_level_down() -> None:
    made = chapters(PAGES, LABELS)
    assert [(chapter.key, chapter.label) for chapter in made] == [
        ("page-index", "INDEX.HTML"),
        ("page-01-a", "01-A.HTML"),
        ("page-02-b", "02-B.HTML"),
    ]
    assert '<h2 id="page-01-a" class="t">A</h2><h3>B</h3><h4 id="page-01-a.KF1.Q1">C</h4>' in bodies()["page-01-a"]


def test_links_between_pages_become_anchors() -> None:
    assert '<a href="#page-01-a.KF1.Q1">x</a> <a href="#page-01-a">a</a>' in bodies()["page-index"]
    assert '<a href="#page-01-a.KF1.Q1">up</a>' in bodies()["page-01-a"]


def test_link_to_a_page_that_is_not_there_becomes_text_and_one_to_elsewhere_stays() -> None:
    assert '</h2>all <b>cities</b> <a href="https://example.org/#x">out</a>' in bodies()["page-02-b"]


def test_ids_and_what_refers_to_them_stay_together() -> None:
    assert 'aria-labelledby="page-01-a.t page-01-a.d"><title id="page-01-a.t">' in bodies()["page-01-a"]
    assert 'id="page-02-b.t"' in bodies()["page-02-b"]


def test_text_is_left_alone() -> None:
    assert '>href="#x" id=&quot;x&quot;</p>' in bodies()["page-02-b"]
