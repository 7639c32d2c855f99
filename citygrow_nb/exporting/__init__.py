"""From an executed workbook to one standalone HTML page, or a refusal that says what is wrong with it."""

from citygrow_nb.exporting.chapters import chapters
from citygrow_nb.exporting.city_pages import CityPages
from citygrow_nb.exporting.pages import body, checked, framed

__all__ = ["CityPages", "body", "chapters", "checked", "framed"]
