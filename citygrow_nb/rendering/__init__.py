"""Static HTML: fragments, charts and whole pages, from data and templates. Knows nothing of Jupyter."""

from citygrow_nb.rendering.agreeing import minutes, side_by_side
from citygrow_nb.rendering.change import changes_table
from citygrow_nb.rendering.charts import factors_chart, factors_table, standings
from citygrow_nb.rendering.city import Chapter, Past, report, summary
from citygrow_nb.rendering.environment import STANDING_WORDS, count
from citygrow_nb.rendering.finder import finder
from citygrow_nb.rendering.follow_up import follow_up_sentence, followed_up
from citygrow_nb.rendering.fragments import (
    STATUS_WORDS,
    Fragment,
    actions,
    city_facts,
    contested_line,
    context,
    message,
    opening,
    practices,
    question,
    scorecard,
    standing_line,
    voice_line,
)
from citygrow_nb.rendering.mentoring import mentoring_pages, mentors_of, network_table, wishes
from citygrow_nb.rendering.method import Provenance, method
from citygrow_nb.rendering.overview import FrontCity, FrontToolkit, Taken, city_page, front_page
from citygrow_nb.rendering.pages import FRONT_CRUMB, PORTFOLIO_PAGE, Extra, NavLink, draft_notice, page, standalone
from citygrow_nb.rendering.parts import further_pages
from citygrow_nb.rendering.portfolio import (
    advice,
    by_name,
    city_pages,
    distribution,
    heatmap,
    movement,
    portfolio_opening,
)
from citygrow_nb.rendering.sheet import sheet_to_fill_in
from citygrow_nb.rendering.site_front import site_front
from citygrow_nb.rendering.status import status_pages
from citygrow_nb.rendering.summary import agree_first, context_beside_factors, gaps, headline, strengths, unknowns
from citygrow_nb.rendering.trend import trend_charts

__all__ = [
    "FRONT_CRUMB",
    "PORTFOLIO_PAGE",
    "STANDING_WORDS",
    "STATUS_WORDS",
    "Chapter",
    "Extra",
    "Fragment",
    "FrontCity",
    "FrontToolkit",
    "NavLink",
    "Past",
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
    "contested_line",
    "context",
    "context_beside_factors",
    "count",
    "distribution",
    "draft_notice",
    "factors_chart",
    "factors_table",
    "finder",
    "follow_up_sentence",
    "followed_up",
    "front_page",
    "further_pages",
    "gaps",
    "headline",
    "heatmap",
    "mentoring_pages",
    "mentors_of",
    "message",
    "method",
    "minutes",
    "movement",
    "network_table",
    "opening",
    "page",
    "portfolio_opening",
    "practices",
    "question",
    "report",
    "scorecard",
    "sheet_to_fill_in",
    "side_by_side",
    "site_front",
    "standalone",
    "standing_line",
    "standings",
    "status_pages",
    "strengths",
    "summary",
    "trend_charts",
    "unknowns",
    "voice_line",
    "wishes",
]
