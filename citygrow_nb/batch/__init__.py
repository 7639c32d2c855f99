"""Reports of many cities: which jobs there are, on which executor they run, and how their pages get to disk."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from citygrow_nb.batch.jobs import CityJob, Pages, PortfolioJob, Toolkit
from citygrow_nb.batch.mentors import Lists, network_of
from citygrow_nb.batch.options import Options
from citygrow_nb.batch.running import run
from citygrow_nb.batch.selection import no_such_city, select
from citygrow_nb.batch.source_index import Found, Gathered, Identity
from citygrow_nb.batch.sources import Held, Read, gather, read_all

if TYPE_CHECKING:
    from citygrow_nb.batch.city_report import make_city
    from citygrow_nb.batch.portfolio_report import make_portfolio, mentoring_files

__all__ = [
    "CityJob",
    "Found",
    "Gathered",
    "Held",
    "Identity",
    "Lists",
    "Options",
    "Pages",
    "PortfolioJob",
    "Read",
    "Toolkit",
    "gather",
    "make_city",
    "make_portfolio",
    "mentoring_files",
    "network_of",
    "no_such_city",
    "read_all",
    "run",
    "select",
]

_LATER = {
    "make_city": "city_report",
    "make_portfolio": "portfolio_report",
    "mentoring_files": "portfolio_report",
}
"""What takes time to import, and is not needed where nothing is made."""


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
