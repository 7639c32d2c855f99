"""Exports of survey tools: which columns a tool adds on its own, and which of them tell one respondent from another.

Sources: documentation of KoboToolbox, ODK Central, LimeSurvey, Google Forms and Microsoft Forms. Knows no file.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from citygrow_nb.tables.cells import folded


@dataclass(frozen=True)
class Dialect:
    """How one tool exports answers: a row for each respondent.

    Parameters
    ----------
    name
        The tool, for people.
    sure
        Folded names of columns of which one is enough to recognise it.
    together
        Folded names of columns that recognise it when all of them are there; several such sets.
    own
        Further folded names of columns that the tool adds; left aside.
    ids
        Folded names of columns that tell one respondent from another, the best first.
    answers
        What the tool writes in place of answers, when these were made by our template.
    """

    name: str
    sure: frozenset[str] = frozenset()
    together: tuple[frozenset[str], ...] = ()
    own: frozenset[str] = frozenset()
    ids: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)

    def is_own(self, name: str) -> bool:
        """Tell whether a column is the tool's own, not of the survey."""
        plain = folded(name.rsplit("/", 1)[-1])
        listed = plain in self.own or plain in self.sure or any(plain in names for names in self.together)
        # Both tools of the first dialect begin their own columns so.
        return listed or (self is KOBO and name.startswith(("_", "meta/", "meta-", "formhub/")))


def _names(text: str) -> frozenset[str]:
    return frozenset(folded(word) for word in text.split(", "))


KOBO = Dialect(
    "KoboToolbox or ODK",
    sure=_names(
        "_uuid, _submission_time, instanceID, meta-instanceID, SubmissionDate, KEY, _submitted_by, formhub/uuid, "
        "__version__"
    ),
    own=_names(
        "start, end, today, deviceid, username, phonenumber, audit, uuid, _id, _index, _status, _tags, _notes, "
        "_version_, rootUuid, deprecatedID, instanceName, SubmitterID, SubmitterName, AttachmentsPresent, "
        "AttachmentsExpected, Status, ReviewState, DeviceID, Edits, FormVersion, _validation_status, _attachments, "
        "introduction"
    ),
    ids=("uuid", "instanceid", "metainstanceid", "key", "id"),
)
LIMESURVEY = Dialect(
    "LimeSurvey",
    sure=_names("submitdate, lastpage, startlanguage, Date submitted, Last page, Start language"),
    own=_names(
        "id, Response ID, seed, token, startdate, datestamp, ipaddr, refurl, Date started, Date last action, "
        "IP address, Referrer URL, Access code, interviewtime, Total time"
    ),
    ids=("id", "responseid"),
    answers={"a1": "0", "a2": "1", "a3": "2", "a4": "3", "a5": "dk", "a6": "na"},
)
MICROSOFT = Dialect(
    "Microsoft Forms",
    together=(
        _names("Start time, Completion time"),
        _names("Startzeit, Fertigstellungszeit"),
        _names("Heure de début, Heure de fin"),
        _names("Hora de inicio, Hora de finalización"),
        _names("Ora di inizio, Ora di completamento"),
        _names("Godzina rozpoczęcia, Godzina ukończenia"),
        _names("Begintijd, Tijd van voltooien"),
    ),
    own=_names("ID, Email, E-Mail, Name, Nom, Nombre, Nome, Nazwa, Naam, Last modified time, Language"),
    ids=("id",),
)
GOOGLE = Dialect(
    "Google Forms",
    sure=_names(
        "Timestamp, Zeitstempel, Horodateur, Marca temporal, Informazioni cronologiche, Carimbo de data/hora, "
        "Sygnatura czasowa, Tijdstempel, Časové razítko, Időbélyeg, Tidsstempel, Tidstämpel, Aikaleima, Χρονική σήμανση"
    ),
    own=_names("Email Address, Username, E-Mail-Adresse, Adresse e-mail, Score, Email"),
)
DIALECTS = (KOBO, LIMESURVEY, MICROSOFT, GOOGLE)


def recognise(names: Sequence[str], codes: Collection[str] = ()) -> Dialect | None:
    """Return the tool that made a table with columns of these names; None where nothing tells.

    Parameters
    ----------
    names
        Names of the columns, with or without names of groups.
    codes
        Names that mean questions, and so tell nothing of the tool.

    Examples
    --------
    >>> [recognise(names) and recognise(names).name for names in (["start", "KF1/KF1_Q1", "_uuid"], ["city", "KF1.Q1"])]
    ['KoboToolbox or ODK', None]
    """
    plain = {folded(name.rsplit("/", 1)[-1]) for name in names if name not in codes}
    for dialect in DIALECTS:
        if plain & dialect.sure or any(together <= plain for together in dialect.together):
            return dialect
    return None
