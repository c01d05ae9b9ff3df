"""A headless Chromium, driven by its DevTools protocol: no more of it than the tests of the page need."""

import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from websockets.sync.client import connect

NAMES = ("chromium", "chromium-browser", "google-chrome")

# Before any script of the page: what a page that is well does not do.
WATCH = """
  window.shift = 0;
  window.violations = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective + " " + event.blockedURI));
"""

KEYS = {"Home": (36, ""), "Enter": (13, "\r"), "Tab": (9, ""), "Escape": (27, ""), "ArrowRight": (39, ""), "ArrowLeft": (37, ""), " ": (32, " ")}


def chromium():
    """The path of a Chromium; None without one."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One browser with one page."""

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb",
                   "--no-first-run", "--disable-background-networking", "--remote-debugging-port=0",
                   f"--user-data-dir={self.folder.name}", "about:blank"]
        self.process = subprocess.Popen([chromium(), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = self.wait(self.port, "a port of Chromium's", 30)
        self.socket = self.stack.enter_context(connect(f"ws://127.0.0.1:{port[0]}{port[1]}", max_size=1 << 26))
        self.number, self.session, self.errors = 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "DOM"):
            self.call(f"{domain}.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)

    def port(self):
        """Its port and path, when it has written them."""
        file = Path(self.folder.name) / "DevToolsActivePort"
        lines = file.read_text().splitlines() if file.exists() else []
        return lines if len(lines) == 2 else None

    def close(self):
        """Ends the browser."""
        self.stack.close()
        self.process.terminate()
        self.process.wait(20)
        self.folder.cleanup()

    def call(self, method, **parameters):
        """One command and its result; events on the way are looked through for errors."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            reply = json.loads(self.socket.recv(30))
            if reply.get("id") == self.number:
                assert "error" not in reply, f"{method}: {reply['error']}"
                return reply["result"]
            self.note(reply)

    def note(self, event):
        """Keeps what the page complained about."""
        parameters = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description") or details["text"])
        elif event.get("method") == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.errors.append(str(parameters["args"]))
        elif event.get("method") == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            # That an answer has a status of failure is the gateway's, and what some tests are about.
            if parameters["entry"]["source"] != "network":
                self.errors.append(parameters["entry"]["text"])

    def run(self, script):
        """The value of an expression in the page, as JSON has it."""
        reply = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in reply, reply["exceptionDetails"]
        return reply["result"].get("value")

    def wait(self, condition, what, seconds=10):
        """Until `condition`, a script or a function, holds; returns its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.run(condition) if isinstance(condition, str) else condition()
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {what}")

    def open(self, address, width=1440, height=900, dark=False):
        """Opens a page in a window of that size."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        # Another address of the same page would not load it again.
        self.call("Page.navigate", url="about:blank")
        self.errors.clear()
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete' && document.getElementById('a-k') !== null", "the page")

    def key(self, name, shift=False):
        """Presses and releases a key."""
        code, text = KEYS[name]
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code,
                      modifiers=8 if shift else 0, **({"text": text} if text and kind == "keyDown" else {}))

    def click(self, selector):
        """Clicks where a person would: what moves then, they moved."""
        x, y = self.run(f"""(element => {{
          element.scrollIntoView({{ block: "center" }});
          const box = element.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }})(document.querySelector({json.dumps(selector)}))""")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, text):
        """Types into what has the focus."""
        self.call("Input.insertText", text=text)

    def choose(self, selector, files):
        """Puts files into a file input."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", files=[str(file) for file in files], nodeId=node)

    def picture(self, path):
        """Writes what is seen as a PNG."""
        Path(path).write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
