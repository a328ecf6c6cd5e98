// What the tests of a site that is not installed share: browsers, the code's file, settings that are right.
// DATABASE_CONFIG names a tranche.conf with the settings of an empty database.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync, statSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";

export const base = process.env.BASE_URL;
export const site = process.env.BARE_SITE; // the folder above htdocs
export const htdocs = join(site, "htdocs");
export const config = join(site, "tranche.conf");
export const settings = Object.fromEntries(readFileSync(process.env.DATABASE_CONFIG, "utf8").split("\n").map((line) => line.split(" = ")));
const rootOptions = process.env.DATABASE_ROOT;
export const sql = (text) => execFileSync("mariadb", [`--defaults-file=${rootOptions}`, "--batch", "--skip-column-names", "tranche", "-e", text], { encoding: "utf8" }).trim();

// A browser: cookies, an address of its own (loopback has many), forms as they stand on the last page.
export class Browser {
  constructor(address = "127.0.0.1") {
    this.address = address;
    this.cookies = new Map();
  }

  request(method, path, { fields, headers = {}, body } = {}) {
    const all = { ...headers };
    if (this.cookies.size) all.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    let bytes = body;
    if (fields) {
      bytes = new URLSearchParams(fields).toString();
      all["content-type"] = "application/x-www-form-urlencoded";
    }
    if (bytes !== undefined) all["content-length"] = Buffer.byteLength(bytes);
    return new Promise((resolve, reject) => {
      const sent = http.request(base + path, { method, headers: all, localAddress: this.address, agent: false }, (reply) => {
        let text = "";
        reply.setEncoding("utf8");
        reply.on("data", (part) => { text += part; });
        reply.on("end", () => {
          for (const line of reply.headers["set-cookie"] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
            assert.match(line, /HttpOnly; SameSite=Lax/);
            if (value && !/Max-Age=0/.test(line)) this.cookies.set(name, value);
            else this.cookies.delete(name);
          }
          resolve({ status: reply.statusCode, headers: reply.headers, text, at: reply.headers.location });
        });
        reply.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(bytes);
    });
  }

  async get(path) {
    const reply = await this.request("GET", path);
    this.csrf = /name="csrf" value="([0-9a-f]+)"/.exec(reply.text)?.[1] ?? this.csrf;
    return reply;
  }

  post(path, fields = {}) {
    return this.request("POST", path, { fields: { csrf: this.csrf ?? "", ...fields } });
  }
}

export const codeFiles = (folder = site) => readdirSync(folder).filter((name) => name.startsWith("tranche-install"));
export const codeFile = (folder = site) => join(folder, codeFiles(folder)[0]);
export const codeIn = (folder = site) => /^ {4}(\S+)$/m.exec(readFileSync(codeFile(folder), "utf8"))?.[1];

export const given = (more = {}) => ({
  db_name: "tranche", db_user: settings.db_user, db_password: settings.db_password, db_hosts: "localhost",
  db_socket: settings.db_socket, db_port: "3306", db_tls: "0", table_prefix: "in_", ...more,
});

export const programs = () => readdirSync("/proc").filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
  try {
    return readlinkSync(`/proc/${pid}/exe`).startsWith(join(site, "htdocs/tranche.fcgi"));
  } catch {
    return false;
  }
}).map(Number);

export function killPrograms() {
  for (const pid of programs()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {} // it has just ended
  }
}

// Processes believe for some seconds what they have read of the schema: new ones know nothing.
export async function forget() {
  killPrograms();
  for (let i = 0; i < 600; i += 1) {
    if ((await new Browser().get("/api/v1/openapi.json")).status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("no program answers any more");
}

// The address by which a page of steps that are not all done goes on by itself.
export const onwards = (reply) => /url=(\/[a-z/]+\?go=[0-9a-f]+)/.exec(reply.text ?? "")?.[1] ?? null;

// The program as the web server behind a proxy runs it, as CGI: from loopback no server of ours looks like that.
export async function behind(env, method, path, { fields, cookies, program = join(htdocs, "tranche.fcgi") } = {}) {
  const owner = statSync(htdocs);
  const body = fields ? new URLSearchParams(fields).toString() : "";
  const run = spawn(program, [], {
    env: {
      GATEWAY_INTERFACE: "CGI/1.1", REQUEST_METHOD: method, PATH_INFO: path, SCRIPT_NAME: "/tranche.fcgi", DOCUMENT_ROOT: htdocs, HTTP_HOST: "inner.example:8080",
      HTTP_COOKIE: [...(cookies ?? [])].map(([name, value]) => `${name}=${value}`).join("; "), CONTENT_LENGTH: String(body.length),
      CONTENT_TYPE: fields ? "application/x-www-form-urlencoded" : "", MYSQL_PLUGIN_DIR: "/nonexistent", ...env,
    },
    stdio: ["pipe", "pipe", "inherit"], ...(process.getuid() === 0 ? { uid: owner.uid, gid: owner.gid } : {}),
  });
  run.stdin.on("error", () => {}).end(body);
  const out = [];
  run.stdout.on("data", (part) => out.push(part));
  await new Promise((resolve) => run.on("close", resolve));
  const [head, ...rest] = Buffer.concat(out).toString().split("\r\n\r\n");
  for (const [, name, value] of head.matchAll(/^Set-Cookie: ([^=]+)=([^;]*)/gm)) cookies?.set(name, value);
  const text = rest.join("\r\n\r\n");
  return { status: Number(/^Status: (\d+)/m.exec(head)[1]), head, text, at: /^Location: (.*?)\r?$/m.exec(head)?.[1], csrf: /name="csrf" value="([0-9a-f]+)"/.exec(text)?.[1] };
}
