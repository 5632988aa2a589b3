"""Rows written by Python are those that a template would write."""

import pytest
from jinja2 import Environment, StrictUndefined

from lwoopro.report.blocks import Cell, Column
from lwoopro.report.cells import row_html

# word by word, cell by cell: slow, and easy to read
TEMPLATE = """\
{%- macro sort(cell) %}
{%- if cell.sort is not none %} data-v="{{ "%.9g" | format(cell.sort) }}"{% endif %}
{%- endmacro %}

{%- macro inner(cell) -%}
{% if cell.link %}<a href="{{ cell.link }}">{{ cell.text }}</a>{% else %}{{ cell.text }}{% endif %}
{%- if cell.error %} <small>{{ cell.error }}</small>{% endif %}
{%- if cell.range %}<small class="r">{{ cell.range }}</small>{% endif %}
{%- endmacro %}
{{- "" }}<tr>
{%- for cell in row %}
{%- set column = columns[loop.index0] %}
{%- if loop.first %}<th scope="row"{{ sort(cell) }}>{{ inner(cell) }}</th>
{%- else %}<td{{ sort(cell) }} class="{{ "n " if column.number }}{{ cell.kind }}"
{%- if cell.heat is not none %} style="--heat:{{ "%.2f" | format(cell.heat) }}"{% endif %}>
{{- inner(cell) }}</td>
{%- endif %}
{%- endfor %}</tr>
"""

EVIL = '<b onclick="x">\'&'

CELLS = {
    "words": Cell("VO2708 Amsterdam"),
    "number": Cell("1,234.5", 1234.5, "± 0.3"),
    "interval": Cell("−1", -1.0, "± 0.1", "loss", range="−2 to 0 ± 0.2"),
    "shaded": Cell("3", 3.0, heat=0.125),
    "link": Cell("VO2001", link="#VO2001"),
    "withheld": Cell("–", None, kind="away"),
    "large": Cell("1", 1234567890.125),
    "evil": Cell(EVIL, 0.0, EVIL, EVIL, EVIL, EVIL, 0.5),
}


@pytest.mark.parametrize("number", [True, False])
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_row_is_that_of_the_template(cell: Cell, number: bool) -> None:
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(TEMPLATE)
    columns = [Column("swv", False), Column("one", number), Column("other")]
    row = [cell, cell, Cell("last", 2.0)]
    found = row_html(columns, row)
    assert found == template.render(columns=columns, row=row)
    assert "<b" not in found


def test_no_cell_without_a_column() -> None:
    with pytest.raises(ValueError, match="zip"):
        row_html([Column("one")], [Cell("1"), Cell("2")])
