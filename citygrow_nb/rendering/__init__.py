"""Static HTML: fragments, charts and whole pages, from data and templates. Knows nothing of Jupyter."""

from citygrow_nb.rendering.charts import factors_chart, factors_table
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
)
from citygrow_nb.rendering.pages import NavLink, city_index, page
from citygrow_nb.rendering.portfolio import advice, heatmap, portfolio_opening
from citygrow_nb.rendering.summary import context_beside_factors, gaps, headline, strengths, unknowns

__all__ = [
    "Fragment",
    "NavLink",
    "actions",
    "advice",
    "city_facts",
    "city_index",
    "context",
    "context_beside_factors",
    "factors_chart",
    "factors_table",
    "gaps",
    "headline",
    "heatmap",
    "message",
    "opening",
    "page",
    "portfolio_opening",
    "practices",
    "question",
    "scorecard",
    "standing_line",
    "strengths",
    "unknowns",
]
