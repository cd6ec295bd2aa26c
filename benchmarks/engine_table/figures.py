"""The table: what is asked of the engine, and beside it what was reached."""
from dataclasses import dataclass

MISSING = "not there"


@dataclass(frozen=True)
class Figure:
    key: str
    text: str
    must: float | None
    aim: float | None
    unit: str = ""
    more_is_better: bool = False

    def shown(self, value):
        if value is None:
            return "-"
        if self.more_is_better:
            return f"{value:,.0f}{self.unit}"
        return f"{value:.{3 if value < 2 else 2 if value < 10 else 1}f}{self.unit}"

    def verdict(self, value):
        if value is None:
            return ""
        for limit, word in ((self.aim, "aim"), (self.must, "must")):
            if limit is not None and ((value >= limit) if self.more_is_better else (value <= limit)):
                return word
        return "MISSED" if self.must is not None else ""


FIGURES = (
    Figure("load", "load, lines/s, clients included", 400_000, 1_000_000, more_is_better=True),
    Figure("size_zstd1", "data directory, settled, of zstd -1", 0.80, None),
    Figure("size_zstd19", "data directory, settled, of zstd -19", None, 1.05),
    Figure("compacted_zstd19", "data directory, compacted, of zstd -19", 1.10, 0.95),
    Figure("memory", "peak memory during the load", 400, 200, " MB"),
    Figure("rare", "count of a rare word, of rg -i -c -w", 0.10, 0.02),
    Figure("common", "count of common words, of two together", 0.30, 0.10),
    Figure("nowhere", "count of a word that is nowhere", 0.03, 0.01),
    Figure("newest", "newest 1000 with a common word, JSON", 0.50, 0.20),
    Figure("substring", "*sub*", 1.5, 0.5),
    Figure("regex", "/regex/ with a literal", 1.5, 0.5),
    Figure("regex_bare", "/regex/ with none", 6, 2),
    Figure("series", "series: a year, 1,051,200 readings, 500 steps", 50, 10, " ms"),
    Figure("reading", "disk for a reading", 4, 1.5, " B"),
    Figure("growth", "growth: rare word, newest 1000 on 10 x the lines", 3, 1.5, " x"),
    Figure("agents", "agents' cells in bulk, CPU a line of lines'", 1.5, 1.0, " x"),
)


def table(reached, compacted):
    """`reached` and `compacted` are values by key; None or absent: not measured; MISSING: the server cannot."""
    rows = [("figure", "must", "aim", "reached", "", "after compact", "")]
    for figure in FIGURES:
        cells = [figure.text, *("" if limit is None else figure.shown(limit) for limit in (figure.must, figure.aim))]
        for values in (reached, compacted):
            value = values.get(figure.key)
            cells += [value, ""] if value == MISSING else [figure.shown(value), figure.verdict(value)]
        rows.append(cells)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    out = []
    for number, row in enumerate(rows):
        out.append("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
        if number == 0:
            out.append("| " + " | ".join("-" * max(3, width) for width in widths) + " |")
    return "\n".join(out)


def questions_table(loaded, compacted):
    """Each question by itself: milliseconds, the ratio to rg by the median and by the best of the rounds."""
    lines = [f"{'question':<18}{'lines':>9}{'rg ms':>8}{'ours ms':>9}{'ratio':>8}{'best':>8}{'cpu ms':>8}"
             f"{'| compacted ms':>16}{'ratio':>8}{'best':>8}  query"]
    for one, after in zip(loaded, compacted or [None] * len(loaded)):
        text = (f"{one['question']:<18}{one['lines']:>9}{one['rg']['median_ms']:>8.1f}{one['ours']['median_ms']:>9.2f}"
                f"{one['ratio']:>8.3f}{one['best_ratio']:>8.3f}{one['ours']['cpu_ms']:>8.1f}")
        if after:
            text += f"{after['ours']['median_ms']:>16.2f}{after['ratio']:>8.3f}{after['best_ratio']:>8.3f}"
        lines.append(text + "  " + one["query"])
    return "\n".join(lines)


def worst(results, key="ratio"):
    """The figure of a row is the worst of its questions."""
    found = {}
    for result in results:
        if not result["figure"]:
            continue
        found[result["figure"]] = max(found.get(result["figure"], 0), result[key])
    return found
