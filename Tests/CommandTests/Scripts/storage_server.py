"""An S3 server on this machine, and a proxy before it that spoils answers as it is told.

usage: python storage_server.py FOLDER

Writes FOLDER/server.json: the endpoint of the proxy, that of the server, a key and its secret. The
server is moto; it checks signatures. The proxy reads FOLDER/faults.json before every request:

    {"fault": "error", "times": 2, "of": "shards/"}     spoils the first 2 GETs of every object
                                                        whose path contains the word

Faults: error (HTTP 500), busy (HTTP 503), cut (half a body, then the connection ends), short (half a
body, and no word of its length), wrong (another byte in the middle), slow (the body in pieces), stall
(half a body, then nothing), ignore-range (half a body, and then the whole object although the rest was asked for), shift (a
range that begins one byte later). FOLDER/requests.log has a line for every request.
"""
import http.client
import http.server
import json
import os
import sys
import threading
import time
import urllib.parse

os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "100000"
os.environ.update(AWS_ACCESS_KEY_ID="setup", AWS_SECRET_ACCESS_KEY="setup", AWS_REGION="us-east-1")
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
import boto3
import requests
from moto.server import ThreadedMotoServer

folder = sys.argv[1]
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
port = server.get_host_and_port()[1]
backend = f"http://127.0.0.1:{port}"
iam = boto3.client("iam", endpoint_url=backend)
iam.create_user(UserName="tester")
everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
iam.put_user_policy(UserName="tester", PolicyName="all", PolicyDocument=json.dumps(everything))
key = iam.create_access_key(UserName="tester")["AccessKey"]
boto3.client("s3", endpoint_url=backend).create_bucket(Bucket="faces")
# From here on every request must be signed.
requests.post(f"{backend}/moto-api/reset-auth", data=b"0").raise_for_status()

client = boto3.client(
    "s3", endpoint_url=backend, aws_access_key_id=key["AccessKeyId"],
    aws_secret_access_key=key["SecretAccessKey"])
counts, lock = {}, threading.Lock()
log = open(f"{folder}/requests.log", "a", buffering=1)


def fault_of(method, path):
    try:
        with open(f"{folder}/faults.json") as file:
            wanted = json.load(file)
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    if method != wanted.get("method", "GET") or wanted.get("of", "") not in path:
        return None
    with lock:
        done = counts.get((wanted["fault"], wanted.get("round", 0), path), 0)
        counts[(wanted["fault"], wanted.get("round", 0), path)] = done + 1
    return wanted["fault"] if done < wanted.get("times", 1) else None


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        if self.path.startswith("/?has="):
            self.send_response(200)
            names = [one["Key"] for one in client.list_objects_v2(Bucket="faces").get("Contents", [])]
            text = str(urllib.parse.unquote(self.path[6:]) in names).encode()
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            return
        fault = fault_of(self.command, self.path)
        log.write(f"{self.command} {self.path} {self.headers.get('Range', '-')} {fault or '-'} "
                  f"{'signed' if 'Authorization' in self.headers else 'unsigned'}\n")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if fault in ("error", "busy"):
            text = b"<Error><Code>InternalError</Code><Message>We failed.</Message></Error>"
            self.send_response(500 if fault == "error" else 503)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            return
        if fault == "ignore-range" and "Range" not in self.headers:
            fault = "cut"
        if fault == "ignore-range":
            # The signature covers the range, so the whole object is asked for anew.
            found = client.get_object(Bucket="faces", Key=urllib.parse.unquote(self.path)[7:])
            data = found["Body"].read()
            self.send_response(200)
            self.send_header("ETag", found["ETag"])
            self.send_header("x-amz-meta-sha256", found["Metadata"]["sha256"])
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return
        headers = dict(self.headers.items())
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                self.send_header(name, value)
        length = reply.getheader("Content-Length") if self.command == "HEAD" else len(data)
        if fault == "wrong" and data:
            data = data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]
        if fault == "shift" and data:
            data = data[1:] + b"\0"
        if fault == "short":
            data, self.close_connection = data[: len(data) // 2], True
            self.send_header("Connection", "close")
        elif length is not None and reply.status != 204:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "HEAD" or reply.status == 204:
            return
        if fault in ("cut", "stall"):
            self.wfile.write(data[: len(data) // 2])
            self.wfile.flush()
            self.close_connection = True
            if fault == "stall":
                time.sleep(600)
            self.connection.shutdown(2)
        elif fault == "slow":
            for start in range(0, len(data), max(len(data) // 20, 1)):
                self.wfile.write(data[start : start + max(len(data) // 20, 1)])
                self.wfile.flush()
                time.sleep(0.1)
        else:
            self.wfile.write(data)

    do_GET = do_HEAD = do_PUT = do_DELETE = answer


proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
proxy.daemon_threads = True
facts = {
    "endpoint": f"http://127.0.0.1:{proxy.server_port}",
    "server": backend,
    "key": key["AccessKeyId"],
    "secret": key["SecretAccessKey"],
}
with open(f"{folder}/server.json.new", "w") as file:
    json.dump(facts, file)
os.rename(f"{folder}/server.json.new", f"{folder}/server.json")
# The server ends when the one that started it ends.
threading.Thread(target=proxy.serve_forever, daemon=True).start()
parent = os.getppid()
while os.getppid() == parent:
    time.sleep(0.2)
