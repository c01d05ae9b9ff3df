#!/usr/bin/env python3
"""Writes signatures.json: requests as botocore signs them, for the test of our own signer. `pip install botocore`, then run it."""

import datetime
import json
import pathlib
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials

TIME = datetime.datetime(2026, 11, 28, 9, 5, 7, tzinfo=datetime.timezone.utc)
HOST = "http://127.0.0.1:8333"
CASES = [
    ("GET", "/bucket/a/b.txt", "", {}, b"", None),
    ("PUT", "/bucket/log/00000000000000000042", "", {"if-none-match": "*"}, b"segment", None),
    ("PUT", "/bucket/manifest", "", {"if-match": '"9a0364b9e99bb480dd25e1f0284c8555"'}, bytes(range(256)), "session/token+with==odd/characters"),
    ("GET", "/bucket/", "list-type=2&max-keys=1000&prefix=a%2Fb%20c%2B~&start-after=a%2F%C3%A9", {}, b"", None),
    ("POST", "/bucket/checkpoint/0/file", "uploads=", {}, b"", "token"),
    ("PUT", "/bucket/checkpoint/0/file", "partNumber=10&uploadId=a%2Bb%3D%3D", {}, b"x" * 1000, None),
    ("GET", "/bucket/odd/%21%27%28%29%2A%20%2B%2C%3A%3D%40~-._%C3%BC", "", {"range": "bytes=0-9"}, b"", "token"),
    ("DELETE", "/bucket/a//b/../c", "", {}, b"", None),
]


def signed(method, path, query, headers, body, token):
    credentials = botocore.credentials.Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
    request = botocore.awsrequest.AWSRequest(method, f"{HOST}{path}{'?' + query if query else ''}", dict(headers), body)
    request.context["payload_signing_enabled"] = True
    with mock.patch("botocore.auth.get_current_datetime", lambda **_: TIME.replace(tzinfo=None), create=True), mock.patch(
        "botocore.auth.datetime", mock.Mock(wraps=datetime, datetime=mock.Mock(wraps=datetime.datetime, utcnow=lambda: TIME.replace(tzinfo=None))), create=True
    ):
        botocore.auth.S3SigV4Auth(credentials, "s3", "eu-central-1").add_auth(request)
    assert request.headers["X-Amz-Date"] == TIME.strftime("%Y%m%dT%H%M%SZ"), request.headers["X-Amz-Date"]
    return {
        "method": method, "path": path, "query": query, "headers": headers, "body": body.hex(), "token": token,
        "authorization": request.headers["Authorization"],
    }  # fmt: skip


if __name__ == "__main__":
    rows = [signed(*case) for case in CASES]
    text = "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"
    pathlib.Path(__file__).with_name("signatures.json").write_text(text)
