// A page with faults on purpose, for the scanners to find: whoever does not see
// these sees nothing. Only tests/scan/run.sh starts it, on 127.0.0.1.
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";

const config = readFileSync(process.env.TRANCHE_CONFIG, "utf8");
const setting = (key) => new RegExp(`^${key} = (.*)$`, "m").exec(config)[1];

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://127.0.0.1");
  const html = (text) => response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(`<!DOCTYPE html><title>Planted</title>${text}`);
  if (pathname === "/") return html('<a href="/events?id=1">An event</a> <a href="/hello?name=you">Hello</a>');
  if (pathname === "/hello") return html(`<p>Hello ${searchParams.get("name")}</p>`); // planted: cross-site scripting
  if (pathname !== "/events") return response.writeHead(404).end();
  const text = `SELECT title FROM ${setting("table_prefix")}contents WHERE id = ${searchParams.get("id")}`; // planted: injection
  execFile("mariadb", ["--no-defaults", `--socket=${setting("db_socket")}`, `--user=${setting("db_user")}`, setting("db_name"), "-N", "-e", text],
    { env: { ...process.env, MYSQL_PWD: setting("db_password") } },
    (error, out, err) => html(error ? `<p>SQL error: ${err}</p>` : `<p>${out}</p>`));
}).listen(Number(process.argv[2]), "127.0.0.1", () => console.log("planted"));
