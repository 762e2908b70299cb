"""Tokens between djangorestframework-simplejwt itself and `carillon token`, both ways."""

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

ROOT = pathlib.Path(__file__).parents[2]
CARILLON = pathlib.Path(os.environ.get("CARILLON_BIN", ROOT / "build/release/carillon")).resolve()
PEER = ROOT / "tests/interop/simplejwt_peer.py"
OLD_ENVIRONMENT = "build/venv-simplejwt-5.3"

# Long enough for HS512 (RFC 7518 §3.2), made for these tests.
SECRET_KEY = "vR2m-8xQfT61nLk0wYz_HbC4sJd7uGeP9oAiVX3tKqMNyZ5rWlBhE-jUaDgS8cFp"
ALGORITHMS = ("HS256", "HS384", "HS512", "RS256", "ES256")
USER_IDS = (7, "dana.k-9")


class Peer:
    """A process with one version of simplejwt."""

    def __init__(self, python):
        self._process = subprocess.Popen([python, PEER], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)

    def ask(self, **request):
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the peer ended with {self._process.wait()}"
        return json.loads(answer)

    def close(self):
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


class Simplejwt:
    """A peer with one configuration."""

    def __init__(self, peer, settings, secret_key):
        self._peer = peer
        self._common = {"settings": settings, "secret_key": secret_key}

    def mint(self, user_id=7, **claims):
        return self._peer.ask(do="mint", user_id=user_id, claims=claims, **self._common)

    def check(self, token):
        return self._peer.ask(do="check", token=token, **self._common)


@pytest.fixture(scope="module", params=["5.5.1", "5.3.1"])
def simplejwt(request):
    """Makes a simplejwt of each version with the given settings."""
    python = sys.executable
    if request.param == "5.3.1":
        subprocess.run([ROOT / "tools/venv.sh", OLD_ENVIRONMENT,
                        "tests/requirements-simplejwt-5.3.txt"], cwd=ROOT, check=True)
        python = ROOT / OLD_ENVIRONMENT / "bin/python"
    peer = Peer(python)
    assert peer.ask(do="version", settings={}, secret_key="")["version"] == request.param

    def make(secret_key=SECRET_KEY, **settings):
        return Simplejwt(peer, settings, secret_key)

    yield make
    peer.close()


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """PEM texts by algorithm, the public ones in files as well."""
    directory = tmp_path_factory.mktemp("keys")
    private = {"RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
               "ES256": ec.generate_private_key(ec.SECP256R1())}
    pems = {}
    for algorithm, key in private.items():
        signing = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                    serialization.NoEncryption())
        verifying = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        path = directory / f"{algorithm}.pem"
        path.write_bytes(verifying)
        pems[algorithm] = (signing.decode(), verifying.decode(), path)
    return pems


@pytest.fixture
def carillon(tmp_path):
    """Runs `carillon token …` with these settings and no other; returns (exit code, output)."""

    def run(*arguments, **settings):
        environment = {"PATH": os.environ["PATH"], "SECRET_KEY": SECRET_KEY}
        environment |= {name: str(value) for name, value in settings.items()}
        done = subprocess.run([CARILLON, "token", *arguments], cwd=tmp_path, env=environment,
                              capture_output=True, text=True, timeout=30, check=False)
        return done.returncode, done.stdout.strip()

    return run


@pytest.fixture
def verify(carillon):
    """The JSON that `carillon token verify` prints for a token, its exit code checked."""

    def run(token, **settings):
        code, output = carillon("verify", "--json", token, **settings)
        answer = json.loads(output)
        assert code == (0 if answer["valid"] else 1), output
        return answer

    return run


def peer_settings(algorithm, keys):
    if algorithm not in keys:
        return {"ALGORITHM": algorithm}
    signing, verifying, _ = keys[algorithm]
    return {"ALGORITHM": algorithm, "SIGNING_KEY": signing, "VERIFYING_KEY": verifying}


def our_settings(algorithm, keys):
    settings = {"CARILLON_AUTH_ALGORITHMS": algorithm}
    if algorithm in keys:
        settings["CARILLON_AUTH_PUBLIC_KEY_FILE"] = keys[algorithm][2]
    return settings


