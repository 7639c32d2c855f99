"""Countries of the fictitious cities: how cities are called there, what people write, which languages they work in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """How cities are called in one country, and what people there write."""

    country: str
    pattern: str
    first: str
    second: str
    remark: str

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the country, ISO 639."""
        return _LANGUAGES[self.country]


_LANGUAGES = {
    "PL": ("pl",),
    "DE": ("de",),
    "ES": ("es",),
    "GR": ("el",),
    "MA": ("ar", "fr"),
    "FI": ("fi", "sv"),
    "IT": ("it",),
    "PT": ("pt",),
    "FR": ("fr",),
    "SE": ("sv",),
    "UA": ("uk",),
    "BG": ("bg",),
    "IE": ("en", "ga"),
    "TR": ("tr",),
    "GE": ("ka",),
}

# Two lists of parts each; a name takes one of both.
PLACES = (
    Place(
        "PL",
        "{} {}",
        "Żabia Mglista Bajkowa Senna Zmyślona Niebyła",
        "Góra Wólka Dolina Łąka Przystań",
        "Zmyślony przykład.",
    ),
    Place(
        "DE",
        "{}{}",
        "Nebel Traum Nirgend Wolken Märchen Luft",
        "heim hausen brück stätten furth",
        "Erfundenes Beispiel.",
    ),
    Place(
        "ES",
        "{} {}",
        "Villa Puerto Fuente Peña Vega",
        "Inventada Quimera Soñada Niebla Fantasía Ninguna",
        "Ejemplo inventado.",
    ),
    Place(
        "GR",
        "{} {}",
        "Άνω Κάτω Νέα Παλαιά Μικρή",
        "Ουτοπία Ομίχλη Ονειρούπολη Φαντασία Νεφέλη",
        "Φανταστικό παράδειγμα.",
    ),
    Place("MA", "{} {}", "مدينة واحة مرسى عين قصبة", "الخيال السراب الأحلام الضباب الغيوم", "مثال من نسج الخيال."),
    Place("FI", "{}{}", "Utu Satu Uni Pilvi Kaiku", "la kylä niemi saari lampi", "Keksitty esimerkki."),
    Place("IT", "{} {}", "Borgo Castel Monte Porto Villa", "Nebbia Finto Sogno Chimera Altrove", "Esempio inventato."),
    Place("PT", "{} {}", "Vila Aldeia Ponte Foz Serra", "Sonhada Ilusão Neblina Fábula Miragem", "Exemplo inventado."),
    Place("FR", "{}-{}", "Saint Mont Val Pont Port", "Nulpart Songe Brume Chimère Mirage", "Exemple inventé."),
    Place("SE", "{}{}", "Dimm Saga Dröm Moln Ingen", "stad torp vik köping åsa", "Påhittat exempel."),
    Place("UA", "{} {}", "Нова Верхня Стара Мала Велика", "Мрія Казка Вигадка Хмаринка Примара", "Вигаданий приклад."),
    Place("BG", "{} {}", "Горна Долна Нова Стара Малка", "Мъгла Измислица Приказка Химера Мечта", "Измислен пример."),
    Place("IE", "{}{}", "Bally Kil Dun Glen Inish", "nowhere mist dream legend echo", "Invented example."),
    Place("TR", "{}{}", "Düş Sis Bulut Masal Hayal", "köy pınar dere kent ova", "Uydurma örnek."),
    Place("GE", "{} {}", "ახალი ძველი ზემო ქვემო პატარა", "ოცნება ნისლი ზღაპარი ექო სიზმარი", "გამოგონილი მაგალითი."),
)
