"""JMESPath: microseconds for one evaluation, ours against the `jmespath` library, on a push of about 7.7 KB.

Run it from the root of the project: `python benchmarks/jmes.py`. Rounds of both alternate and the best of each counts,
so that the ratios hold on a busy machine, too. At least 15 is demanded of every ratio.
"""

import json
import sys
from pathlib import Path
from timeit import Timer
from typing import Any

import jmespath

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sensors.languages.jmes.search import compile_expression

DEMANDED = 15.0
ROUNDS = 15
LIBRARY_LOOPS, OUR_LOOPS = 1_000, 20_000

EXPRESSIONS = {
    "E1 equality": "body.ref == 'refs/heads/main'",
    "E2 filter": "body.commits[?contains(added, 'README.md')]",
    "E3 length and flag": "length(body.commits) > `2` && body.repository.private",
    "E4 flatten": "contains(body.head_commit.modified[], 'src/main.py')",
    "E5 header": "headers.\"X-Github-Event\"[0] == 'push'",
}


def push() -> dict[str, Any]:
    """A document of the shape and size of a GitHub push with five commits."""

    def commit(number: int) -> dict[str, Any]:
        person = {"name": f"Person {number}", "email": f"person{number}@example.com", "username": f"person{number}"}
        digest = f"{number:x}" * 40
        return {
            "id": digest,
            "tree_id": digest[::-1],
            "message": f"Change number {number}\n\n" + "Why it was needed, at some length. " * 5,
            "timestamp": f"2026-01-0{number}T12:00:00Z",
            "url": f"https://example.com/acme/widgets/commit/{digest}",
            "author": person,
            "committer": person,
            "added": ["README.md", "docs/guide.md"] if number == 3 else [f"src/new_{number}.py"],
            "removed": [],
            "modified": ["src/main.py", f"src/part_{number}.py"],
        }

    commits = [commit(number) for number in range(1, 6)]
    base = "https://api.example.com/repos/acme/widgets"
    links = {f"{name}_url": f"{base}/{name}{{/sha}}" for name in ("archive", "blobs", "branches", "commits", "compare")}
    counts = dict.fromkeys(("forks", "open_issues", "size", "stargazers_count", "watchers", "network_count"), 42)
    repository = {"id": 1296269, "name": "widgets", "full_name": "acme/widgets", "private": True, **counts, **links}
    organization = {"login": "acme", "id": 9919, "description": "We make widgets. " * 154}
    body = {
        "ref": "refs/heads/main",
        "before": "0" * 40,
        "after": "5" * 40,
        "created": False,
        "deleted": False,
        "forced": False,
        "commits": commits,
        "head_commit": commits[-1],
        "repository": repository,
        "organization": organization,
        "pusher": {"name": "person5", "email": "person5@example.com"},
        "sender": {"login": "person5", "id": 583231, "type": "User", "site_admin": False},
    }
    return {"headers": {"X-Github-Event": ["push"], "Content-Type": ["application/json"]}, "body": body}


def microseconds(search: Any, document: Any, loops: int) -> float:
    return Timer("search(document)", globals={"search": search, "document": document}).timeit(loops) / loops * 1e6


def main() -> None:
    document = push()
    print(f"document: {len(json.dumps(document, separators=(',', ':')))} bytes")
    print(f"{'':20}{'jmespath us':>12}{'ours us':>10}{'ratio':>8}{'on {}':>10}{'ours us':>10}{'ratio':>8}")
    ratios = []
    for name, text in EXPRESSIONS.items():
        library, ours = jmespath.compile(text).search, compile_expression(text).search
        assert library(document) == ours(document)
        row = f"{name:20}"
        for given in (document, {"headers": {}, "body": {"commits": [], "head_commit": {"modified": []}}}):
            theirs_best = ours_best = float("inf")
            for _ in range(ROUNDS):
                theirs_best = min(theirs_best, microseconds(library, given, LIBRARY_LOOPS))
                ours_best = min(ours_best, microseconds(ours, given, OUR_LOOPS))
            ratios.append(theirs_best / ours_best)
            row += f"{theirs_best:12.2f}{ours_best:10.3f}{ratios[-1]:8.1f}"
        print(row)
    compiling = min(Timer(lambda: compile_expression(EXPRESSIONS["E3 length and flag"])).repeat(5, 200)) / 200 * 1e6
    print(f"to compile E3: {compiling:.0f} us;  least ratio: {min(ratios):.1f} ({DEMANDED:.0f} demanded)")


if __name__ == "__main__":
    main()
