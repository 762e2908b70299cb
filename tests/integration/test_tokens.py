"""Tokens at the door: where they may stand, what is checked, what is answered."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from tests.conftest import MakeServer
from tests.support import problems, tokens, ws
from tests.support.server import Server
from tests.support.waiting import wait_until

PATH = "/ws/leaderboard/"
INVALID = problems.bad_token("Token is invalid")


def accepts(server: Server, token: str) -> bool:
    try:
        with server.connect(PATH, token):
            return True
    except ws.Refused as refused:
        assert refused.response.status == 401
        assert refused.response.header("WWW-Authenticate") == 'Bearer realm="api"'
        return False


def body_of_refusal(server: Server, token: str) -> Any:
    response = server.refusal(PATH, token)
    assert response.status == 401
    assert response.header("WWW-Authenticate") == 'Bearer realm="api"'
    return response.json()


# ---- where ----


def test_in_the_authorization_header(server: Server) -> None:
    with server.connect(PATH, None, [("Authorization", f"Bearer {tokens.student()}")]) as socket:
        assert socket.read_json() == {"type": "connection_established"}


def test_the_query_is_looked_at_first(server: Server) -> None:
    good, bad = tokens.student(), tokens.expired()
    with server.connect(PATH, good, [("Authorization", f"Bearer {bad}")]):
        pass
    response = server.refusal(PATH, bad, [("Authorization", f"Bearer {good}")])
    assert response.json() == problems.bad_token("Token is expired")


def test_the_query_is_percent_decoded(server: Server) -> None:
    token = tokens.student().replace(".", "%2E").replace("e", "%65")
    with server.connect(f"{PATH}?a=b&token={token}&c=d") as socket:
        assert socket.read_json()["type"] == "connection_established"


def test_another_scheme_is_no_token(server: Server) -> None:
    response = server.refusal(PATH, None, [("Authorization", f"Token {tokens.student()}")])
    assert response.json() == problems.NO_CREDENTIALS


@pytest.mark.parametrize("value", ["Bearer", "Bearer a b"])
def test_a_bearer_header_without_one_token_is_malformed(server: Server, value: str) -> None:
    response = server.refusal(PATH, None, [("Authorization", value)])
    assert response.status == 401
    assert response.json()["code"] == "bad_authorization_header"


# ---- what ----


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exp": 1}, "Token is expired"),
        ({"exp": None}, "Token has no 'exp' claim"),
        ({"exp": "tomorrow"}, "Token is invalid"),
        ({"jti": None}, "Token has no id"),
        ({"token_type": None}, "Token has no type"),
        ({"token_type": "refresh"}, "Token has wrong type"),
        ({"nbf": int(time.time()) + 3600}, "Token is invalid"),
        ({"iat": int(time.time()) + 3600}, "Token is invalid"),
    ],
    ids=str,
)
def test_claims_that_do_not_hold(server: Server, changes: dict[str, Any], message: str) -> None:
    body = body_of_refusal(server, tokens.access(**changes))
    if "no 'exp'" in message:
        assert body["code"] == "token_not_valid"
    else:
        assert body == problems.bad_token(message)


def test_no_user_is_told_so(server: Server) -> None:
    assert body_of_refusal(server, tokens.access(None)) == problems.NO_USER


@pytest.mark.parametrize(
    "user", ["", "x" * 65, "a/b", "a b", "ä", "a\n", "*", True, 1.5, [7], {"id": 7}]
)
def test_user_ids_that_cannot_be_part_of_a_group_name(server: Server, user: Any) -> None:
    assert body_of_refusal(server, tokens.access(user))["code"] == "token_not_valid"


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a.b",
        "a.b.c",
        "....",
        "e30.e30.",
        "a.b.c.d.e",
        "A" * 8193,
        "%00",
    ],
)
def test_what_is_no_token_at_all(server: Server, token: str) -> None:
    assert body_of_refusal(server, token) == INVALID


def test_a_token_over_the_head_s_limit_is_431(server: Server) -> None:
    assert server.refusal(PATH, "A" * 40_000).status == 431


@pytest.mark.parametrize("padding", [0, 1])
def test_the_longest_token(make_server: MakeServer, padding: int) -> None:
    limit = 2048
    server = make_server({"CARILLON_AUTH_TOKEN_BYTES_MAX": str(limit)})
    token = tokens.student()
    filler = 0
    # Base64 grows in steps, so the last bytes come from the user's id.
    while len(token) != limit + padding:
        filler += max(1, (limit - len(token)) // 2)
        for extra in range(4):
            token = tokens.access("7" + "0" * extra, role="student", filler="x" * filler)
            if len(token) == limit + padding:
                break
    assert accepts(server, token) == (padding == 0)


def test_the_signature_is_checked(server: Server) -> None:
    assert body_of_refusal(server, tokens.sign(tokens.claims(), "another key " * 4)) == INVALID
    head, body, signature = tokens.student().split(".")
    for broken in ("", signature[:-1], signature[::-1], signature + "A"):
        assert body_of_refusal(server, f"{head}.{body}.{broken}") == INVALID
    other = tokens.admin().split(".")[1]
    assert body_of_refusal(server, f"{head}.{other}.{signature}") == INVALID


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "none", "NONE", "RS256", "hs256", None])
def test_the_header_does_not_choose_the_algorithm(server: Server, algorithm: str | None) -> None:
    if algorithm in ("HS384", "HS512"):
        token = tokens.sign(tokens.claims(), algorithm=algorithm)
    else:
        _, body, signature = tokens.student().split(".")
        header = {"typ": "JWT"} if algorithm is None else {"typ": "JWT", "alg": algorithm}
        head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
        token = f"{head}.{body}.{'' if (algorithm or '').lower() == 'none' else signature}"
    assert body_of_refusal(server, token) == INVALID


@pytest.mark.parametrize(
    "header", [{"crit": ["exp"]}, {"crit": []}, {"b64": False, "crit": ["b64"]}], ids=str
)
def test_critical_headers_are_refused(server: Server, header: dict[str, Any]) -> None:
    assert not accepts(server, signed_by_hand(header))


@pytest.mark.parametrize(
    "header", [{"kid": "x"}, {"jku": "http://127.0.0.1:1/"}, {"x5u": "x"}, {"jwk": {}}], ids=str
)
def test_key_hints_are_ignored(server: Server, header: dict[str, Any]) -> None:
    assert accepts(server, signed_by_hand(header))


def signed_by_hand(header: dict[str, Any], body: bytes | None = None) -> str:
    import hashlib
    import hmac

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head = part(json.dumps({"alg": "HS256", "typ": "JWT", **header}).encode())
    signed = f"{head}.{part(body or json.dumps(tokens.claims()).encode())}"
    key = tokens.SECRET_KEY.encode()
    return f"{signed}.{part(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def test_duplicate_claims_are_refused(server: Server) -> None:
    text = json.dumps(tokens.claims("7"))
    assert accepts(server, signed_by_hand({}, text.encode()))
    assert not accepts(server, signed_by_hand({}, (text[:-1] + ',"user_id":"1"}').encode()))


# ---- settings ----


def test_the_other_shared_secret_algorithms(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_AUTH_ALGORITHMS": "HS384,HS512"})
    assert accepts(server, tokens.sign(tokens.claims(), algorithm="HS384"))
    assert accepts(server, tokens.sign(tokens.claims(), algorithm="HS512"))
    assert not accepts(server, tokens.student())


def test_issuer_and_audience(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_AUTH_ISSUER": "school", "CARILLON_AUTH_AUDIENCE": "live"})
    assert accepts(server, tokens.access(iss="school", aud="live"))
    assert accepts(server, tokens.access(iss="school", aud=["other", "live"]))
    for wrong in (
        {"iss": "school"},
        {"aud": "live"},
        {"iss": "x", "aud": "live"},
        {"iss": "school", "aud": "x"},
        {"iss": "school", "aud": ["x"]},
    ):
        assert not accepts(server, tokens.access(**wrong)), wrong


def test_unasked_issuer_and_audience_do_not_matter(server: Server) -> None:
    assert accepts(server, tokens.access(iss="x"))


def test_the_required_claims_can_be_switched_off(make_server: MakeServer) -> None:
    server = make_server(
        {
            "CARILLON_AUTH_REQUIRE_JTI": "false",
            "CARILLON_AUTH_REQUIRE_TOKEN_TYPE": "false",
            "CARILLON_AUTH_USER_ID_CLAIM": "sub",
        }
    )
    assert accepts(server, tokens.access(None, sub="7", jti=None, token_type=None))
    assert not accepts(server, tokens.access("7", jti=None, token_type=None))


def test_token_types(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_AUTH_TOKEN_TYPES": "access,sliding"})
    assert accepts(server, tokens.access(token_type="sliding"))
    assert not accepts(server, tokens.access(token_type="refresh"))


def test_leeway(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_AUTH_LEEWAY": "60s"})
    now = int(time.time())
    assert accepts(server, tokens.access(iat=now - 100, exp=now - 5))
    assert accepts(server, tokens.access(nbf=now + 30))
    assert not accepts(server, tokens.access(iat=now - 100, exp=now - 90))


def public_pem(key: Any) -> bytes:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return bytes(key.public_key().public_bytes(encoding, form))


RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("RS256", RSA_KEY), ("PS512", RSA_KEY), ("ES256", EC_KEY), ("EdDSA", ED_KEY)],
    ids=["RS256", "PS512", "ES256", "EdDSA"],
)
def test_public_keys(make_server: MakeServer, tmp_path: Path, algorithm: str, key: Any) -> None:
    pem = tmp_path / "public.pem"
    pem.write_bytes(public_pem(key))
    server = make_server(
        {"CARILLON_AUTH_ALGORITHMS": algorithm, "CARILLON_AUTH_PUBLIC_KEY_FILE": str(pem)}
    )
    assert accepts(server, tokens.sign(tokens.claims(), key, algorithm))
    # A public key is no shared secret, whatever the header says.
    head, body, _ = tokens.sign(tokens.claims(), "x" * 32).split(".")
    import hashlib
    import hmac

    mac = hmac.new(pem.read_bytes(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    forged = base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
    assert not accepts(server, f"{head}.{body}.{forged}")
    assert not accepts(server, tokens.student())


def test_a_key_set_is_looked_up_by_kid(make_server: MakeServer, tmp_path: Path) -> None:
    keys = [
        {**json.loads(RSAAlgorithm.to_jwk(RSA_KEY.public_key())), "kid": "r", "alg": "RS256"},
        {**json.loads(ECAlgorithm.to_jwk(EC_KEY.public_key())), "kid": "e", "use": "sig"},
        {**json.loads(OKPAlgorithm.to_jwk(ED_KEY.public_key())), "kid": "d"},
    ]
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": keys}))
    server = make_server(
        {
            "CARILLON_AUTH_ALGORITHMS": "RS256,ES256,EdDSA",
            "CARILLON_AUTH_KEY_SET_FILE": str(file),
        }
    )
    assert accepts(server, tokens.sign(tokens.claims(), RSA_KEY, "RS256", {"kid": "r"}))
    assert accepts(server, tokens.sign(tokens.claims(), EC_KEY, "ES256", {"kid": "e"}))
    assert accepts(server, tokens.sign(tokens.claims(), ED_KEY, "EdDSA", {"kid": "d"}))
    assert not accepts(server, tokens.sign(tokens.claims(), RSA_KEY, "RS256", {"kid": "e"}))
    assert not accepts(server, tokens.sign(tokens.claims(), RSA_KEY, "RS256", {"kid": "nobody"}))


# ---- time ----


def test_a_cached_token_still_expires(server: Server) -> None:
    expires = int(time.time()) + 2
    token = tokens.access(exp=expires)
    assert accepts(server, token)
    wait_until(lambda: time.time() >= expires, "the token to expire")
    assert body_of_refusal(server, token) == problems.bad_token("Token is expired")


def test_a_plain_connection_outlives_its_token(server: Server) -> None:
    expires = int(time.time()) + 2
    with server.joined(PATH, tokens.access(exp=expires)) as socket:
        wait_until(lambda: time.time() > expires + 1, "the token to expire")
        assert socket.ping(5) == {"type": "pong", "timestamp": 5}


def test_expiry_can_be_enforced(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_AUTH_ON_EXPIRY": "enforce"})
    expires = int(time.time()) + 2
    with server.joined(PATH, tokens.access(exp=expires)) as socket:
        assert socket.read_close() == ws.goodbye(4401, "token_expired")
        assert time.time() >= expires


def test_a_session_has_an_end(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_AUTH_SESSION_MAX": "1s"})
    with server.joined(PATH, tokens.student()) as socket:
        assert socket.read_close().code == 1001


# ---- secrecy ----


def test_a_token_appears_nowhere(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_LOG_LEVEL": "debug"})
    good, bad = tokens.student(), tokens.expired()
    with server.joined(PATH, good) as socket:
        socket.ping()
    answer = server.refusal(PATH, bad)
    server.refusal("/ws/dashboard/", good)
    server.request("GET", f"/nowhere/?token={good}")
    metrics = server.request("GET", "/metrics").body.decode()
    for token in (good, bad):
        for part in (token, token.split(".")[1], token.split(".")[2]):
            assert part not in server.output
            assert part not in metrics
            assert part not in answer.body.decode()
    assert tokens.SECRET_KEY not in server.output
