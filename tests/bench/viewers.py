# bench: viewers         CPU, memory and threads of a worker with 1, 10, 20 and 40 viewers, beside Janus's streaming plugin in the same run
# packages: janus python3-gi gir1.2-gst-plugins-bad-1.0 iproute2
"""One camera (masthead-sim, RTSP, 720p30, 2 Mbit/s), served in turn by Janus, by a worker as plain video (viewers that make
the offer and have no data channel), and by a worker with a frame message for each picture. All receivers are webrtcbin
without a decoder, in this process. Everything runs in a network namespace of its own, because Janus takes no loopback address.

CPU is user + system time of the server's process in % of one core, median of 5 windows. Load of other programs moves all
figures; the ratios suffer less. The kernel's receiving half is partly billed to the sender, for all servers alike."""

import argparse
import contextlib
import ctypes
import http.client
import json
import os
import queue
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ADDRESS = "10.99.0.1"
BUILD = Path(os.environ.get("MASTHEAD_BUILD", "build/run"))
WINDOWS, WINDOW_S, SETTLE_S, JOIN_S = 5, 3, 2, 60
# A window in which a viewer got fewer packets a second than the stream has is left out: the machine was busy elsewhere.
LEAST_RATE, MOST_STARVED = 190, 20
JANUS_PLUGINS = "/usr/lib/x86_64-linux-gnu/janus/plugins"


def enter_namespace():
    if "MASTHEAD_BENCH_INSIDE" not in os.environ:
        os.environ["MASTHEAD_BENCH_INSIDE"] = "1"
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        os.execvp("unshare", ["unshare", "--net", *user, sys.executable, *sys.argv])
    for line in ("link set lo up", "link add m0 type veth peer name m1", f"addr add {ADDRESS}/24 dev m0", "link set m0 up", "link set m1 up"):
        subprocess.run(["ip", *line.split()], check=True)


enter_namespace()
import gi  # noqa: E402

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC  # noqa: E402

H264 = ("application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,payload=96,packetization-mode=(string)1,"
        "profile-level-id=(string)42e01f,rtcp-fb-nack-pli=true")


class Receiver:
    """webrtcbin without a decoder. Descriptions go out whole, with all candidates."""

    def __init__(self):
        self.pipeline = Gst.Pipeline()
        self.webrtc = Gst.ElementFactory.make("webrtcbin")
        self.webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.pipeline.add(self.webrtc)
        ice = self.webrtc.get_property("ice-agent")
        # webrtcbin 1.22 holds a floating reference, which Python takes away: this is one in its place.
        ctypes.CDLL("libgobject-2.0.so.0").g_object_ref(ctypes.c_void_p(hash(ice)))
        ice.get_property("agent").set_property("upnp", False)
        ice.emit("add-local-ip-address", ADDRESS)
        self.sink = None
        self.messages = 0
        self.gathered = threading.Event()
        self.webrtc.connect("notify::ice-gathering-state", self._gathering)
        self.webrtc.connect("pad-added", self._pad)
        self.pipeline.set_state(Gst.State.PLAYING)

    def _gathering(self, webrtc, _):
        if webrtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            self.gathered.set()

    def _pad(self, _, pad):
        sink = Gst.ElementFactory.make("fakesink")
        sink.set_property("sync", False)
        sink.set_property("async", False)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))
        self.sink = sink

    def count_messages(self):
        def channel(_, data):
            data.connect("on-message-data", lambda *_: setattr(self, "messages", self.messages + 1))
            self.data = data
        self.webrtc.connect("on-data-channel", channel)

    def _ask(self, what, field):
        promise = Gst.Promise.new()
        self.webrtc.emit(what, None, promise)
        promise.wait()
        reply = promise.get_reply()  # owns what is in it
        description = reply.get_value(field)
        self.webrtc.emit("set-local-description", description, Gst.Promise.new())
        if not self.gathered.wait(20):
            raise RuntimeError("a receiver gathers no candidates")
        return self.webrtc.get_property("local-description").sdp.as_text()

    def _set_remote(self, kind, text):
        _, message = GstSdp.SDPMessage.new_from_text(text)
        promise = Gst.Promise.new()
        self.webrtc.emit("set-remote-description", GstWebRTC.WebRTCSessionDescription.new(kind, message), promise)
        promise.wait()

    def offer(self):
        self.webrtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(H264))
        return self._ask("create-offer", "offer")

    def take_answer(self, text):
        self._set_remote(GstWebRTC.WebRTCSDPType.ANSWER, text)

    def answer(self, offer):
        self._set_remote(GstWebRTC.WebRTCSDPType.OFFER, offer)
        return self._ask("create-answer", "answer")

    def add_candidate(self, mline, candidate):
        self.webrtc.emit("add-ice-candidate", mline, candidate)

    def packets(self):
        return self.sink.get_property("stats").get_value("rendered") if self.sink else 0

    def close(self):
        self.pipeline.set_state(Gst.State.NULL)


