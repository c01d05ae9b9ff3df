#!/usr/bin/env python3
"""A small S3 service for tests, in memory: it checks signatures and hashes by itself, keeps the conditions, and fails as it is told.

    s3_stand_in.py [--lies] [--faults METHOD:HOW,…]

Prints the port that it listens on at 127.0.0.1. `--lies`: conditions are accepted and not kept. Each fault hits the next request of its
method: `busy` (503), `before` (the connection ends, nothing was done), `after` (done, but no answer), `hang` (no answer for long).
Credentials are `test-key` and `test-secret`; the bucket is `bucket`. /credentials has them as a container's host offers them.
"""

import hashlib
import hmac
import http.server
import json
import socket
import sys
import threading
import time
import urllib.parse
import uuid

KEY, SECRET = "test-key", "test-secret"
LIES = "--lies" in sys.argv
FAULTS = [f.split(":") for f in sys.argv[sys.argv.index("--faults") + 1].split(",")] if "--faults" in sys.argv else []
LOCK = threading.Lock()
OBJECTS, UPLOADS, KEYS = {}, {}, {}


def encoded(text):
    return urllib.parse.quote(text, safe="-_.~")


def signature(handler, path, pairs, digest):
    """What the request's signature must be: AWS Signature Version 4."""
    given = dict(p.strip().split("=", 1) for p in handler.headers["Authorization"].split(" ", 1)[1].split(","))
    _, day, region, service, _ = given["Credential"].split("/")
    query = "&".join(sorted(f"{encoded(k)}={encoded(v)}" for k, v in pairs))
    lines = "".join(f"{name}:{' '.join(handler.headers[name].split())}\n" for name in given["SignedHeaders"].split(";"))
    request = "\n".join([handler.command, path, query, lines, given["SignedHeaders"], digest])
    scope = "/".join([day, region, service, "aws4_request"])
    text = "\n".join(["AWS4-HMAC-SHA256", handler.headers["x-amz-date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    key = b"AWS4" + SECRET.encode()
    for word in (day, region, service, "aws4_request"):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    is_known = given["Credential"].split("/")[0] == KEY and "host" in given["SignedHeaders"].split(";")
    return is_known and hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == given["Signature"]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, code, message="no"):
        text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        self.answer(status, text.encode())

    def fault(self):
        with LOCK:
            found = next((f for f in FAULTS if f[0] == self.command), None)
            if found:
                FAULTS.remove(found)
        return found and found[1]

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def work(self):
        parts = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if parts.path == "/credentials":
            if self.headers.get("Authorization") != "container-token":
                return self.answer(403)
            found = {"AccessKeyId": KEY, "SecretAccessKey": SECRET, "Token": "t", "Expiration": "2099-01-01T00:00:00Z"}
            return self.answer(200, json.dumps(found).encode())
        fault = self.fault()
        if fault == "hang":
            return time.sleep(60)
        if fault == "before":
            return self.hang_up()
        if fault == "busy":
            return self.refuse(503, "SlowDown")
        digest = hashlib.sha256(body).hexdigest()
        pairs = urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
        if digest != self.headers.get("x-amz-content-sha256") or not signature(self, parts.path, pairs, digest):
            return self.refuse(403, "SignatureDoesNotMatch", f"not the signature of {KEY}")
        _, bucket, key = urllib.parse.unquote(parts.path).split("/", 2)
        if bucket != "bucket":
            return self.refuse(404, "NoSuchBucket")
        if fault == "after":
            self.answer = lambda *_: None
        with LOCK:
            getattr(self, "do_" + self.command.lower())(key, dict(pairs), body)
        if fault == "after":
            self.hang_up()

    do_GET = do_PUT = do_POST = do_DELETE = work

    def do_get(self, key, query, _):
        if query.get("list-type") == "2":
            return self.listing(query)
        if "uploads" in query:
            return self.uploads(query)
        if key not in OBJECTS:
            return self.refuse(404, "NoSuchKey")
        body, tag = OBJECTS[key]
        if self.headers.get("If-Match", tag) != tag:
            return self.refuse(412, "PreconditionFailed")
        if "Range" not in self.headers:
            return self.answer(200, body, {"ETag": tag})
        first, last = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
        if first >= len(body):
            return self.answer(416, b"", {"Content-Range": f"bytes */{len(body)}"})
        piece = body[first : last + 1]
        self.answer(206, piece, {"ETag": tag, "Content-Range": f"bytes {first}-{first + len(piece) - 1}/{len(body)}"})

    def listing(self, query):
        limit = min(int(query["max-keys"]), 7)
        names = sorted(k for k in OBJECTS if k.startswith(query["prefix"]) and k > query.get("start-after", ""))
        rows = "".join(f"<Contents><Key>{k}</Key><Size>{len(OBJECTS[k][0])}</Size></Contents>" for k in names[:limit])
        cut = "true" if len(names) > limit else "false"
        text = f"<ListBucketResult><Name>bucket</Name><IsTruncated>{cut}</IsTruncated>{rows}</ListBucketResult>"
        self.answer(200, text.encode())

    def uploads(self, query):
        """Three at once; those of keys with "old" in them began long ago."""
        begun = {True: "2020-01-01T00:00:00.000Z", False: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        after = (query.get("key-marker", ""), query.get("upload-id-marker", ""))
        found = sorted((k, i) for i, k in KEYS.items() if i in UPLOADS and k.startswith(query["prefix"]) and (k, i) > after)
        rows = "".join(
            f"<Upload><Key>{k}</Key><UploadId>{i}</UploadId><Initiated>{begun['old' in k]}</Initiated></Upload>" for k, i in found[:3]
        )
        if len(found) > 3:
            key, name = found[2]
            rows += f"<NextKeyMarker>{key}</NextKeyMarker><NextUploadIdMarker>{name}</NextUploadIdMarker>"
        cut = "true" if len(found) > 3 else "false"
        text = f"<ListMultipartUploadsResult><IsTruncated>{cut}</IsTruncated>{rows}</ListMultipartUploadsResult>"
        self.answer(200, text.encode())

    def do_put(self, key, query, body):
        if "uploadId" in query:
            if query["uploadId"] not in UPLOADS:
                return self.refuse(404, "NoSuchUpload")
            tag = f'"{hashlib.md5(body).hexdigest()}"'
            UPLOADS[query["uploadId"]][int(query["partNumber"])] = (body, tag)
            return self.answer(200, b"", {"ETag": tag})
        old = OBJECTS.get(key)
        if not LIES:
            if self.headers.get("If-None-Match") == "*" and old:
                return self.refuse(412, "PreconditionFailed")
            if "If-Match" in self.headers and not old:
                return self.refuse(404, "NoSuchKey")
            if "If-Match" in self.headers and old[1] != self.headers["If-Match"]:
                return self.refuse(412, "PreconditionFailed")
        OBJECTS[key] = (body, f'"{hashlib.md5(body).hexdigest()}"')
        self.answer(200, b"", {"ETag": OBJECTS[key][1]})

    def do_post(self, key, query, body):
        if "uploads" in query:
            name = uuid.uuid4().hex
            UPLOADS[name] = {}
            KEYS[name] = key
            text = f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId></InitiateMultipartUploadResult>"
            return self.answer(200, text.encode())
        parts = UPLOADS.pop(query["uploadId"])
        sizes = [len(parts[n][0]) for n in sorted(parts)]
        tags = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{parts[n][1]}</ETag></Part>" for n in sorted(parts))
        if body.decode() != f"<CompleteMultipartUpload>{tags}</CompleteMultipartUpload>" or min(sizes[:-1]) < 5 << 20:
            # As the protocol has it: the status comes before the work is done.
            return self.answer(200, b"<Error><Code>InvalidPart</Code><Message>no</Message></Error>")
        OBJECTS[key] = (b"".join(parts[n][0] for n in sorted(parts)), f'"{uuid.uuid4().hex}-{len(parts)}"')
        self.answer(200, b"<CompleteMultipartUploadResult/>")

    def do_delete(self, key, query, _):
        UPLOADS.pop(query.get("uploadId"), None)
        if "uploadId" not in query:
            OBJECTS.pop(key, None)
        self.answer(204)


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    # The test that started it holds the other end: when that goes, so does this.
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    server.serve_forever(poll_interval=0.05)