@pytest.mark.parametrize("user_id", USER_IDS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_we_accept_its_access_tokens(simplejwt, verify, keys, algorithm, user_id):
    tokens = simplejwt(**peer_settings(algorithm, keys)).mint(user_id)
    for kind in ("access", "direct"):
        answer = verify(tokens[kind], **our_settings(algorithm, keys))
        assert answer["valid"], answer
        assert answer["user_id"] == str(user_id)
        assert not answer["is_role_known"] and not answer["is_staff"]


def test_we_read_the_roles_it_carries(simplejwt, verify):
    tokens = simplejwt().mint(role="mentor", roles=["student"], is_staff=True)
    for kind in ("access", "direct"):
        answer = verify(tokens[kind])
        assert sorted(answer["roles"]) == ["mentor", "student"]
        assert answer["is_staff"] and answer["is_role_known"]


def test_we_refuse_its_other_types(simplejwt, verify):
    tokens = simplejwt().mint()
    for kind in ("refresh", "sliding"):
        assert verify(tokens[kind])["code"] == "wrong_type"
        assert verify(tokens[kind], CARILLON_AUTH_TOKEN_TYPES=f"access,{kind}")["valid"]


def test_we_refuse_an_expired_token(simplejwt, verify):
    peer = simplejwt(ACCESS_TOKEN_LIFETIME=-60)
    token = peer.mint()["direct"]
    assert verify(token)["code"] == "expired"
    assert verify(token, CARILLON_AUTH_LEEWAY="120s")["valid"]
    assert peer.check(token)["status"] == 401


def test_we_refuse_another_secret(simplejwt, verify):
    token = simplejwt(secret_key=SECRET_KEY[::-1]).mint()["access"]
    assert verify(token)["code"] == "signature"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_we_refuse_an_algorithm_that_is_not_configured(simplejwt, verify, keys, algorithm):
    token = simplejwt(**peer_settings(algorithm, keys)).mint()["access"]
    other = "HS512" if algorithm == "HS256" else "HS256"
    assert verify(token, CARILLON_AUTH_ALGORITHMS=other)["code"] == "algorithm"


def test_we_refuse_another_public_key(simplejwt, verify, keys):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()).decode()
    token = simplejwt(ALGORITHM="RS256", SIGNING_KEY=other,
                      VERIFYING_KEY=keys["RS256"][1]).mint()["access"]
    assert verify(token, **our_settings("RS256", keys))["code"] == "signature"


def test_issuer_and_audience_are_checked_alike(simplejwt, verify):
    token = simplejwt(ISSUER="school", AUDIENCE="realtime").mint()["access"]
    parties = {"CARILLON_AUTH_ISSUER": "school", "CARILLON_AUTH_AUDIENCE": "realtime"}
    assert verify(token)["valid"]
    assert verify(token, **parties)["valid"]
    assert verify(token, **parties | {"CARILLON_AUTH_ISSUER": "other"})["code"] == "issuer"
    assert verify(token, **parties | {"CARILLON_AUTH_AUDIENCE": "other"})["code"] == "audience"
    assert verify(simplejwt().mint()["access"], **parties)["code"] == "audience"


def test_the_name_of_the_user_claim_is_configurable(simplejwt, verify):
    token = simplejwt(USER_ID_CLAIM="uid").mint("dana")["access"]
    assert verify(token)["code"] == "no_user"
    assert verify(token, CARILLON_AUTH_USER_ID_CLAIM="uid")["user_id"] == "dana"


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_it_accepts_the_tokens_that_we_issue(simplejwt, carillon, algorithm):
    code, token = carillon("issue", "--user-id", "7", "--role", "student", "--staff",
                           CARILLON_AUTH_ALGORITHMS=algorithm)
    assert code == 0
    answer = simplejwt(ALGORITHM=algorithm).check(token)
    assert answer["status"] == 200, answer
    assert answer["user_id"] == "7"
    claims = answer["payload"]
    assert list(claims) == ["token_type", "exp", "iat", "jti", "user_id", "role", "is_staff"]
    assert claims["token_type"] == "access"
    assert claims["exp"] - claims["iat"] == 15 * 60
    assert re.fullmatch("[0-9a-f]{32}", claims["jti"])
    assert claims["role"] == "student" and claims["is_staff"] is True


def test_it_accepts_our_issuer_and_audience(simplejwt, carillon):
    code, token = carillon("issue", "--user-id", "dana", CARILLON_AUTH_ISSUER="school",
                           CARILLON_AUTH_AUDIENCE="realtime")
    assert code == 0
    assert simplejwt(ISSUER="school", AUDIENCE="realtime").check(token)["user_id"] == "dana"
    assert simplejwt(ISSUER="other", AUDIENCE="realtime").check(token)["status"] == 401


def test_both_refuse_a_changed_token(simplejwt, carillon, verify):
    _, token = carillon("issue", "--user-id", "7")
    changed = token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:]
    answer = simplejwt().check(changed)
    assert answer["status"] == 401
    assert answer["body"]["code"] == "token_not_valid"
    assert verify(changed)["code"] == "signature"
