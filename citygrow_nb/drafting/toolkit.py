"""What a toolkit consists of, found in its lines: standard, terms, key factors, practices, context factors.

The family of toolkits sets titles of key factors, cities and context factors in capital letters, marks guide questions
with ``»`` and points with bullets. Others number their questions and write “Key factor 1: …”. Both are understood. What
cannot be placed is left aside and named, never dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from citygrow_nb.drafting.document import Line
from citygrow_nb.drafting.wording import ONLY_LINK, Words, is_capital

_MARK = re.compile(r"^(?:»+|›+|➢|►)\s*")
_NUMBERED = re.compile(r"^(?:Q\s?)?\d{1,2}[.)]\s+(?=\S)")
_BULLET = re.compile(r"^[•●▪◦*–-]\s+|^[•●▪◦]\s*")
_FACTOR = re.compile(r"^key factor\s+\d{1,2}\s*[:.–-]?\s*(?P<title>.*)$", re.IGNORECASE)
_FURNITURE = re.compile(r"^\d{1,3}$|^(?:page\s+)?\d{1,3}\s+\D.{0,60}\b\d{4}(?:\s?[-–]\s?\d{2,4})?$|^mailto:\S+$")
_QUESTIONS = re.compile(r"^guide questions?$", re.IGNORECASE)
_EXAMPLES = re.compile(r"^(?:examples?|practices?|good practices?|what other cities did)$", re.IGNORECASE)
_BOTH = re.compile(r"^(?:examples?\s*guide questions?|guide questions?\s*examples?)$", re.IGNORECASE)
_CONTEXT = re.compile(
    r"^context factors?$|^examples of what this factor may involve|may involve\s*context factors?$", re.IGNORECASE
)
_STANDARD = re.compile(r"^(?:the )?(?:integrating cities )?standard$", re.IGNORECASE)
_TERMS = re.compile(r"\bterms used\b|^(?:terms|glossary|definitions)$", re.IGNORECASE)
_ABOUT = re.compile(r"^about\b.{0,40}$", re.IGNORECASE)
_CITY_AND_TEXT = re.compile(r"^(?P<city>[^\W\d_][^:.?!]{1,40}):\s+(?P<text>\S.*)$")


@dataclass
class Item:
    """One text of the toolkit.

    Parameters
    ----------
    place
        Where its first line stands.
    title, text
        Its heading, and what stands below it; either may be empty.
    parts
        The texts that belong to it: guide questions of a key factor, points of a context factor.
    practices
        A key factor's practices, with the city as title.
    paragraphs
        A key factor's statement and rationale, as far as they are told apart.
    doubts
        What a person must look at, with the reason.
    """

    place: str
    title: str = ""
    text: str = ""
    parts: list[Item] = field(default_factory=list)
    practices: list[Item] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass
class Toolkit:
    """A whole toolkit.

    Parameters
    ----------
    title
        Its title.
    standard
        The standard; with its doubts.
    introduction
        What follows the standard, in paragraphs.
    terms, factors, contexts
        Terms with their definition as text, key factors, context factors.
    left_aside
        What was not placed anywhere: place and beginning of each run of lines.
    links
        All links that stand alone on a line: how the document writes them whole.
    """

    title: Item
    standard: Item
    introduction: list[str] = field(default_factory=list)
    terms: list[Item] = field(default_factory=list)
    factors: list[Item] = field(default_factory=list)
    contexts: list[Item] = field(default_factory=list)
    left_aside: list[str] = field(default_factory=list)
    links: frozenset[str] = frozenset()


def understand(lines: Sequence[Line]) -> Toolkit:
    """Find out what a document's lines are.

    Parameters
    ----------
    lines
        The document, as :func:`citygrow_nb.drafting.read` returns it.
    """
    return _Reader(lines).toolkit()


@dataclass
class _Block:
    """Lines that belong together: a paragraph, or a heading."""

    lines: list[Line]

    @property
    def place(self) -> str:
        return self.lines[0].place


class _Reader:
    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = [line for line in lines if not _FURNITURE.match(line.text)]
        self._words = Words.of([line.text for line in self._lines])
        self._at = 0
        self._made = Toolkit(Item(""), Item(""), links=self._words.links)

    # --- moving on

    def _line(self, ahead: int = 0) -> Line | None:
        place = self._at + ahead
        return self._lines[place] if place < len(self._lines) else None

    def _skip_blank(self) -> None:
        while (line := self._line()) and not line.text:
            self._at += 1

    def _take(self, more: object) -> _Block:
        """Take this line, and those after it for as long as ``more`` says so; blank lines always end it."""
        first = self._line()
        assert first is not None  # noqa: S101 - only called where there is one
        taken = [first]
        self._at += 1
        while (line := self._line()) and line.text and not line.first and more(line.text):  # type: ignore[operator]
            taken.append(line)
            self._at += 1
        return _Block(taken)

    def _joined(self, block: _Block, item: Item, before: str = "") -> str:
        """Return the text of a block, or of what stands before it and the block together."""
        lines = [*([before] if before else []), *(line.text for line in block.lines)]
        text, doubts = self._words.joined(lines)
        item.doubts += [f"{block.place}: {doubt}" for doubt in doubts]
        return text

    @staticmethod
    def _goes_on(before: str, text: str) -> bool:
        """Tell whether a paragraph only seems to be a new one: text layers put blank lines within sentences, too."""
        return bool(before) and not before.endswith((".", "?", "!", ":")) and text[:1].islower()

    # --- the whole

    def toolkit(self) -> Toolkit:
        self._front()
        while (line := self._line()) is not None:
            if not line.text:
                self._at += 1
            elif self._starts_factor(line):
                self._factor()
            elif _CONTEXT.search(line.text):
                self._context()
            else:
                self._leave(self._take(lambda text: not self._is_label(text)))
        return self._made

    def _leave(self, block: _Block) -> None:
        texts = [line.text for line in block.lines if not ONLY_LINK.fullmatch(line.text)]
        if texts:
            beginning = " ".join(texts)
            self._made.left_aside.append(f"{block.place}: {beginning[:70]}{'…' if len(beginning) > 70 else ''}")

    def _is_label(self, text: str) -> bool:
        labels = (_QUESTIONS, _EXAMPLES, _BOTH, _CONTEXT, _STANDARD)
        return any(label.search(text) for label in labels) or bool(_TERMS.search(text) and len(text) < 60)

    def _starts_factor(self, line: Line) -> bool:
        if _FACTOR.match(line.text) or _BOTH.match(line.text):
            return True
        return line.first and is_capital(line.text) and not self._is_label(line.text) and self._asks_soon()

    def _asks_soon(self) -> bool:
        for line in self._lines[self._at + 1 : self._at + 60]:
            if _MARK.match(line.text) or _QUESTIONS.match(line.text):
                return True
            if line.first:
                return False
        return False

    # --- standard, introduction, terms

    def _front(self) -> None:
        """Read what comes before the first key factor."""
        state = ""
        paragraphs: list[tuple[str, Item]] = []
        while (line := self._line()) and not self._starts_factor(line) and not _CONTEXT.search(line.text):
            if not line.text:
                self._at += 1
                continue
            if _STANDARD.match(line.text):
                state = "standard"
                self._at += 1
                continue
            if _TERMS.search(line.text) and len(line.text) < 60:
                state = "terms"
                self._at += 1
                continue
            block = self._take(lambda text: not self._is_label(text))
            item = Item(block.place)
            item.text = self._joined(block, item)
            if state == "terms":
                self._term(item)
            else:
                paragraphs.append((state, item))
        self._placed(paragraphs)

    def _term(self, item: Item) -> None:
        name, colon, definition = item.text.partition(":")
        if colon and definition.strip() and len(name) <= 60:
            item.title, item.text = name.strip(), definition.strip()
            self._made.terms.append(item)
        elif self._made.terms:
            last = self._made.terms[-1]
            last.text += f" {item.text}"
            last.doubts.append(f"{item.place}: does this paragraph belong to the definition?")
        else:
            self._made.left_aside.append(f"{item.place}: {item.text[:70]}")

    def _placed(self, paragraphs: list[tuple[str, Item]]) -> None:
        told = [item for state, item in paragraphs if state == "standard"]
        before = [item for state, item in paragraphs if not state]
        titles = [item for item in (*reversed(told), *before) if not item.text.endswith((".", "?", "!", ":", "…"))]
        short = [item for item in titles if len(item.text) <= 120 and not _ABOUT.match(item.text)]
        short = [item for item in short if not _BULLET.match(item.text)]
        if short:
            self._made.title = Item(short[0].place, text=short[0].text, doubts=short[0].doubts)
        told = [item for item in told if item is not (short[0] if short else None)]
        if told:
            self._made.standard, *rest = told
            self._made.introduction = [item.text for item in rest]
            for item in rest:
                self._made.standard.doubts += item.doubts
        for item in before:
            if not short or item is not short[0]:
                self._made.left_aside.append(f"{item.place}: {item.text[:70]}{'…' if len(item.text) > 70 else ''}")

    # --- key factors

    def _factor(self) -> None:
        line = self._line()
        assert line is not None  # noqa: S101
        item = Item(line.place)
        self._made.factors.append(item)
        numbered = _FACTOR.match(line.text)
        if _BOTH.match(line.text):
            self._at += 1
            self._skip_blank()
        if numbered and numbered["title"]:
            item.title = numbered["title"].strip()
            self._at += 1
        else:
            if numbered:
                self._at += 1
                self._skip_blank()
            heading = self._line()
            if heading is None:
                return
            item.place = heading.place
            title = self._joined(self._take(is_capital if is_capital(heading.text) else bool), item)
            item.title = self._words.cased(title)
        self._body(item)
        self._judge(item)

    def _body(self, item: Item) -> None:
        state = "text"
        while (line := self._line()) is not None:
            text = line.text
            if not text:
                self._at += 1
            elif (
                _CONTEXT.search(text)
                or _ABOUT.match(text)
                or (line.first and self._starts_factor(line))
                or (_FACTOR.match(text) and state != "text")
            ):
                return
            elif _BOTH.match(text) or _QUESTIONS.match(text) or _EXAMPLES.match(text):
                if _BOTH.match(text) and state != "text":
                    return
                state = "examples" if _EXAMPLES.match(text) else "questions" if _QUESTIONS.match(text) else state
                self._at += 1
            elif ONLY_LINK.fullmatch(text):
                self._at += 1  # the links of a page, repeated at its foot
            elif _MARK.match(text) or (state == "questions" and _NUMBERED.match(text)):
                state = "questions"
                self._question(item)
            elif state == "text":
                block = self._take(lambda text: not _MARK.match(text) and not self._is_label(text))
                if item.paragraphs and self._goes_on(item.paragraphs[-1], text):
                    item.paragraphs[-1] = self._joined(block, item, item.paragraphs[-1])
                else:
                    item.paragraphs.append(self._joined(block, item))
            else:
                state = self._example(item, state)

    def _question(self, item: Item) -> None:
        ends = (_MARK, _NUMBERED, _BULLET)
        block = self._take(
            lambda text: not any(end.match(text) for end in ends) and not self._is_label(text) and not is_capital(text)
        )
        question = Item(block.place)
        question.text = _NUMBERED.sub("", _MARK.sub("", self._joined(block, question)))
        if not re.search(r"[?？؟;](?:\s*\([^)]*\))?$", question.text):
            question.doubts.append(f"{block.place}: this does not end as a question; is it whole, and only one?")
        item.parts.append(question)

    def _example(self, item: Item, state: str) -> str:
        """Take a city's heading or more of its text; return what is read next."""
        line = self._line()
        assert line is not None  # noqa: S101
        follower = self._line(1)
        colon = _CITY_AND_TEXT.match(line.text) if state == "examples" else None
        if is_capital(line.text):
            block = self._take(is_capital)
            city = Item(block.place)
            city.title = self._words.cased(self._joined(block, city), name=True)
            item.practices.append(city)
            return "examples"
        alone = follower is None or not follower.text
        if state == "examples" and alone and len(line.text) <= 40 and not line.text.endswith((".", "!", "?", ",")):
            self._at += 1
            item.practices.append(Item(line.place, title=line.text))
            return state
        block = self._take(lambda text: not is_capital(text) and not self._is_label(text) and not _MARK.match(text))
        if colon and colon["city"][:1].isupper() and len(colon["city"].split()) <= 5:
            city = Item(block.place, title=colon["city"])
            city.text = self._joined(block, city)[colon.start("text") :]
            item.practices.append(city)
        elif item.practices and state == "examples":
            last = item.practices[-1]
            last.text = self._joined(block, last, last.text)
        elif item.parts:
            question = item.parts[-1]
            if not self._goes_on(question.text, line.text):
                question.doubts.append(f"{block.place}: does this paragraph belong to the question?")
            question.text = self._joined(block, question, question.text)
        else:
            self._leave(block)
        return state

    def _judge(self, item: Item) -> None:
        if not item.parts:
            item.doubts.append(f"{item.place}: no guide question was found; are they marked otherwise?")
        if len(item.paragraphs) < 2:
            item.doubts.append(f"{item.place}: statement and rationale are not told apart; which is which?")
        if len(item.paragraphs) > 2:
            item.doubts.append(f"{item.place}: the rationale has several paragraphs; do all belong to it?")
        for practice in item.practices:
            if not practice.text:
                practice.doubts.append(f"{practice.place}: nothing stands below this heading; is it a city?")

    # --- context factors

    def _context(self) -> None:
        while (line := self._line()) is not None:
            text = line.text
            if _ABOUT.match(text) or (line.first and self._starts_factor(line)):
                return
            if not text or _CONTEXT.search(text) or ONLY_LINK.fullmatch(text):
                self._at += 1
            elif _BULLET.match(text):
                self._point()
            elif (
                self._made.contexts
                and self._made.contexts[-1].parts
                and self._goes_on(self._made.contexts[-1].parts[-1].text, text)
            ):
                block = self._take(self._is_more_of_a_point)
                point = self._made.contexts[-1].parts[-1]
                point.text = self._joined(block, point, point.text)
            elif is_capital(text) or self._heads_points():
                block = self._take(is_capital if is_capital(text) else lambda text: not _BULLET.match(text))
                item = Item(block.place)
                item.title = self._words.cased(self._joined(block, item))
                self._made.contexts.append(item)
            else:
                self._leave(self._take(lambda text: not is_capital(text) and not _BULLET.match(text)))

    def _point(self) -> None:
        block = self._take(self._is_more_of_a_point)
        if not self._made.contexts:
            self._leave(block)
            return
        point = Item(block.place)
        point.text = _BULLET.sub("", self._joined(block, point))
        self._made.contexts[-1].parts.append(point)

    def _is_more_of_a_point(self, text: str) -> bool:
        return not _BULLET.match(text) and not is_capital(text) and not self._is_label(text)

    def _heads_points(self) -> bool:
        """Tell whether the next lines are a heading: a short one, with a point right below."""
        ahead = 1
        while (line := self._line(ahead)) is not None and not line.text:
            ahead += 1
        here = self._line()
        return bool(here and line and _BULLET.match(line.text) and len(here.text) <= 60 and not here.text.endswith("."))
