"""Links that deceive, and how an address stands on a page and in Markdown."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from citygrow_nb.model import Evidence, links
from citygrow_nb.model.benchmark import Link, Publication
from citygrow_nb.model.links import fault_of_link, safe_url
from citygrow_nb.model.status import Expected

DECEIVING = (
    "http://bank.example@evil.example",
    "https://bank.example:443@evil.example/login",
    "HTTP://bank.example%2F@evil.example",
    "http://bank.example\\@evil.example",
    "http:\\\\evil.example/x",
    "http://bank.example\N{FULLWIDTH COMMERCIAL AT}evil.example/",
    "http://bank.example\N{FULLWIDTH SOLIDUS}evil.example/",
    "https://bank.example\N{FRACTION SLASH}login.evil.example/",
    "https://bank.example%E2%88%95login.evil.example/",
    "https://bank.example\N{MODIFIER LETTER COLON}443.evil.example/",
    "http://b\N{CYRILLIC SMALL LETTER A}nk.example/",
    "ftp://user:word@example.org/file",
    "mailto:a@example.org?bcc=b@evil.example",
    "mailto:a@example.org?subject=x&CC=b@evil.example",
    "mailto:a@example.org?body=hello",
    "mailto:a@example.org%0Abcc:b@evil.example",
    "mailto:a@example.org?subject=x%0d%0abcc:b@evil.example",
    "mailto:a@example.org,b@evil.example",
    "mailto:a@example.org;b@evil.example",
    "mailto:a@example.org%2Cb@evil.example",
    "mailto:a@example.org bcc:b@evil.example",
    "MailTo:?to=a@example.org",
    "a@example.org?bcc=b@evil.example",
)
HONEST = (
    "",
    "third shelf, green folder",
    "office@example.org",
    r"\\server\share\plan.pdf",
    "https://example.org/@somebody?a=b@c",
    "https://de.wikipedia.org/wiki/Graz_(Stadt)",
    "https://münchen.example/straße",
    "https://софия.example/",
    "http://example.org:8080/a?b=c#d",
    "mailto:office@example.org",
    "mailto:office@example.org?subject=Plan%202026",
)


def test_examples_in_docstrings_are_true() -> None:
    assert doctest.testmod(links).failed == 0


@pytest.mark.parametrize("url", DECEIVING)
def test_a_link_that_deceives_stands_in_no_document_and_leads_nowhere(url: str) -> None:
    assert safe_url(url) == ""
    for make in (
        lambda: Evidence(title="a", url=url),
        lambda: Link(title="a", url=url),
        lambda: Publication(id="a", title="a", publisher="a", url=url),
        lambda: Expected(name="a", more={"address": url}),
    ):
        with pytest.raises(ValidationError, match="address"):
            make()


@pytest.mark.parametrize("url", HONEST)
def test_an_honest_link_or_a_text_in_its_place_is_kept(url: str) -> None:
    assert fault_of_link(url) == ""
    assert Evidence(title="a", url=url).url == url


def test_marks_that_copying_leaves_are_dropped_from_a_link() -> None:
    assert Evidence(title="", url="\u200ehttps://example.org/a\u200b").url == "https://example.org/a"


@given(st.text(alphabet=st.sampled_from("abc/:?#[]()<>\"'`\\|$ \n\t*!.@%_{}\u202e")))
def test_an_address_never_ends_a_link_in_markdown_or_html(end: str) -> None:
    assert not set(safe_url(f"https://example.org/{end}")) & set("()<>[]\"'`\\|$ \n\t")
    assert not set(safe_url(f"https://a{end}")) & set("()<>[]\"'`\\|$ \n\t")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org",
        "example.org",
        "",
        "http://",
        "http://[",
    ],
)
def test_only_web_and_mail_links_become_links(url: str) -> None:
    assert safe_url(url) == ""


@pytest.mark.parametrize("url", ["https://example.org/a?b=c#d", "http://example.org", "mailto:office@example.org"])
def test_web_and_mail_links_stay(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u2028", "\U000e0041"], ids=ascii)
def test_what_steers_leads_nowhere(sign: str) -> None:
    """A page writes it out, so what is read there would not be where the link leads; a document never holds it."""
    assert safe_url(f"https://example.org/{sign}") == ""
    assert Evidence(title="a", url=f"https://example.org/{sign}").url.isascii()
