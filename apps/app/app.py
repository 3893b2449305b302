"""A small WSGI application that says who answered, echoes the request's id and takes the time it is asked to take."""

import base64
import hashlib
import json
import os
import socket
import time
from urllib.parse import parse_qs

POD = socket.gethostname()
# Tells this workload from any other that might answer at the same address.
WORKLOAD = os.environ.get("NODROP_WORKLOAD", "")
MAX_WORK_MS = 60_000
MAX_BYTES = 64 * 1024 * 1024


def application(environ, start_response):
    """`/?ms=100&bytes=1024`: works for 100 ms, then answers with at least 1024 bytes. `/healthz` answers at once."""
    if environ.get("PATH_INFO") == "/healthz":
        return answer(start_response, "200 OK", b"ok\n", "")
    respond = answer_head if environ["REQUEST_METHOD"] == "HEAD" else answer
    request_id = environ.get("HTTP_X_REQUEST_ID", "")
    try:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        work_ms = number(query, "ms", MAX_WORK_MS)
        size = number(query, "bytes", MAX_BYTES)
    except ValueError as error:
        return answer(start_response, "400 Bad Request", f"{error}\n".encode(), request_id)
    received = len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    time.sleep(work_ms / 1000)
    body = {"pod": POD, "id": request_id, "method": environ["REQUEST_METHOD"], "received": received}
    return respond(start_response, "200 OK", (json.dumps(body) + "\n").encode().ljust(size, b"."), request_id)


def number(query, name, limit):
    text = query.get(name, ["0"])[0]
    if not text.isdecimal() or int(text) > limit:
        raise ValueError(f"Cannot take {name}={text!r}: must be a whole number up to {limit}")
    return int(text)


def answer(start_response, status, body, request_id):
    start_response(
        status,
        [
            ("Content-Type", "text/plain"),
            ("Content-Length", str(len(body))),
            # RFC 9530: lets the client tell a body that arrived whole from one that only has the right length.
            ("Content-Digest", f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"),
            ("x-request-id", request_id),
            ("x-nodrop-pod", POD),
            ("x-nodrop-workload", WORKLOAD),
        ],
    )
    return [body]


def answer_head(start_response, status, body, request_id):
    answer(start_response, status, body, request_id)
    return []
