"""Answers as Dragon's telemetry aggregator did, from captures, over HTTP.

Argument: the folder with the captures. Prints its port; notes each path that was asked on a line of its own.
"""
import http.server
import sys

suggest = open(f"{sys.argv[1]}/dragon_api_suggest.json", "rb").read()
query = open(f"{sys.argv[1]}/dragon_api_query_response.json", "rb").read()


class Aggregator(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, body):
        print(self.command, self.path, flush=True)
        self.send_response(200 if body else 404)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(suggest if self.path == "/api/suggest" else b"")

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.answer(query if self.path == "/api/query" else b"")


server = http.server.HTTPServer(("127.0.0.1", 0), Aggregator)
print(server.server_port, flush=True)
server.serve_forever()
