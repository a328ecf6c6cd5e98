// A database server that is not what it seems: asked for anything, it asks back for a file of the client's machine
// (LOAD DATA LOCAL, as the protocol lets any server do).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const program = fileURLToPath(new URL("../../build/release/tranche.fcgi", import.meta.url));
const SECRET = "nobody-shall-read-this-0123456789";

const packet = (number, ...parts) => {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));
  return Buffer.concat([Buffer.from([body.length & 255, body.length >> 8, 0, number]), body]);
};
// LONG_PASSWORD, FOUND_ROWS, CONNECT_WITH_DB, LOCAL_FILES, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION; PLUGIN_AUTH.
const greeting = packet(0, [10], "5.5.5-10.11.6-MariaDB\0", [1, 0, 0, 0], "saltsalt", [0], [0x8b, 0xa2], [45], [2, 0], [0x08, 0], [21],
  Buffer.alloc(10), "saltsaltsalt\0", "mysql_native_password\0");
const ok = (number) => packet(number, [0, 0, 0, 2, 0, 0, 0]);

// { port, got(), close }: all that clients sent after they had been asked for `file`.
async function rogue(file) {
  const got = [];
  let asked = 0;
  const server = net.createServer((socket) => {
    let step = 0;
    socket.on("error", () => {});
    socket.on("data", (data) => {
      step += 1;
      if (step === 1) return socket.write(ok(2));
      if (step === 2) return (asked += 1) && socket.write(packet(1, [0xfb], file));
      got.push(data);
      return socket.end();
    });
    socket.write(greeting);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: server.address().port, asked: () => asked, got: () => Buffer.concat(got).toString("latin1"), close: () => server.close() };
}

// Its output, at its end.
const run = (command, args, env) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (out += data));
    child.on("close", () => resolve(out));
  });

test("a database server gets no file of this machine, though it asks for one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tranche-rogue-"));
  const file = join(folder, "secret"), config = join(folder, "tranche.conf");
  writeFileSync(file, SECRET);
  const server = await rogue(file);
  try {
    // A client that lets it: the server means it.
    await run("mariadb", ["--no-defaults", "--host=127.0.0.1", `--port=${server.port}`, "--user=x", "--password=x", "--skip-ssl", "--local-infile=1", "-e", "SELECT 1"], process.env);
    assert.ok(server.got().includes(SECRET), "the test's server asks in vain");
    const before = [server.got().length, server.asked()];
    writeFileSync(config, `db_hosts = 127.0.0.1\ndb_port = ${server.port}\ndb_name = x\ndb_user = x\ndb_password = x\nsecret = ${"ab".repeat(32)}\n`, { mode: 0o600 });
    const out = await run(program, [], {
      TRANCHE_CONFIG: config, GATEWAY_INTERFACE: "CGI/1.1", REQUEST_METHOD: "GET", PATH_INFO: "/api/v1/health", SCRIPT_NAME: "/tranche.fcgi", REMOTE_ADDR: "127.0.0.1",
    });
    assert.match(out, /^Status: 503/m);
    assert.ok(server.asked() > before[1], "it was asked");
    assert.ok(!server.got().slice(before[0]).includes(SECRET) && !out.includes(SECRET));
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});
