"""A headless Chromium and its DevTools protocol over two pipes, with the standard library alone."""
import base64
import json
import os
import select
import subprocess

# The longest screenshot that is kept, in pixels.
SCREENSHOT_HEIGHT = 16_000


class Browser:
    """A Chromium process and one tab, with the DevTools protocol over two pipes."""

    def __init__(self, program, profile):
        to_browser, self.output = os.pipe()
        self.input, from_browser = os.pipe()

        def connect():
            # The browser reads from 3 and writes to 4. Copies come first because one pipe may have these numbers.
            reading, writing = os.dup(to_browser), os.dup(from_browser)
            while reading in (3, 4) or writing in (3, 4):
                reading, writing = os.dup(reading), os.dup(writing)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-extensions", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
             "--force-device-scale-factor=1", f"--user-data-dir={profile}", "--remote-debugging-pipe",
             # The sandbox of Chromium refuses to start for root.
             *(["--no-sandbox"] if os.geteuid() == 0 else [])],
            preexec_fn=connect, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.count, self.events, self.session = b"", 0, [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def read(self, seconds=120):
        while b"\0" not in self.buffer:
            if not select.select([self.input], [], [], seconds)[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self.input, 1 << 20)
            if not part:
                raise EOFError("the browser ended")
            self.buffer += part
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def call(self, method, **parameters):
        self.count += 1
        request = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.output, data):]
        number = self.count
        while True:
            message = self.read()
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.receive(message)

    def receive(self, message):
        if "method" in message:
            self.events.append((message["method"], message.get("params", {})))
            if message["method"] == "Page.javascriptDialogOpening":
                self.call("Page.handleJavaScriptDialog", accept=False)

    def open(self, url, width, scheme, media="screen"):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(name == "Page.loadEventFired" for name, _ in self.events):
            self.receive(self.read())

    def evaluate(self, code):
        result = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"].get("description", "an exception in the page"))
        return result["result"].get("value")

    def screenshot(self, path, width):
        height = self.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().bottom + scrollY)")
        clip = {"x": 0, "y": 0, "width": width, "height": max(1, min(height + 32, SCREENSHOT_HEIGHT)), "scale": 1}
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(picture["data"]))

    def close(self):
        self.process.terminate()
        self.process.wait()
