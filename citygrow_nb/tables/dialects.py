"""Exports of survey tools: which columns a tool adds on its own, and which of them tell one respondent from another.

Sources: documentation of KoboToolbox, ODK Central, LimeSurvey, Google Forms and Microsoft Forms. Knows no file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
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
    marks
        Folded names of columns that tell one response from another, the best first, by what they hold: see
        :func:`~citygrow_nb.model.persons.person_key`. They are the tool's own, too.
    enough
        Which marks are enough, where people choose the columns of an export.
    answers
        What the tool writes in place of answers, when these were made by our template.
    """

    name: str
    sure: frozenset[str] = frozenset()
    together: tuple[frozenset[str], ...] = ()
    own: frozenset[str] = frozenset()
    marks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    enough: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)

    def is_own(self, name: str) -> bool:
        """Tell whether a column is the tool's own, not of the survey."""
        plain = _plain(name)
        named = (self.own, self.sure, *self.together, *self.marks.values())
        listed = any(plain in names for names in named)
        # Both tools of the first dialect begin their own columns so.
        return listed or (self is KOBO and name.startswith(("_", "meta/", "meta-", "formhub/")))

    def mark(self, name: str) -> tuple[str, int]:
        """Return which mark of a response a column of this name holds (empty: none), and how good it is: 0 is best."""
        # The form's uuid, the same in every row.
        plain = "" if name.startswith("formhub/") else _plain(name)
        found = ((mark, names.index(plain)) for mark, names in self.marks.items() if plain in names)
        return next(found, ("", 0))


def _plain(name: str) -> str:
    """Return what a column is called without groups; LimeSurvey writes “code. text”, if it is asked for both."""
    both = re.match(r"(\w+)\. ", name)
    return folded(both[1] if both else name.rsplit("/", 1)[-1])


def _names(text: str) -> frozenset[str]:
    return frozenset(_ranked(text))


def _ranked(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folded(word) for word in text.split(", ")))


_EMAIL = _ranked(
    "Email, E-Mail, Email Address, E-Mail-Adresse, Adresse e-mail, Adresse de messagerie, Adresse électronique, "
    "Correo electrónico, Dirección de correo electrónico, Posta elettronica, Indirizzo email, Adres e-mail, "
    "E-mailadres, Endereço de e-mail"
)
_USERNAME = _ranked("Username, Nome utente, Nombre de usuario, Nazwa użytkownika, Nutzername")
"""What Google Forms calls the address at times; elsewhere this is an account that many may use."""
_SUBMITTED = _ranked(
    "Timestamp, Zeitstempel, Horodateur, Marca temporal, Informazioni cronologiche, Carimbo de data/hora, "
    "Sygnatura czasowa, Tijdstempel, Časové razítko, Időbélyeg, Tidsstempel, Tidstämpel, Aikaleima, Χρονική σήμανση"
)

