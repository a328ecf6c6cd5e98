// People and roles: who may do what is changed by those who manage people.
import assert from "node:assert/strict";
import { test } from "node:test";
import { adminToken, advanceToEnd, api, assertProblem, browserOf, hour, newContent, newPerson, raw, signIn, started, statusOf, unique } from "./support.mjs";

const audit = async (query) => (await api("GET", `/audit?${query}`)).json.items;
const tokenFor = async (person) => (await (await browserOf(person.name, person.password)).call("POST", "/tokens", { label: "t" })).json.token;

test("a person is made with a password told once, listed, changed; the log says who did it", async () => {
  const name = unique("nils");
  const made = await api("POST", "/users", { name, display_name: "Nils N", timezone: "Europe/Oslo", roles: ["author", "editor", "author"] });
  assert.equal(made.status, 201, made.text);
  assert.match(made.json.password, /^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
  assert.deepEqual([made.json.roles, made.json.password_due, made.json.active], [["author", "editor"], true, true]);
  const { id } = made.json;
  assert.ok(!("password" in (await api("GET", `/users/${id}`)).json));
  assert.ok((await api("GET", `/users?after=${id - 1}&limit=1`)).json.items[0].name === name);
  const changed = await api("PATCH", `/users/${id}`, { display_name: "Nils Nilsen", roles: [] });
  assert.deepEqual([changed.json.display_name, changed.json.roles, changed.json.timezone], ["Nils Nilsen", [], "Europe/Oslo"]);
  const rows = (await audit("action=user.")).filter((row) => row.object_id === id);
  assert.deepEqual(rows.map((row) => row.action), ["user.change", "user.create"]);
  assert.equal(rows[0].user.name, "Ada Admin");
  assert.ok(!JSON.stringify(rows).includes(made.json.password), "no secret in the log");
});

test("what is no person is refused with a pointer", async () => {
  const good = { name: unique("x") };
  for (const [body, pointer] of [
    [{ ...good, name: "" }, "/name"], [{ ...good, name: "x".repeat(101) }, "/name"], [{ ...good, name: "a\nb" }, "/name"], [{ ...good, name: " x" }, "/name"],
    [{ ...good, name: 7 }, "/name"], [{ ...good, timezone: "../../etc/passwd" }, "/timezone"], [{ ...good, roles: ["chief"] }, "/roles"],
    [{ ...good, roles: "admin" }, "/roles"], [{ ...good, roles: [1] }, "/roles/0"], [{ ...good, display_name: "" }, "/display_name"],
    [{ ...good, password: "x" }, "/password"], [{ ...good, active: true }, "/active"],
  ])
    assertProblem(await api("POST", "/users", body), 422, "validation_failed", pointer);
  assertProblem(await api("POST", "/users", { name: "ADMIN" }), 409, "name_taken");
  assertProblem(await api("PATCH", "/users/999999", {}), 404, "not_found");
});

test("only who manages people gets there", async () => {
  const person = await newPerson({ roles: ["editor"] });
  const browser = await browserOf(person.name, person.password);
  for (const [method, path, body] of [
    ["GET", "/users"], ["POST", "/users", {}], ["GET", "/users/1"], ["PATCH", "/users/1", {}], ["POST", "/users/1/password"],
    ["DELETE", "/users/1/second-factor"], ["GET", "/roles"], ["POST", "/roles", {}], ["GET", "/roles/1"], ["PATCH", "/roles/1", {}], ["DELETE", "/roles/1"],
  ])
    assertProblem(await browser.call(method, path, body), 403, "not_permitted");
  for (const path of ["/users", "/users/new", "/users/1", "/users/1/deactivate", "/roles", "/roles/new", "/roles/1"])
    assert.equal((await browser.page(path)).status, 403, path);
  for (const path of ["/users/new", "/users/1", "/users/1/deactivate", "/users/1/activate", "/users/1/password", "/users/1/second-factor", "/roles/new", "/roles/1", "/roles/1/delete"])
    assert.equal((await browser.form(path)).status, 403, path);
});

const ITEMS = 600;
test("deactivated: sessions and tokens end at once, batches pause and wait, events stay", async () => {
  const person = await newPerson();
  const browser = await browserOf(person.name, person.password);
  const token = (await browser.call("POST", "/tokens", { label: "t" })).json.token;
  const job = await started(ITEMS, token, { chunk_size: 5 }); // more than any machine does in a tenth of a second
  assert.equal((await api("POST", `/batch/${job}/advance?time_budget_ms=100`, undefined, { token })).status, 200);
  const receiving = (await api("POST", "/batch", { type: "create" }, { token })).json.id;
  const done = (await statusOf(job)).counts.succeeded;
  const admin = await signIn("admin");
  const asked = await admin.page(`/users/${person.id}/deactivate`);
  if (done < ITEMS) assert.match(asked.text, /2 unfinished batches are paused/);
  assert.equal((await api("PATCH", `/users/${person.id}`, { active: false })).json.active, false);
  assert.equal((await browser.call("GET", "/me")).status, 401);
  assert.equal((await api("GET", "/me", undefined, { token })).status, 401);
  const login = await raw("POST", "/login", { body: new URLSearchParams({ name: person.name, password: person.password }) });
  assert.notEqual(login.status, 303);
  if (done < ITEMS) {
    assert.match((await statusOf(job)).status, /paus/);
    assertProblem(await api("POST", `/batch/${job}/resume`), 409, "creator_inactive");
  }
  assert.equal((await statusOf(job)).counts.failed, 0, "nothing fails for want of rights");
  assertProblem(await api("PATCH", `/users/${(await api("GET", "/me")).json.id}`, { active: false }), 403, "not_permitted");
  assert.equal((await api("PATCH", `/users/${person.id}`, { active: true })).json.active, true);
  assert.equal((await api("GET", "/me", undefined, { token })).status, 401, "tokens don't come back");
  if (done < ITEMS) assert.equal((await api("POST", `/batch/${job}/resume`)).status, 202);
  assert.equal((await advanceToEnd(job)).counts.succeeded, ITEMS);
  await api("POST", `/batch/${receiving}/cancel`);
});

test("a new password ends sessions and tokens, and the second factor can be reset", async () => {
  const person = await newPerson();
  const token = await tokenFor(person);
  const browser = await browserOf(person.name, person.password);
  const given = await api("POST", `/users/${person.id}/password`);
  assert.equal(given.status, 200, given.text);
  assert.equal(given.json.password_due, true);
  assert.equal((await browser.call("GET", "/me")).status, 401);
  assert.equal((await api("GET", "/me", undefined, { token })).status, 401);
  assertProblem(await (await browserOf(person.name, given.json.password)).call("GET", "/me"), 403, "password_due");
  assert.equal((await api("DELETE", `/users/${person.id}/second-factor`)).status, 204);
  assertProblem(await api("POST", `/users/${(await api("GET", "/me")).json.id}/password`), 403, "not_permitted");
});

test("roles of one's own: grants limited to types and to what one made hold item by item", async () => {
  const name = unique("trainers");
  const made = await api("POST", "/roles", { name, grants: [
    { permission: "schedule_content", own_only: true, schedule_types: ["training", "booking"] }, { permission: "view_scheduled_content", schedule_types: ["training"] },
  ] });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(made.json.grants.map((grant) => grant.schedule_types), [["training", "booking"], ["training"]]);
  const person = await newPerson({ roles: [name] });
  const token = await tokenFor(person);
  const content = await api("POST", "/contents", { title: "Mine", schedule_type: "training" }, { token });
  assert.equal(content.status, 201, content.text);
  assertProblem(await api("POST", "/contents", { title: "Not mine", schedule_type: "publish" }, { token }), 403, "not_permitted");
  await api("POST", `/contents/${content.json.id}/versions`, { body: {} }, { token });
  const theirs = await newContent(1);
  const reply = await api("POST", "/schedules/bulk", [content.json.id, theirs].map((content_id, i) => ({ content_id, version_no: 1, starts_at: hour(4000 + i) })),
    { token, headers: { prefer: "wait=10" } });
  assert.deepEqual(reply.json.items.map((item) => item.errors[0]?.code ?? item.outcome), ["succeeded", "not_permitted"], reply.text.slice(0, 500));
  const id = made.json.id;
  assertProblem(await api("DELETE", `/roles/${id}`), 409, "in_use");
  const renamed = await api("PATCH", `/roles/${id}`, { grants: [{ permission: "view_dashboard" }] });
  assert.deepEqual(renamed.json.grants, [{ permission: "view_dashboard", own_only: false, schedule_types: null }]);
  assertProblem(await api("GET", "/events", undefined, { token }), 403, "not_permitted");
  await api("PATCH", `/users/${person.id}`, { roles: [] });
  assert.equal((await api("DELETE", `/roles/${id}`)).status, 204);
});

test("what is no role is refused, and the standard ones stay", async () => {
  const wrong = async (body, pointer) => assertProblem(await api("POST", "/roles", { name: unique("r"), grants: [], ...body }), 422, "validation_failed", pointer);
  await wrong({ name: "" }, "/name");
  await wrong({ name: "a,b" }, "/name");
  await wrong({ grants: [{ permission: "everything" }] }, "/grants/0/permission");
  await wrong({ grants: [{ permission: "tick" }, { permission: "tick" }] }, "/grants/1/permission");
  await wrong({ grants: [{ permission: "schedule_content", schedule_types: [] }] }, "/grants/0/schedule_types");
  await wrong({ grants: [{ permission: "schedule_content", schedule_types: ["a,b"] }] }, "/grants/0/schedule_types/0");
  await wrong({ grants: [{ permission: "schedule_content", schedule_types: ["A'\";--"] }] }, "/grants/0/schedule_types");
  await wrong({ grants: [{ permission: "manage_users", schedule_types: ["training"] }] }, "/grants/0/schedule_types");
  await wrong({ grants: [{ permission: "manage_users", own_only: true }] }, "/grants/0/own_only");
  await wrong({ grants: [{ permission: "tick", more: 1 }] }, "/grants/0/more");
  const roles = (await api("GET", "/roles")).json.items;
  const standard = roles.find((role) => role.name === "admin");
  assertProblem(await api("PATCH", `/roles/${standard.id}`, { grants: [] }), 409, "standard_role");
  assertProblem(await api("DELETE", `/roles/${standard.id}`), 409, "standard_role");
  assertProblem(await api("POST", "/roles", { name: "Admin" }), 409, "name_taken");
});

test("the last who manages people stays, also when two take each other away at once", async () => {
  const me = (await api("GET", "/me")).json.id;
  assertProblem(await api("PATCH", `/users/${me}`, { roles: ["editor"] }), 409, "last_admin");
  for (let round = 0; round < 3; round++) {
    const second = await newPerson({ roles: ["admin"] });
    const token = await tokenFor(second);
    const both = await Promise.all([
      api("PATCH", `/users/${second.id}`, { roles: [] }), api("PATCH", `/users/${me}`, { roles: [] }, { token }),
    ]);
    // Whoever was second either has no rights any more or would have been the last.
    assert.equal(both.filter((reply) => reply.status === 200).length, 1, both.map((reply) => reply.text).join("\n"));
    if (both[0].status !== 200) assert.equal((await api("PATCH", `/users/${me}`, { roles: ["admin"] }, { token })).status, 200);
    assert.equal((await api("PATCH", `/users/${second.id}`, { active: false })).status, 200);
  }
  assert.deepEqual((await api("GET", `/users/${me}`)).json.roles, ["admin"]);
  assert.ok(adminToken);
});

test("people and roles by the pages, without a script", async () => {
  const admin = await signIn("admin");
  const name = unique("page");
  const wrong = await admin.form("/users/new", { name, display_name: "", timezone: "Mars/Base", role: "author" });
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /<title>Error: Add a person/);
  assert.match(wrong.text, /value="author" checked/, "what was ticked is kept");
  const made = await admin.form("/users/new", { name, display_name: "Petra Page", timezone: "UTC", role: "author" });
  const password = /value="([a-z2-7]{4}(?:-[a-z2-7]{4}){3})"/.exec(made.text)[1];
  const id = /\/users\/(\d+)"/.exec(made.text)[1];
  assert.equal((await browserOf(name, password)).csrf.length, 64);
  const twice = await admin.form("/users/new", { name, display_name: "Petra Page", timezone: "UTC", role: "author" });
  assert.match(twice.text, /signs in as “[^”]+” already/);
  assert.equal((await admin.form(`/users/${id}`, { display_name: "Petra P", timezone: "UTC" })).headers.get("location"), `/users/${id}?done=saved`);
  assert.match((await admin.page(`/users/${id}?done=saved`)).text, /Saved\./);
  assert.match((await admin.form(`/users/${id}/password`)).text, /it is not shown again/);
  assert.equal((await admin.form(`/users/${id}/deactivate`)).headers.get("location"), `/users/${id}?done=off`);
  assert.equal((await admin.form(`/users/${id}/activate`)).headers.get("location"), `/users/${id}?done=active`);
  const role = unique("role");
  assert.match((await admin.form("/roles/new", { name: role, p_schedule_content: "all", t_schedule_content: "Not A Type!" })).text, /is not a schedule type/);
  assert.equal((await admin.form("/roles/new", { name: role, p_schedule_content: "own", t_schedule_content: "training, booking" })).status, 303);
  const list = await admin.page("/roles");
  assert.match(list.text, /only what they made, only of type training,booking/);
  const at = new RegExp(`/roles/(\\d+)">${role}<`).exec(list.text)[1];
  assert.match((await admin.page(`/roles/${at}`)).text, /Nobody has this role/);
  assert.equal((await admin.form(`/roles/${at}/delete`)).headers.get("location"), "/roles?done=deleted");
  assert.equal((await admin.page("/roles/1")).status, 409);
});
