"""Reports of many cities: which jobs there are, on which executor they run, and how their pages get to disk."""

from citygrow_nb.batch.jobs import CityJob, Pages, PortfolioJob, Toolkit
from citygrow_nb.batch.making import make_city, make_portfolio
from citygrow_nb.batch.running import Options, run
from citygrow_nb.batch.selecting import no_such_city, select
from citygrow_nb.batch.sources import Found, Gathered, Read, gather, read_all

__all__ = [
    "CityJob",
    "Found",
    "Gathered",
    "Options",
    "Pages",
    "PortfolioJob",
    "Read",
    "Toolkit",
    "gather",
    "make_city",
    "make_portfolio",
    "no_such_city",
    "read_all",
    "run",
    "select",
]
