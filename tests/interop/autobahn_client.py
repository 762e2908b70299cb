"""Runs cases of the Autobahn fuzzing client against one server; runs in the suite's environment.

    autobahn_client.py --list                                   prints every case id, one a line
    autobahn_client.py --url ws://127.0.0.1:9001 --out DIR [--shard I/N] [--cases '7.*,9.1.1']

    autobahn_client.py --merge --out DIR                        one index of what all shards wrote

Writes the suite's own reports (index.html, index.json and a page for each case) to DIR.
"""

import argparse
import json
import pathlib
import sys
import traceback
import warnings

warnings.filterwarnings("ignore")

from autobahn.twisted.websocket import connectWS  # noqa: E402,F401  (installs the reactor)
from autobahn.websocket.protocol import WebSocketProtocol  # noqa: E402
from autobahntestsuite import fuzzing  # noqa: E402
from autobahntestsuite.case import (  # noqa: E402  # noqa: E402
    Case,
    CaseBasename,
    CaseCategories,
    Cases,
    CaseSetname,
    CaseSubCategories,
)
from autobahntestsuite.caseset import CaseSet  # noqa: E402
from twisted.internet import reactor  # noqa: E402
from twisted.python import log as twisted_log  # noqa: E402

FAILED = []  # becomes true when the suite's own code failed


def as_bytes(text):
    """The cases hold wire bytes as Latin-1 text, one character a byte."""
    return text.encode("latin-1") if isinstance(text, str) else text


def normalised(events):
    return [tuple(as_bytes(part) if i == 1 and event[0] != "timeout" else part
                  for i, part in enumerate(event)) for event in events]


def adapt_to_bytes():
    """Converts at the three places where the cases' text meets the wire."""
    Case.compare = lambda self, left, right: normalised(left) == normalised(right)
    fuzzing.asciiLogData = printable

    def wrap(name, positions):
        original = getattr(WebSocketProtocol, name)

        def wrapped(self, *args, **kwargs):
            args = [as_bytes(a) if i in positions else a for i, a in enumerate(args)]
            for key in ("payload", "reasonUtf8", "mask"):
                if key in kwargs:
                    kwargs[key] = as_bytes(kwargs[key])
            return original(self, *args, **kwargs)

        setattr(WebSocketProtocol, name, wrapped)

    wrap("sendFrame", {1})
    wrap("sendMessage", {0})
    wrap("sendMessageFrameData", {0})
    wrap("sendPing", {0})
    wrap("sendPong", {0})
    wrap("sendCloseFrame", {1})


def as_text(value):
    """Reports are text: what is left of the wire's bytes in a case's result becomes Latin-1."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, dict):
        return {key: as_text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_text(item) for item in value]
    return value


def stop_on_failure():
    """An exception in the suite's own code fails the run: twisted would log it to nobody and drop
    the connection, which some cases count as a pass, or leave the run waiting for ever."""

    def note_failure(event):
        if event.get("isError") or event.get("log_failure"):
            print(twisted_log.textFromEventDict(event), file=sys.stderr)
            FAILED.append(True)

    twisted_log.addObserver(note_failure)
    factory = fuzzing.FuzzingClientFactory
    log_case = factory.logCase
    factory.logCase = lambda self, results: log_case(self, as_text(results))
    advance = factory.clientConnectionLost

    def advance_or_stop(self, connector, reason):
        try:
            advance(self, connector, reason)
        except Exception:
            traceback.print_exc()
            FAILED.append(True)
            reactor.stop()

    factory.clientConnectionLost = advance_or_stop


def printable(data, maxlen=64, replace=False):
    data = as_bytes(data)
    shown = data if len(data) <= maxlen - 4 else data[:maxlen - 4]
    try:
        text = shown.decode("utf8", errors="replace" if replace else "strict")
    except UnicodeDecodeError:
        return "0x" + fuzzing.binLogData(data, maxlen)
    return text + (" ..." if len(data) > len(shown) else "")


def merge(cases, out):
    factory = fuzzing.FuzzingFactory(out)
    factory.CaseSet = cases
    for path in pathlib.Path(out).glob("*_case_*.json"):
        result = json.loads(path.read_text(encoding="utf-8"))
        factory.agents.setdefault(result["agent"], {})[result["id"]] = result
    factory.createMasterReportHTML(out)
    factory.createMasterReportJSON(out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--merge", action="store_true")
    parser.add_argument("--url")
    parser.add_argument("--out")
    parser.add_argument("--shard", default="0/1")
    parser.add_argument("--cases", default="*")
    args = parser.parse_args()
    cases = CaseSet(CaseSetname, CaseBasename, Cases, CaseCategories, CaseSubCategories)
    chosen = cases.parseSpecCases({"cases": args.cases.split(",")})
    if args.list:
        print("\n".join(chosen))
        return 0
    if args.merge:
        merge(cases, args.out)
        return 0
    index, count = map(int, args.shard.split("/"))
    adapt_to_bytes()
    stop_on_failure()
    fuzzing.startClient({
        "outdir": args.out,
        "servers": [{"agent": "Carillon", "url": args.url}],
        "cases": chosen[index::count],
        "exclude-cases": [],
        "exclude-agent-cases": {},
    })
    reactor.run()
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
