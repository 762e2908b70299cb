"""`serve --demo`: the page, its policy, and the accounts that it offers."""

import json
import re

import pytest

from tests.conftest import MakeServer
from tests.support.server import Server


@pytest.fixture
def demo(make_server: MakeServer) -> Server:
    return make_server(arguments=["--demo"])


def page(server: Server) -> tuple[str, str]:
    response = server.request("GET", "/")
    assert response.status == 200
    assert (response.header("Content-Type") or "").startswith("text/html")
    return response.body.decode(), response.header("Content-Security-Policy") or ""


def test_the_page_keeps_its_own_policy(demo: Server) -> None:
    html, policy = page(demo)
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    nonce = re.search(r"script-src 'nonce-([\w+/=-]{16,})'", policy)
    assert nonce and f"style-src 'nonce-{nonce[1]}'" in policy
    assert "unsafe" not in policy
    tags = re.findall(r"<(script|style)\b([^>]*)>", html)
    assert len(tags) == 3
    assert all(f'nonce="{nonce[1]}"' in attributes for _, attributes in tags)
    assert "{{" not in html
    assert not re.search(r"\s(style|on\w+)=", html.split("<script")[0])
    assert not re.search(r"(src|href)=[\"'](?!data:)", html)


def test_each_answer_has_its_own_nonce(demo: Server) -> None:
    assert page(demo)[1] != page(demo)[1]


def test_the_accounts_work(demo: Server) -> None:
    html, _ = page(demo)
    found = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', html, re.S)
    assert found
    offered = json.loads(found[1])
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", offered["version"])
    roles = {a["role"]: a for a in offered["accounts"]}
    assert set(roles) == {"student", "mentor", "admin"}
    for role, path in (("student", "student"), ("mentor", "mentor")):
        account = roles[role]
        target = f"/ws/{path}/{account['user_id']}/"
        with demo.joined(target, account["token"]) as socket:
            body = {"event_type": "hello", "data": {"n": 1}}
            demo.accepted(
                f"/api/realtime/{path}s/{account['user_id']}/",
                body,
                authorization=f"Bearer {roles['admin']['token']}",
            )
            assert socket.read_json() == {"type": "hello", "n": 1}
    assert demo.refusal("/ws/dashboard/", roles["student"]["token"]).status == 403
    assert demo.joined("/ws/dashboard/", roles["admin"]["token"]).close().code == 1000


def test_without_demo_there_is_no_page(make_server: MakeServer) -> None:
    assert make_server().request("GET", "/").status == 404
