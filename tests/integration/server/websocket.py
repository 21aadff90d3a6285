"""A WebSocket client of the standard library, as small as the tests need (RFC 6455)."""

import base64
import json
import os
import socket
import struct
import time


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(f"{status} {text}")
        self.status = status


class Closed(Exception):
    pass


class WebSocket:
    def __init__(self, port, path, cookie=None, origin=None, headers=(), timeout=20, tls=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="127.0.0.1")
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(),
                 *(f"{name}: {value}" for name, value in headers)]
        if origin is not False:
            own = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
            lines.append(f"Origin: {origin or own}")
        if cookie:
            lines.append(f"Cookie: {cookie}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            data = self.socket.recv(65536)
            if not data:
                raise Closed("during the handshake")
            self.rest += data
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        self.head = head.decode()
        status = int(self.head.split()[1])
        if status != 101:
            self.socket.close()
            raise Refused(status, self.head)

    def frame(self, opcode, payload, final=True):
        mask = os.urandom(4)
        size = len(payload)
        head = bytes([opcode | (0x80 if final else 0)])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", size)
        # One mask byte repeated lets large frames be masked at once.
        mask = mask[:1] * 4
        self.socket.sendall(head + mask + payload.translate(bytes(b ^ mask[0] for b in range(256))))

    def send(self, message):
        self.frame(1, (message if isinstance(message, str) else json.dumps(message)).encode())

    def _take(self, count):
        while len(self.rest) < count:
            data = self.socket.recv(1 << 20)
            if not data:
                raise Closed("the server closed the connection")
            self.rest += data
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def receive(self):
        """The next text message, parsed; answers pings on the way. Raises Closed at a close frame."""
        while True:
            first, second = self._take(2)
            size = second & 0x7F
            if size == 126:
                size, = struct.unpack(">H", self._take(2))
            elif size == 127:
                size, = struct.unpack(">Q", self._take(8))
            payload = self._take(size)
            opcode = first & 0x0F
            if opcode == 1:
                return json.loads(payload)
            if opcode == 9:
                self.frame(10, payload)
            elif opcode == 8:
                raise Closed(payload[2:].decode(errors="replace"))

    def until(self, wanted):
        """The first message for which `wanted` holds."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            message = self.receive()
            if wanted(message):
                return message
        raise AssertionError("the message that was waited for did not come within 30 s")

    def close(self):
        self.socket.close()
