"""Rows of a table as HTML: a page has thousands of cells, which a template writes ten times slower.

Everything that comes from a study or from results is escaped, as in the template.
"""

from collections.abc import Sequence

from markupsafe import Markup, escape

from lwoopro.report.blocks import Cell, Column

__all__ = ["row_html"]


def row_html(columns: Sequence[Column], row: Sequence[Cell]) -> Markup:
    """Write one row; the first cell heads it.

    Parameters
    ----------
    columns, row : sequence, of the same length

    Returns
    -------
    Markup
    """
    head, *cells = row
    parts = [f'<tr><th scope="row"{_sort(head)}>{_inner(head)}</th>']
    for column, cell in zip(columns[1:], cells, strict=True):
        kind = f"{'n ' if column.number else ''}{escape(cell.kind)}"
        heat = "" if cell.heat is None else f' style="--heat:{cell.heat:.2f}"'
        parts.append(f'<td{_sort(cell)} class="{kind}"{heat}>{_inner(cell)}</td>')
    parts.append("</tr>")
    return Markup("".join(parts))


def _sort(cell: Cell) -> str:
    return "" if cell.sort is None else f' data-v="{cell.sort:.9g}"'


def _inner(cell: Cell) -> str:
    text: str = escape(cell.text)
    if cell.link:
        text = f'<a href="{escape(cell.link)}">{text}</a>'
    if cell.error:
        text = f"{text} <small>{escape(cell.error)}</small>"
    if cell.range:
        text = f'{text}<small class="r">{escape(cell.range)}</small>'
    return text
