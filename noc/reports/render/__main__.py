"""Makes one file: what is asked comes as JSON on stdin, the file goes to stdout; `python -m noc.reports.render`."""

from __future__ import annotations

import json
import sys

from noc.reports.frame.asked import Answer, Issue
from noc.reports.frame.registry import report
from noc.reports.render.files import FORMATS, file_of


def main() -> None:
    """Read {answer, issue, form, lang} and write the file."""
    asked = json.load(sys.stdin)
    name = json.loads(asked["answer"])["head"]["asked"]["report"]
    answer: Answer = report(name).ANSWER.model_validate_json(asked["answer"])
    form = next(one for one in FORMATS if one == asked["form"])
    sys.stdout.buffer.write(file_of(answer, Issue.model_validate_json(asked["issue"]), form, asked["lang"]))


if __name__ == "__main__":
    main()
