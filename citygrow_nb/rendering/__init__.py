"""Static HTML: fragments, charts and whole pages, from data and templates. Knows nothing of Jupyter."""

from citygrow_nb.rendering.agreeing import minutes, side_by_side
from citygrow_nb.rendering.change import changes_table
from citygrow_nb.rendering.charts import factors_chart, factors_table, standings
from citygrow_nb.rendering.city import Chapter, report, summary
from citygrow_nb.rendering.finder import finder
from citygrow_nb.rendering.fragments import (
    Fragment,
    actions,
    city_facts,
    context,
    message,
    opening,
    practices,
    question,
    scorecard,
    standing_line,
    voice_line,
)
from citygrow_nb.rendering.method import Provenance, method
from citygrow_nb.rendering.overview import FrontCity, FrontToolkit, Taken, city_page, front_page
from citygrow_nb.rendering.pages import FRONT_CRUMB, PORTFOLIO_PAGE, Extra, NavLink, draft_notice, page, standalone
from citygrow_nb.rendering.parts import further_pages
from citygrow_nb.rendering.portfolio import advice, by_name, city_pages, distribution, heatmap, portfolio_opening
from citygrow_nb.rendering.sheet import sheet_to_fill_in
from citygrow_nb.rendering.summary import agree_first, context_beside_factors, gaps, headline, strengths, unknowns

__all__ = [
    "FRONT_CRUMB",
    "PORTFOLIO_PAGE",
    "Chapter",
    "Extra",
    "Fragment",
    "FrontCity",
    "FrontToolkit",
    "NavLink",
    "Provenance",
    "Taken",
    "actions",
    "advice",
    "agree_first",
    "by_name",
    "changes_table",
    "city_facts",
    "city_page",
    "city_pages",
    "context",
    "context_beside_factors",
    "distribution",
    "draft_notice",
    "factors_chart",
    "factors_table",
    "finder",
    "front_page",
    "further_pages",
    "gaps",
    "headline",
    "heatmap",
    "message",
    "method",
    "minutes",
    "opening",
    "page",
    "portfolio_opening",
    "practices",
    "question",
    "report",
    "scorecard",
    "sheet_to_fill_in",
    "side_by_side",
    "standalone",
    "standing_line",
    "standings",
    "strengths",
    "summary",
    "unknowns",
    "voice_line",
]
