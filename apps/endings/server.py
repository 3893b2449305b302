"""An HTTP/1.1 server whose behaviour on SIGTERM is chosen by the environment, and which logs every connection and request.

ON_STOP   what it does on SIGTERM: one of ENDINGS below
STOP_MS   for how long, where that is part of it
BACKLOG   how many connections may wait to be accepted

It answers as apps/app does: `/?ms=100&bytes=1024` works for 100 ms, `/healthz` answers at once. Its log is one JSON object a line:
`{"t": <wall clock, s>, "event": "accept", "peer": "10.244.0.7:40000"}`, or `"request"` with an `"id"` as well, as soon as the
request's head is there.
"""

import asyncio
import base64
import hashlib
import json
import os
import signal
import socket
import struct
import time
from urllib.parse import parse_qs, urlsplit

POD = socket.gethostname()
WORKLOAD = os.environ.get("NODROP_WORKLOAD", "")
ON_STOP = os.environ.get("ON_STOP", "exit")
STOP_S = int(os.environ.get("STOP_MS", "0")) / 1000
BACKLOG = int(os.environ.get("BACKLOG", "128"))
PORT = int(os.environ.get("PORT", "8080"))
MAX_HEAD = 65_536
MAX_BYTES = 64 * 1024 * 1024


def log(event, **fields):
    line = json.dumps({"t": round(time.time(), 6), "event": event, **fields}) + "\n"
    os.write(1, line.encode())


class Connection:
    def __init__(self, sock, address):
        self.sock = sock
        self.peer = f"{address[0]}:{address[1]}"
        self.received = b""
        self.task = None
        self.idle = True

    async def until(self, enough):
        """Reads until `enough(received)` is true. False when the client closes first."""
        while not enough(self.received):
            some = await asyncio.get_running_loop().sock_recv(self.sock, 65_536)
            if not some:
                return False
            self.received += some
            self.idle = False
        return True

    def close(self):
        # `serve` closes the socket, once the event loop no longer watches it.
        self.task.cancel()


class Server:
    def __init__(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("0.0.0.0", PORT))
        self.listener.listen(BACKLOG)
        self.listener.setblocking(False)
        self.accepting = None
        self.connections = set()
        # What an ending changes in the answers.
        self.says_close = False
        self.unavailable = False
        self.hangs = False

    async def accept(self):
        loop = asyncio.get_running_loop()
        while True:
            sock, address = await loop.sock_accept(self.listener)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock, address)
            log("accept", peer=connection.peer)
            self.connections.add(connection)
            connection.task = loop.create_task(self.serve(connection))

    async def serve(self, connection):
        try:
            while await self.answer_one(connection):
                connection.idle = connection.received == b""
        except OSError:
            pass
        finally:
            self.connections.discard(connection)
            connection.sock.close()

    async def answer_one(self, connection):
        """Whether the connection stays open for another request."""
        if not await connection.until(lambda received: b"\r\n\r\n" in received or len(received) > MAX_HEAD):
            return False
        head, _, connection.received = connection.received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin1").split("\r\n")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        request_id = fields.get("x-request-id", "")
        if request_id:
            log("request", peer=connection.peer, id=request_id)
        length = int(fields.get("content-length", "0"))
        if not await connection.until(lambda received: len(received) >= length):
            return False
        connection.received = connection.received[length:]
        method, target, *_ = first.split(" ") + [""]
        closes = fields.get("connection", "").lower() == "close"
        status, body = await self.work(method, urlsplit(target), request_id, length)
        if self.hangs:
            await asyncio.Event().wait()
        closes = closes or self.says_close
        await asyncio.get_running_loop().sock_sendall(
            connection.sock, response(status, body, request_id, closes, method == "HEAD")
        )
        return not closes

    async def work(self, method, target, request_id, received):
        if self.unavailable:
            return "503 Service Unavailable", b"stopping\n"
        if target.path == "/healthz":
            return "200 OK", b"ok\n"
        query = parse_qs(target.query)
        await asyncio.sleep(int(query.get("ms", ["0"])[0]) / 1000)
        size = min(int(query.get("bytes", ["0"])[0]), MAX_BYTES)
        body = {"pod": POD, "id": request_id, "method": method, "received": received}
        return "200 OK", (json.dumps(body) + "\n").encode().ljust(size, b".")

    def stop_accepting(self):
        self.accepting.cancel()

    def close_listener(self):
        self.stop_accepting()
        self.listener.close()
        log("listener-closed")

    def close_idle(self):
        for connection in [one for one in self.connections if one.idle]:
            connection.close()

    async def served(self):
        """Resolves when no connection is left."""
        while self.connections:
            await asyncio.sleep(0.01)


def response(status, body, request_id, closes, to_head):
    fields = {
        "Content-Type": "text/plain",
        "Content-Length": len(body),
        "Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:",
        "x-request-id": request_id,
        "x-nodrop-pod": POD,
        "x-nodrop-workload": WORKLOAD,
        **({"Connection": "close"} if closes else {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + (b"" if to_head else body)


async def exit_at_once(server):
    """Ends without a word to anybody."""


async def serve_on(server):
    """Goes on as if nothing had happened for STOP_MS, then ends as `exit` does."""
    await asyncio.sleep(STOP_S)


async def close_and_drain(server):
    """Closes its listening socket and idle connections at once, and finishes the requests under way."""
    server.close_listener()
    server.says_close = True
    server.close_idle()
    await server.served()


async def close_keep_idle(server):
    """Closes its listening socket at once, and serves open connections until their clients end them."""
    server.close_listener()
    await server.served()


async def close_politely(server):
    """Closes its listening socket at once, and each open connection with its next answer, which says so."""
    server.close_listener()
    server.says_close = True
    await server.served()


async def drain(server):
    """Accepts for STOP_MS more while each answer ends its connection; then finishes the requests under way."""
    server.says_close = True
    await asyncio.sleep(STOP_S)
    await close_and_drain(server)


async def hang(server):
    """Accepts connections and takes requests, and answers none, not even those under way."""
    server.hangs = True
    await asyncio.Event().wait()


async def reset(server):
    """Resets every open connection."""
    server.close_listener()
    for connection in server.connections:
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def leave_backlog(server):
    """Accepts nothing more, though its socket listens on; serves open connections; ends after STOP_MS."""
    server.stop_accepting()
    await asyncio.sleep(STOP_S)


async def say_unavailable(server):
    """Answers 503 for STOP_MS, then finishes the requests under way."""
    server.unavailable = True
    await drain(server)


ENDINGS = {
    "exit": exit_at_once,
    "serve": serve_on,
    "close-and-drain": close_and_drain,
    "close-keep-idle": close_keep_idle,
    "close-politely": close_politely,
    "drain": drain,
    "hang": hang,
    "reset": reset,
    "leave-backlog": leave_backlog,
    "unavailable": say_unavailable,
    # No handler: the kernel keeps from a PID 1 what it does not handle.
    "ignore": None,
}


async def end(server, ending):
    log("signal", signal="SIGTERM")
    await ending(server)
    log("exit")
    os._exit(0)


async def main():
    ending = ENDINGS[ON_STOP]
    loop = asyncio.get_running_loop()
    server = Server()
    server.accepting = loop.create_task(server.accept())
    ended = []
    if ending:
        loop.add_signal_handler(signal.SIGTERM, lambda: ended or ended.append(loop.create_task(end(server, ending))))
    log("listening", on_stop=ON_STOP)
    await asyncio.Event().wait()


asyncio.run(main())
