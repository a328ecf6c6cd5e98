// Every row of the route table, asked by whom it is not for, and in what it does not take. What is true of all is read
// from the table itself, so a new route is asked, too.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { adminToken, api, assertProblem, browserOf, newPerson, raw, signIn, started } from "./support.mjs";

const source = (path) => readFileSync(new URL(`../../src/web/${path}`, import.meta.url), "utf8");
const rows = [...`${source("routes.c")}${source("page_routes.h")}`.matchAll(/\{ METHOD_(\w+), +(V1 )?"([^"]+)", +PERMIT_(\w+), +([^,]+),/g)]
  .map(([, method, v1, path, permission, flags]) => ({
    method, permission: permission.toLowerCase(), isApi: Boolean(v1),
    path: `${v1 ? "/api/v1" : ""}${path.replace("{uuid}", "00000000-0000-4000-8000-000000000000").replace(/\{[^}]+\}/g, "999999")}`,
    isPublic: /PUBLIC|VISIBLE|SETUP|UPGRADE|API_OPEN/.test(flags),
  }));
const guarded = rows.filter((row) => !row.isPublic);
const named = ({ method, path }, reply) => `${method} ${path}: ${reply.status} ${reply.text.slice(0, 200)}`;
const body = ({ method, isApi }) => (isApi && ["POST", "PUT", "PATCH"].includes(method) ? "{}" : undefined);
const ask = (row, headers) =>
  raw(row.method, row.path, { headers: { ...(body(row) ? { "content-type": "application/json" } : {}), ...headers }, body: body(row) });

test("the table was read", () => {
  assert.ok(rows.length > 150 && guarded.length > 120, `${rows.length}, ${guarded.length}`);
  assert.ok(rows.filter((row) => row.isPublic).length < 35, "few doors are open to everybody");
});

test("nobody: 401, or the way to the login", async () => {
  for (const row of guarded) {
    const reply = await ask(row, {});
    if (row.isApi) assertProblem(reply, 401, "not_authenticated");
    else assert.ok(reply.status === 303 && reply.headers.get("location").startsWith("/login?next=/"), named(row, reply));
  }
});

test("somebody without a role: 403 wherever a permission is asked for", async () => {
  const person = await newPerson({ roles: [] });
  const browser = await browserOf(person.name, person.password);
  for (const row of guarded.filter(({ permission }) => permission !== "none")) {
    const reply = row.isApi ? await ask(row, { cookie: browser.cookie, "x-csrf-token": browser.csrf })
      : row.method === "GET" ? await browser.page(row.path) : await browser.form(row.path);
    assert.equal(reply.status, 403, named(row, reply));
    if (row.isApi) assertProblem(reply, 403, "not_permitted");
  }
});

test("a limited token: 403 for all but its scope, no page, no batch of its owner's to steer, no other token", async () => {
  const admin = await signIn("admin");
  const { json } = await admin.call("POST", "/tokens", { label: "narrow", permissions: ["view_content_versions"], expires_in_days: 1 });
  const headers = { authorization: `Bearer ${json.token}` };
  for (const row of guarded.filter(({ permission, isApi }) => !isApi || !["none", "view_content_versions"].includes(permission))) {
    const reply = await ask(row, headers);
    assert.equal(reply.status, 403, named(row, reply));
    if (row.isApi) assertProblem(reply, 403, "not_permitted");
  }
  const batch = await started(3, adminToken);
  const mine = { token: json.token };
  for (const [method, path, more] of [
    ["POST", `/batch/${batch}/start`], ["POST", `/batch/${batch}/pause`], ["POST", `/batch/${batch}/resume`], ["POST", `/batch/${batch}/cancel`],
    ["POST", `/batch/${batch}/undo`], ["POST", `/batch/${batch}/retry`], ["POST", `/batch/${batch}/items?offset=3`, [{}]], ["DELETE", `/batch/${batch}`],
    ["GET", "/tokens"], ["POST", "/tokens", {}], ["DELETE", `/tokens/${json.id}`],
  ]) {
    const reply = await api(method, path, more, mine);
    // What has happened already is no mistake to ask for again; it is asked first who asks.
    assertProblem(reply, 403, "not_permitted");
  }
  assert.equal((await api("GET", `/batch/${batch}`)).json.phase !== "failed", true);
  await api("POST", `/batch/${batch}/cancel`);
  assert.equal((await admin.call("DELETE", `/tokens/${json.id}`)).status, 204);
});

test("a body of another type is 415 for the API, and no form for the pages", async () => {
  const { paths } = (await api("GET", "/openapi.json", undefined, { token: null })).json;
  let asked = 0;
  for (const [pattern, item] of Object.entries(paths))
    for (const [method, operation] of Object.entries(item)) {
      if (!operation.requestBody || pattern === "/tokens") continue; // tokens are made by people: asked before the body
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", "application/json+x"]) {
        if (type.split(";")[0] in operation.requestBody.content) continue;
        const path = pattern.replace(/\{[^}]+\}/g, "999999");
        const reply = await raw(method.toUpperCase(), `/api/v1${path}`, { headers: { authorization: `Bearer ${adminToken}`, "content-type": type }, body: "{}" });
        const isGone = pattern.includes("{") && reply.status === 404; // looked for before it is read
        if (!isGone) assertProblem(reply, 415, "unsupported_media_type");
        asked += !isGone;
      }
    }
  assert.ok(asked >= 60, String(asked));
  const browser = await signIn("admin");
  for (const row of rows.filter(({ isApi, method, path }) => !isApi && method === "POST" && !path.startsWith("/install"))) {
    const reply = await raw("POST", row.path, { headers: { cookie: browser.cookie, "content-type": "application/json" }, body: JSON.stringify({ csrf: browser.csrf }) });
    assert.ok([403, 415].includes(reply.status), named(row, reply));
  }
});

test("an Idempotency-Key is one's own: another's request with it makes another batch", async () => {
  const [one, two] = [await signIn("admin"), await signIn("editor")];
  const headers = { "idempotency-key": `shared-${Date.now()}` };
  const made = await one.call("POST", "/batch", { type: "create" }, headers);
  const other = await two.call("POST", "/batch", { type: "create" }, headers);
  assert.deepEqual([made.status, other.status], [201, 201]);
  assert.notEqual(made.json.id, other.json.id);
  assert.equal(other.headers.get("idempotency-replayed"), null);
  assertProblem(await two.call("GET", `/batch/${made.json.id}`), 404, "not_found");
  await one.call("POST", `/batch/${made.json.id}/cancel`);
  await two.call("POST", `/batch/${other.json.id}/cancel`);
});
