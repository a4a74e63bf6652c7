"""Log lines: ours at the level asked for, libraries only when it is grave."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from matria.log import configure


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_a_library_is_not_heard_below_a_warning() -> None:
    heard = io.StringIO()
    configure(logging.INFO, stream=heard)
    loud = logging.getLogger("great_expectations.loud")
    loud.setLevel(logging.DEBUG)
    loud.info("chatter")
    loud.warning("grave")
    logging.getLogger("docket.worker").error("a traceback that the run's own log holds")
    logging.getLogger("matria.events").info("ours %d", 3)
    assert "chatter" not in heard.getvalue()
    assert "traceback" not in heard.getvalue()
    assert "grave" in heard.getvalue()
    assert "ours 3" in heard.getvalue()


def test_json_lines_are_one_object_each() -> None:
    heard = io.StringIO()
    configure(logging.INFO, "json", heard)
    try:
        int("two\nlines")
    except ValueError:
        logging.getLogger("evals").exception("said\nso")
    line = json.loads(heard.getvalue())
    assert line["message"] == "said\nso"
    assert "ValueError" in line["exception"]


def test_a_log_line_steers_no_terminal() -> None:
    heard = io.StringIO()
    configure(stream=heard)
    logging.getLogger("flows").warning("%s said so", "\x1b]52;c;eA==\x07\x9b2J\u202e")
    assert heard.getvalue().endswith("⟨U+001B⟩]52;c;eA==⟨U+0007⟩⟨U+009B⟩2J⟨U+202E⟩ said so\n")
