"""Each rule of check_layers.py fails on a bad sample and passes on the good one."""

import pytest

from check_layers import LayerCheck, kind_of
from source_tree import SourceTree

TABLE = """
[modules]
0 base:
1 log: base
1 metrics: base
1 ws: base
2 net: + ws
3 server: *
[programs]
cmd examples
[pure]
ws
[third-party]
zlib.h carillon/ws/deflate.cc
CLI/   once cmd/*.cc
gtest/ *_test.cc
"""
GOOD = {
    "tools/layers.txt": TABLE,
    "carillon/base/CMakeLists.txt": "carillon_module(base)\n",
    "carillon/base/result.h": "#pragma once\n",
    "carillon/ws/CMakeLists.txt": "carillon_module(ws DEPENDS base LINK ZLIB::ZLIB)\n",
    "carillon/ws/frame.h": '#include <vector>\n#include "carillon/base/result.h"\n',
    "carillon/ws/deflate.cc": "#include <zlib.h>\n",
    "carillon/ws/frame_test.cc": '#include <gtest/gtest.h>\n#include "carillon/ws/frame.h"\n',
    "cmd/main.cc": '#include <CLI/CLI.hpp>\n#include "carillon/ws/frame.h"\n#include "cmd/x.h"\n',
    "cmd/x.h": "#include <unistd.h>\n",
}


def findings(tmp_path, changes=None):
    for path, text in (GOOD | (changes or {})).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return [str(f) for f in LayerCheck(SourceTree(tmp_path)).run()]


def test_the_good_tree_passes(tmp_path):
    assert findings(tmp_path) == []


@pytest.mark.parametrize("path, text, expected", [
    ("carillon/base/up.h", '#include "carillon/ws/frame.h"\n', "base may not include ws"),
    ("carillon/base/up_test.cc", '#include "carillon/ws/frame.h"\n', "base may not include ws"),
    ("carillon/base/cmd.cc", '#include "cmd/x.h"\n', "the library may not include"),
    ("carillon/base/x.cc", '#include "result.h"\n', "no file of ours"),
    ("carillon/base/x.cc", "#include <carillon/base/result.h>\n", "write \""),
    ("carillon/base/z.cc", "#include <zlib.h>\n", "belongs to carillon/ws/deflate.cc only"),
    ("carillon/base/z.h", "#include <zlib.h>\n", "an installed header may not include <zlib.h>"),
    ("carillon/base/b.cc", "#include <boost/asio.hpp>\n", "not in tools/layers.txt"),
    ("carillon/ws/io.cc", "#include <sys/socket.h>\n", "ws is pure"),
    ("carillon/ws/io.h", "#include <thread>\n", "ws is pure"),
    ("carillon/extra/a.h", "\n", "module extra has no row"),
    ("carillon/ws/CMakeLists.txt", "carillon_module(ws DEPENDS base net)\n",
     "may not depend on net"),
    ("carillon/ws/CMakeLists.txt", "carillon_module(ws)\n", "does not list it in DEPENDS"),
    ("carillon/ws/frame.h", "\n", "includes nothing of it"),
    ("carillon/ws/CMakeLists.txt", "add_library(ws)\n", "expected carillon_module(ws"),
    ("examples/a.cc", '#include "carillon/ws/a_contract.h"\n', "no file of ours"),
    ("examples/a.cc", '#include "cmd/x.h"\n', "is not installed"),
    ("cmd/second.cc", "#include <CLI/App.hpp>\n", "once only"),
    ("tools/layers.txt", TABLE.replace("0 base:", "0 base: base"), "not on a lower level"),
    ("tools/layers.txt", TABLE.replace("1 ws: base", "1 ws: base log"), "not on a lower level"),
    ("tools/layers.txt", TABLE.replace("2 net: + ws", "0 net: base"), "below a higher level"),
    ("tools/layers.txt", TABLE.replace("1 log: base", "log base"), "not a row"),
    ("tools/layers.txt", TABLE + "[what]\nx\n", "unknown section"),
])
def test_a_bad_sample_fails(tmp_path, path, text, expected):
    found = findings(tmp_path, {path: text})
    assert any(expected in finding for finding in found), found


@pytest.mark.parametrize("header, kind", [
    ("vector", "standard"), ("stdint.h", "standard"), ("sys/epoll.h", "system"),
    ("unistd.h", "system"), ("openssl/evp.h", "third-party"), ("zlib.h", "third-party"),
])
def test_headers_are_told_apart(header, kind):
    assert kind_of(header) == kind
