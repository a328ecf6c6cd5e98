// A receiver of webhooks on this machine: an https server whose certificate the
// site is made to trust, at an address that the site is told it may reach.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Self-signed, good for localhost and 127.0.0.1.
function certificate(folder) {
  const key = join(folder, "key.pem"), cert = join(folder, "cert.pem");
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=tests",
    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert), path: cert };
}

// What Standard Webhooks says the signature is.
export function signature(secret, headers, body) {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  return "v1," + createHmac("sha256", key).update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`).digest("base64");
}

// { url, ip, calls, answer, close }: `answer` is what the next calls get, a
// function of (request, response) or a status; a call's `at` is when it came.
export async function receiver() {
  const folder = mkdtempSync(join(tmpdir(), "tranche-hook-"));
  chmodSync(folder, 0o755);
  const { key, cert, path } = certificate(folder);
  const self = { calls: [], answer: 204 };
  const server = https.createServer({ key, cert }, (request, response) => {
    let body = "";
    request.on("data", (bytes) => (body += bytes));
    request.on("end", () => {
      const { method, url: path, headers } = request;
      self.calls.push({ method, path, headers, body, servername: request.socket.servername, at: Date.now() });
      if (typeof self.answer === "function") return self.answer(request, response);
      response.writeHead(self.answer).end(self.answer === 204 ? undefined : `status ${self.answer}`);
    });
  });
  server.on("tlsClientError", (error) => (self.refusedBy = error.code ?? error.message));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = server.address().port, config = process.env.TRANCHE_CONFIG, before = readFileSync(config, "utf8");
  // The program reads the file again when it has changed.
  self.configure = (lines) => writeFileSync(config, before + Object.entries(lines).map(([name, value]) => `${name} = ${value}\n`).join(""));
  self.trusted = { webhook_allow: `127.0.0.1:${port}, [::1]:${port}`, webhook_ca_file: path };
  self.configure(self.trusted);
  self.port = port;
  self.url = `https://localhost:${port}`;
  self.ip = `https://127.0.0.1:${port}`;
  self.take = () => self.calls.splice(0);
  self.close = () => {
    writeFileSync(config, before);
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  };
  return self;
}

export function assertSigned(call, ...secrets) {
  const given = call.headers["webhook-signature"].split(" ");
  assert.deepEqual(given, secrets.map((secret) => signature(secret, call.headers, call.body)));
  assert.ok(Math.abs(call.at / 1000 - call.headers["webhook-timestamp"]) < 60);
}
