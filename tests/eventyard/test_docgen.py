"""The generated parts of the docs are up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventyard.docgen import DOCS, PAGES, generate, jmespath_functions, write

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("name", PAGES)
def test_pages(name: str) -> None:
    text = (ROOT / DOCS / name).read_text()
    assert generate(text, PAGES[name]) == text, "run: python -m eventyard.docgen"


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    for name in PAGES:
        (tmp_path / name).write_text((ROOT / DOCS / name).read_text())
    assert write(tmp_path) == []
    page = tmp_path / "jmespath.md"
    page.write_text(page.read_text().replace("| `add(", "| `old("))
    assert write(tmp_path) == [page]
    assert page.read_text() == (ROOT / DOCS / "jmespath.md").read_text()


def test_a_part_without_a_place() -> None:
    with pytest.raises(ValueError, match="one part 'x', found 0"):
        generate("nothing", {"x": lambda: "y"})
    assert generate("a\n<!-- begin: x -->\nold\n<!-- end: x -->\nb", {"x": lambda: r"\1" + "\n"}) == (
        "a\n<!-- begin: x -->\n\\1\n<!-- end: x -->\nb"
    )


def test_the_table_has_a_row_for_each_function() -> None:
    rows = jmespath_functions().splitlines()
    assert len({row.split("(")[0] for row in rows[2:]}) == len(rows) - 2 == 26 + 46
    assert "| `regex_match(string, string or number)` \\* | boolean |" in "\n".join(rows)