class Worker:
    """masthead-worker with one camera; this process plays its server."""

    def __init__(self, camera, link, metadata):
        self.metadata = metadata
        near, far = socket.socketpair()
        self.process = subprocess.Popen([BUILD / "server/worker/masthead-worker"], pass_fds=(3,), preexec_fn=lambda: os.dup2(far.fileno(), 3),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        far.close()
        self.channel = near
        self.receivers = {}
        self.answers = {}
        self.playing = threading.Event()
        self.incoming = queue.Queue()
        recipe = {"title": "bench", "ingest": {"uri": camera, "latency_ms": 50}, "outputs": {"webrtc": {}},
                  "telemetry": {"source": "link", "max_age_ms": 1000} if metadata else {"source": "none"}}
        vehicle = {"id": "bench", "kind": "drone", "cameras": [{"name": "nose", "recipe": recipe}]}
        if metadata:
            vehicle["link"] = {"uri": link, "address": "1"}
        threading.Thread(target=self._read, daemon=True).start()
        self.send(type="configure", ice_addresses=[ADDRESS], vehicles=[vehicle])
        if not self.playing.wait(30):
            raise RuntimeError("the worker's camera does not play")

    def send(self, **message):
        self.channel.sendall(json.dumps(message).encode() + b"\n")

    def _read(self):
        with contextlib.suppress(OSError), self.channel.makefile() as lines:
            for line in lines:
                message = json.loads(line)
                if message["type"] == "camera.state" and message["state"] == "playing":
                    self.playing.set()
                elif message["type"] == "viewer.candidate":
                    self.receivers[message["session"]].add_candidate(message["mline"], message["candidate"])
                elif message["type"] in ("viewer.offer", "viewer.answer"):
                    self.answers[message["session"]].put(message["sdp"])
                elif message["type"] == "viewer.state" and message["state"] in ("failed", "closed"):
                    print(f"  a viewer ended: {message.get('detail')}", file=sys.stderr)

    def join(self, receiver):
        session = secrets.token_urlsafe(12)
        self.receivers[session] = receiver
        self.answers[session] = queue.Queue()
        if self.metadata:
            self.send(type="viewer.add", session=session, vehicle="bench", camera="nose")
            answer = receiver.answer(self.answers[session].get(timeout=20))
            self.send(type="viewer.answer", session=session, sdp=answer)
        else:
            self.send(type="viewer.add", session=session, vehicle="bench", camera="nose", offer=receiver.offer())
            receiver.take_answer(self.answers[session].get(timeout=20))

    def end(self):
        self.channel.shutdown(socket.SHUT_RDWR)
        self.process.wait(20)


class Janus:
    """Janus's streaming plugin with an RTSP mountpoint, over its HTTP interface."""

    def __init__(self, camera):
        self.dir = Path(tempfile.mkdtemp(prefix="mh-janus-"))
        self.port = 18088
        plugins = [file.name for file in Path(JANUS_PLUGINS).glob("*.so") if file.name != "libjanus_streaming.so"]
        transports = [file.name for file in Path(JANUS_PLUGINS).with_name("transports").glob("*.so") if file.name != "libjanus_http.so"]
        self._write("janus.jcfg", f"""general: {{ debug_level = 2, session_timeout = 0, protected_folders = [] }}
            nat: {{ ice_enforce_list = "{ADDRESS}" }}
            media: {{ ipv6 = false }}
            plugins: {{ disable = "{','.join(plugins)}" }}
            transports: {{ disable = "{','.join(transports)}" }}
            events: {{ broadcast = false }}""")
        self._write("janus.transport.http.jcfg", f'general: {{ json = "plain", base_path = "/janus", http = true, port = {self.port}, ip = "127.0.0.1", https = false }}\n'
                    "admin: { admin_http = false }")
        self._write("janus.plugin.streaming.jcfg", f'bench: {{ type = "rtsp", id = 1, audio = false, video = true, url = "{camera}" }}')
        self.process = subprocess.Popen(["janus", "-F", self.dir, "-C", self.dir / "janus.jcfg"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.events = {}
        for _ in range(100):
            with contextlib.suppress(OSError):
                self.session = self._post("", janus="create")["data"]["id"]
                break
            time.sleep(0.1)
        threading.Thread(target=self._poll, daemon=True).start()

    def _write(self, name, text):
        (self.dir / name).write_text(text)

    def _post(self, place, **body):
        body["transaction"] = secrets.token_hex(4)
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/janus{place}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def _poll(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/janus/{self.session}?maxev=1", timeout=60) as answer:
                    event = json.load(answer)
                error = event.get("plugindata", {}).get("data", {}).get("error")
                if error:
                    print(f"  Janus: {error}", file=sys.stderr)
                if "jsep" in event:
                    self.events[event["sender"]].put(event["jsep"]["sdp"])

    def join(self, receiver):
        handle = self._post(f"/{self.session}", janus="attach", plugin="janus.plugin.streaming")["data"]["id"]
        self.events[handle] = queue.Queue()
        place = f"/{self.session}/{handle}"
        self._post(place, janus="message", body={"request": "watch", "id": 1})
        answer = receiver.answer(self.events[handle].get(timeout=20))
        self._post(place, janus="message", body={"request": "start"}, jsep={"type": "answer", "sdp": answer})
        self._post(place, janus="trickle", candidate={"completed": True})

    def end(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.dir)


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status(pid, name):
    return next(int(line.split()[1]) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(name))


def measure(server, count):
    """CPU %, RSS MB, threads, packets a second of the worst and the best viewer, messages a second of the first one."""
    receivers = [Receiver() for _ in range(count)]
    try:
        receivers[0].count_messages()
        for receiver in receivers:
            server.join(receiver)
        deadline = time.monotonic() + JOIN_S
        while not all(receiver.packets() for receiver in receivers):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{sum(not r.packets() for r in receivers)} of {count} viewers get nothing")
            time.sleep(0.1)
        time.sleep(SETTLE_S)
        pid, used, rates, messages, starved = server.process.pid, [], [], [], 0
        while len(used) < WINDOWS and starved < MOST_STARVED:
            cpu, since, before, said = cpu_s(pid), time.monotonic(), [r.packets() for r in receivers], receivers[0].messages
            time.sleep(WINDOW_S)
            lasted = time.monotonic() - since
            got = [(r.packets() - b) / lasted for r, b in zip(receivers, before, strict=True)]
            if min(got) < LEAST_RATE and starved < MOST_STARVED - WINDOWS:
                starved += 1
                continue
            used.append(100 * (cpu_s(pid) - cpu) / lasted)
            rates += got
            messages.append((receivers[0].messages - said) / lasted)
        return {"cpu": statistics.median(used), "all": used, "rss": status(pid, "VmRSS") / 1024, "threads": status(pid, "Threads"),
                "rate": min(rates), "most": max(rates), "messages": statistics.median(messages), "starved": starved}
    finally:
        for receiver in receivers:
            receiver.close()


def main():
    parser = argparse.ArgumentParser(prog="./dev bench viewers", description=__doc__)
    parser.add_argument("--viewers", default="1,10,20,40", help="how many, comma separated")
    counts = [int(text) for text in parser.parse_args().viewers.split(",")]
    Gst.init(None)
    sim = subprocess.Popen([BUILD / "simulator/masthead-sim", "drone", "--rtsp-port", "18554", "--mavlink-port", "18550", "--size", "1280x720",
                            "--bitrate", "2000", "--rate", "30"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    camera, link = "rtsp://127.0.0.1:18554/camera", "mavlink+udp://127.0.0.1:18550"
    servers = {"Janus": lambda: Janus(camera), "video alone": lambda: Worker(camera, link, False), "with metadata": lambda: Worker(camera, link, True)}
    try:
        time.sleep(2)
        print(f"{'server':14} {'viewers':>7} {'CPU %':>6} {'windows':>29} {'ratio':>6} {'RSS MB':>7} {'threads':>7} {'packets/s, least and most':>26} {'messages/s':>10} {'left out':>8}")
        for count in counts:
            floor = None
            for name, make in servers.items():
                server = make()
                try:
                    row = measure(server, count)
                finally:
                    server.end()
                floor = floor or row["cpu"]
                windows = " ".join(f"{value:.1f}" for value in row["all"])
                print(f"{name:14} {count:7} {row['cpu']:6.1f} {windows:>29} {row['cpu'] / floor:6.2f} {row['rss']:7.0f} {row['threads']:7} "
                      f"{row['rate']:18.0f} {row['most']:7.0f} {row['messages']:10.1f} {row['starved']:8}", flush=True)
    finally:
        sim.terminate()
        sim.wait(20)


if __name__ == "__main__":
    main()