KOBO = Dialect(
    "KoboToolbox or ODK",
    sure=_names(
        "_uuid, _submission_time, instanceID, meta-instanceID, SubmissionDate, KEY, _submitted_by, formhub/uuid, "
        "__version__"
    ),
    own=_names(
        "today, deviceid, username, phonenumber, audit, _index, _status, _tags, _notes, "
        "_version_, instanceName, SubmitterID, SubmitterName, AttachmentsPresent, "
        "AttachmentsExpected, Status, ReviewState, DeviceID, Edits, FormVersion, _validation_status, _attachments, "
        "introduction"
    ),
    marks={
        # An edited response has a new uuid, and says which it had at first.
        "uuid": _ranked(
            "rootUuid, meta-rootUuid, deprecatedID, meta-deprecatedID, _uuid, instanceID, meta-instanceID, KEY"
        ),
        "number": _ranked("_id"),
        "start": _ranked("start"),
        "end": _ranked("_submission_time, SubmissionDate, end"),
        "address": _EMAIL,
    },
    enough=("end", "start"),
)
LIMESURVEY = Dialect(
    "LimeSurvey",
    sure=_names(
        "submitdate, lastpage, startlanguage, Date submitted, Last page, Start language, "
        "Datum Abgeschickt, Letzte Seite, Start-Sprache, Date de soumission, Dernière page, Langue de départ, "
        "Fecha de envío, Última página, Lenguaje inicial, Data wysłania, Ostatnia strona, Język początkowy"
    ),
    own=_names(
        "ipaddr, refurl, IP address, Referrer URL, interviewtime, Total time, IP-Adresse, Weiterleitungs-URL, "
        "Gesamtzeit, Adresse IP, URL de référence, Dirección IP, URL de referencia, Adres IP, Prénom, Nom de famille"
    ),
    marks={
        "number": _ranked(
            "id, Response ID, Antwort ID, ID de la réponse, ID de respuesta, ID odpowiedzi, Identyfikator odpowiedzi"
        ),
        "seed": _ranked("seed, Zufallsstartwert, Tête de série, Semilla, Ziarno"),
        "start": _ranked(
            "startdate, Date started, Datum gestartet, Date de lancement, Fecha de inicio, Data rozpoczęcia, "
            "datestamp, Date last action, Datum letzte Aktivität, Date de la dernière action, "
            "Fecha de la última acción, Data ostatniej akcji"
        ),
        "end": _ranked(
            "submitdate, Date submitted, Datum Abgeschickt, Date de soumission, Fecha de envío, Data wysłania"
        ),
        "token": _ranked("token, Access code, Zugangscode, Zugangsschlüssel, Code d'accès"),
        "address": _EMAIL,
    },
    enough=("seed", "end", "start", "token", "address"),
    answers={"a1": "0", "a2": "1", "a3": "2", "a4": "3", "a5": "dk", "a6": "na"},
)
_MICROSOFT_TIMES = (
    ("Start time", "Completion time"),
    ("Startzeit", "Fertigstellungszeit"),
    ("Heure de début", "Heure de fin"),
    ("Hora de inicio", "Hora de finalización"),
    ("Ora di inizio", "Ora di completamento"),
    ("Godzina rozpoczęcia", "Godzina ukończenia"),
    ("Begintijd", "Tijd van voltooien"),
    ("Hora de início", "Hora de conclusão"),
)
MICROSOFT = Dialect(
    "Microsoft Forms",
    together=tuple(frozenset(map(folded, times)) for times in _MICROSOFT_TIMES),
    own=_names(
        "Name, Nom, Nombre, Nome, Nazwa, Naam, Last modified time, Language, "
        "Zeitpunkt der letzten Änderung, Czas ostatniej modyfikacji"
    ),
    marks={
        "number": ("id",),
        "start": tuple(folded(start) for start, _ in _MICROSOFT_TIMES),
        "end": tuple(folded(end) for _, end in _MICROSOFT_TIMES),
        "address": _EMAIL,
    },
)
GOOGLE = Dialect(
    "Google Forms",
    sure=frozenset(_SUBMITTED),
    own=_names("Score, Punktzahl"),
    marks={"end": _SUBMITTED, "address": _EMAIL + _USERNAME},
)
DIALECTS = (KOBO, LIMESURVEY, MICROSOFT, GOOGLE)
UNKNOWN = Dialect(
    "",
    marks={
        "uuid": ("guid",),
        "number": LIMESURVEY.marks["number"] + _ranked("Respondent ID, no, number, nr"),
        "start": MICROSOFT.marks["start"] + _ranked("start, started, start date, startdate"),
        "end": MICROSOFT.marks["end"]
        + _SUBMITTED
        + _ranked("end, submitted, submitted at, submission date, end date, date submitted, submitdate"),
        "address": _EMAIL,
    },
)
"""A survey by a tool that is not known: columns that mean the same wherever they occur."""


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
    plain = {_plain(name) for name in names if name not in codes}
    for dialect in DIALECTS:
        if plain & dialect.sure or any(together <= plain for together in dialect.together):
            return dialect
    return None
