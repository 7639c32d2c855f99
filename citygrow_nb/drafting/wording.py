"""Lines made whole again: words parted at line ends, links broken across lines; what is doubtful is said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

LINK = re.compile(r"(?:https?://|www\.)[^\s()<>\[\]“”\"]*[^\s()<>\[\]“”\".,;:!?’']")
ONLY_LINK = re.compile(r"(?:https?://|www\.|mailto:)\S+")
# Begun only where a word begins, or a long text without any is tried from each of its letters.
CONTACT = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_YEAR = re.compile(r"\b(?:19|20)\d\d(?:\s?[-–]\s?(?:(?:19|20)\d\d|\d\d\b))?")
_BROKEN = re.compile(r"(?:https?:|www)\S*[./-]$")


@dataclass(frozen=True)
class Words:
    """What the whole document says about how its words and links are written.

    Parameters
    ----------
    words
        All words of the document that no line end parts, in small letters.
    links
        All links that stand alone on a line, whole.
    forms
        How words are written outside headings, by the word in small letters.
    """

    words: frozenset[str]
    links: frozenset[str]
    forms: Mapping[str, str]

    @classmethod
    def of(cls, lines: Sequence[str]) -> Words:
        """Collect them from the document's lines."""
        words: set[str] = set()
        for line in lines:
            found = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*-?", line.lower())
            words.update(word for word in found if not word.endswith("-"))
        texts = [line for line in lines if not is_capital(line) and not ONLY_LINK.search(line)]
        # The first word of a line may begin a sentence.
        counted = Counter(word for line in texts for word in re.findall(r"[^\W\d_]+", line)[1:])
        forms: dict[str, str] = {}
        for word, _ in counted.most_common():
            forms.setdefault(word.lower(), word)
        return cls(frozenset(words), frozenset(line for line in lines if ONLY_LINK.fullmatch(line)), forms)

    def cased(self, heading: str, *, name: bool = False) -> str:
        """Write a heading that is set in capitals as the document writes its words elsewhere.

        Parameters
        ----------
        heading
            The heading; one in small letters stays as it is.
        name
            Whether it is a name, so that words that stand nowhere else begin with a capital.
        """
        if not is_capital(heading):
            return heading

        def cased(match: re.Match[str]) -> str:
            word = match[0]
            around = heading[max(0, match.start() - 1) : match.start()] + heading[match.end() : match.end() + 1]
            if name and len(word) <= 4 and around == "--":
                return word.lower()  # as in Stratford-upon-Avon
            known = self.forms.get(word.lower())
            return known if known and not (name and known.islower()) else word.capitalize() if name else word.lower()

        text = re.sub(r"[^\W\d_]+", cased, heading)
        return text[:1].upper() + text[1:]

    def joined(self, lines: Sequence[str]) -> tuple[str, list[str]]:
        """Join lines into one text.

        Parameters
        ----------
        lines
            Lines of one paragraph, none blank.

        Returns
        -------
        tuple
            The text, and a sentence for each place where how to join was not sure.
        """
        text, doubts = "", []
        for line in lines:
            before = text.rsplit(" ", 1)[-1]
            if not text:
                text = line
            elif re.search(r"[^\W\d_]-$", before) and line[:1].isalpha():
                text, doubt = self._rejoined(text, before, line)
                doubts += doubt
            elif _BROKEN.search(before) and re.match(r"[\w/]", line):
                end = re.match(r"\S+", line)
                whole = before + (end[0] if end else "")
                text += line
                trimmed = whole.rstrip(").,;")[whole.find("http") if "http" in whole else 0 :]
                if trimmed not in self.links:
                    doubts.append(f"the link {trimmed} was broken across lines; is it whole?")
            else:
                text += f" {line}"
        return text, doubts

    def _rejoined(self, text: str, before: str, line: str) -> tuple[str, list[str]]:
        head = re.sub(r"^\W+", "", before)[:-1].lower()
        tail = (re.match(r"[^\W\d_]+", line) or [""])[0].lower()
        if head + tail in self.words:
            return text[:-1] + line, []
        whole = text + line
        if f"{head}-{tail}" in self.words or {head.split("-")[-1], tail} <= self.words:
            return whole, []
        return whole, [f"“{head}-{tail}” was parted at a line end; does it have a hyphen?"]


def links(text: str, known: Collection[str]) -> Iterator[str]:
    """Yield each link of a text once, as an address; one without ``http`` as the document writes it elsewhere."""
    seen = set()
    for match in LINK.finditer(text):
        url = match[0]
        if url.startswith("www."):
            full = (link for link in known if link.partition("://")[2].rstrip("/") == url.rstrip("/"))
            url = next(full, f"http://{url}")
        if url not in seen:
            seen.add(url)
            yield url


def years(text: str) -> str:
    """Return the years that a text names, each once, in order.

    >>> years("The survey of 2008 and the strategy 2016-2020 (see 2008)")
    '2008; 2016-2020'
    """
    bare = LINK.sub("", text)
    return "; ".join(dict.fromkeys(match[0] for match in _YEAR.finditer(bare)))


def is_capital(text: str) -> bool:
    """Tell whether a line is set in capital letters throughout, as headings are.

    >>> is_capital("ACCESS TO FINANCE"), is_capital("EU funding")
    (True, False)
    """
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) >= 2 and not any(letter.islower() for letter in letters)
