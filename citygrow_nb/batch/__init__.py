"""Reports of many cities: which jobs there are, on which executor they run, and how their pages get to disk.

A name is imported when it is asked for: a worker needs little of this, and a run that finds all as it was not much.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from citygrow_nb.batch.city_report import make_city
    from citygrow_nb.batch.jobs import CityJob, Pages, PortfolioJob, Toolkit
    from citygrow_nb.batch.mentors import Lists, network_of
    from citygrow_nb.batch.options import Options
    from citygrow_nb.batch.portfolio_report import make_portfolio, mentoring_files
    from citygrow_nb.batch.running import published, run
    from citygrow_nb.batch.selection import no_such_city, select
    from citygrow_nb.batch.source_index import Found, Gathered, Held, Identity, files_of
    from citygrow_nb.batch.sources import Read, gather, read_all
    from citygrow_nb.batch.workers import prepare_workers

_PLACES = {
    "city_report": ("make_city",),
    "jobs": ("CityJob", "Pages", "PortfolioJob", "Toolkit"),
    "mentors": ("Lists", "network_of"),
    "options": ("Options",),
    "portfolio_report": ("make_portfolio", "mentoring_files"),
    "running": ("published", "run"),
    "selection": ("no_such_city", "select"),
    "source_index": ("Found", "Gathered", "Held", "Identity", "files_of"),
    "sources": ("Read", "gather", "read_all"),
    "workers": ("prepare_workers",),
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names}

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
    "files_of",
    "gather",
    "make_city",
    "make_portfolio",
    "mentoring_files",
    "network_of",
    "no_such_city",
    "prepare_workers",
    "published",
    "read_all",
    "run",
    "select",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
