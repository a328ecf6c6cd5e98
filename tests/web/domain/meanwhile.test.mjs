// Two people at once on restrictions, people, roles and webhooks: whoever comes
// second is told who was first and what differs, and keeps what was typed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, assertProblem, hour, newContent, newResource, signIn, unique } from "../support.mjs";

let signedIn;
const admin = () => (signedIn ??= signIn("admin"));
const restriction = async () => ({ resource_id: await newResource("person"), from: hour(0), to: hour(24), reason: "On leave" });
const wall = (text) => text.slice(0, 16);
// make: what is posted; change: what the first one does by the API; form: what
// the second one sends, given the thing as it was; told: labels and both values on the page.
const KINDS = [
  {
    path: "/restrictions", make: restriction, change: { reason: "Ill" }, deletable: true,
    form: (was) => ({ resource_id: was.resource_id, from: wall(was.from), to: wall(was.to), level: "hard", reason: "At a <b>fair</b>" }),
    same: { reason: "Ill" }, told: ["Reason", "Ill", "At a &lt;b&gt;fair&lt;/b&gt;"],
  },
  {
    path: "/users", make: async () => ({ name: unique("two"), display_name: "Nils", roles: ["author"] }), change: { display_name: "Nils Nilsen" },
    form: (was) => ({ display_name: "Nisse", timezone: was.timezone, role: "author" }), same: { display_name: "Nils Nilsen" }, told: ["Name", "Nils Nilsen", "Nisse"],
  },
  {
    path: "/roles", make: async () => ({ name: unique("role"), grants: [{ permission: "view_dashboard", own_only: true }] }), deletable: true,
    change: { grants: [{ permission: "view_dashboard" }] }, form: (was) => ({ name: was.name, p_view_dashboard: "no" }),
    same: { p_view_dashboard: "all" }, told: ["dashboard", "yes", "no"],
  },
  {
    path: "/webhooks", make: async () => ({ label: unique("hook"), url: "https://example.com/in", takes: "named" }), change: { active: false }, deletable: true,
    form: (was) => [["label", `${was.label}!`], ["url", was.url], ["takes", "named"], ["active", "1"], ...was.events.map((event) => ["event", event])],
    same: null, told: ["State", "switched off", "on"],
  },
];
const fields = (kind, was, more) => {
  const sent = new URLSearchParams(kind.form(was));
  Object.entries(more ?? {}).forEach(([name, value]) => sent.set(name, value));
  return Object.fromEntries(sent);
};

for (const kind of KINDS) {
  test(`${kind.path}: a change names the version that was seen`, async () => {
    const made = await api("POST", kind.path, await kind.make());
    assert.equal(made.status, 201, made.text);
    const at = `${kind.path}/${made.json.id}`;
    assert.equal(made.json.row_version, 1);
    assert.equal((await api("GET", at)).headers.get("etag"), '"1"');
    const change = (tag) => api("PATCH", at, kind.change, { headers: tag ? { "if-match": tag } : {} });
    assertProblem(await change("nonsense"), 412, "precondition_failed");
    assertProblem(await change('"7"'), 412, "precondition_failed");
    assert.equal((await api("GET", at)).json.row_version, 1, "nothing is changed");
    const both = await Promise.all([change('"1"'), change('"1"')]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412]);
    assert.equal(both.find(({ status }) => status === 200).headers.get("etag"), '"2"');
    for (const tag of ["*", null]) assert.equal((await change(tag)).status, 200);
    if (!kind.deletable) return;
    assertProblem(await api("DELETE", at, undefined, { headers: { "if-match": '"1"' } }), 412, "precondition_failed");
    assert.equal((await api("DELETE", at, undefined, { headers: { "if-match": '"4"' } })).status, 204);
  });

  test(`${kind.path}: the form of whoever is second tells who was first, and keeps what was typed`, async () => {
    const browser = await admin();
    const { json: was } = await api("POST", kind.path, await kind.make());
    const at = `${kind.path}/${was.id}`;
    const nowOf = (text) => /name="now" value="(\d+)"/.exec(text)[1];
    assert.equal(nowOf((await browser.page(at)).text), "1");
    await api("PATCH", at, kind.change);
    const told = await browser.form(at, { ...fields(kind, was), now: 1 });
    assert.equal(told.status, 422);
    assert.match(told.text, /<a href="#f-now">(You have changed it since|Ada Admin has changed it)/);
    const panel = /id="f-now"[\s\S]*?<\/section>/.exec(told.text)[0];
    for (const words of kind.told) assert.ok(panel.includes(words), `${words} in ${panel}`);
    assert.equal(nowOf(told.text), "2", "pressed again, it is saved");
    const { json: stands } = await api("GET", at);
    assert.equal(stands.row_version, 2, "nothing is saved yet");
    if (kind.same) {
      // A double click: the same twice is no quarrel.
      const again = await browser.form(at, { ...fields(kind, was, kind.same), now: 1 });
      assert.equal(again.status, 303, again.text.slice(0, 500));
    }
    assert.equal((await browser.form(at, { ...fields(kind, was), now: 2 })).status, 303);
    assert.equal((await api("GET", at)).json.row_version, 3);
  });
}

test("a form of what somebody has deleted is the form of a new one, with what was typed", async () => {
  const browser = await admin();
  for (const kind of KINDS.filter(({ deletable }) => deletable)) {
    const { json: was } = await api("POST", kind.path, await kind.make());
    const at = `${kind.path}/${was.id}`;
    await api("DELETE", at);
    const typed = fields(kind, was, was.name ? { name: `${was.name}!` } : {});
    const given = await browser.form(at, { ...typed, now: 1 });
    assert.equal(given.status, 422, at);
    assert.match(given.text, /There is a problem[\s\S]*Somebody has deleted it while you had it open/);
    assert.ok(given.text.includes(`action="${kind.path}/new"`), at);
    for (const words of [typed.reason ?? typed.name ?? typed.label]) assert.ok(given.text.includes(words.replaceAll("<", "&lt;").replaceAll(">", "&gt;")), words);
  }
});

test("who deletes is asked again when it was changed after the question", async () => {
  const browser = await admin();
  const { json: rule } = await api("POST", "/restrictions", await restriction());
  await api("PATCH", `/restrictions/${rule.id}`, { reason: "Ill" });
  const asked = await browser.form(`/restrictions/${rule.id}/delete`, { now: 1 });
  assert.equal(asked.status, 409);
  assert.match(asked.text, /Somebody has changed it while you were asked[\s\S]*Ill/);
  assert.equal((await browser.form(`/restrictions/${rule.id}/delete`, { now: 2 })).status, 303);
  const { json: role } = await api("POST", "/roles", { name: unique("role") });
  await api("PATCH", `/roles/${role.id}`, { grants: [{ permission: "tick" }] });
  const kept = await browser.form(`/roles/${role.id}/delete`, { now: 1 });
  assert.match(kept.text, /There is a problem[\s\S]*Somebody has changed it meanwhile/);
  assert.equal((await browser.form(`/roles/${role.id}/delete`, { now: 2 })).status, 303);
});

test("the form of an event does the same", async () => {
  const browser = await admin();
  const content_id = await newContent(1);
  const { json: was } = await api("POST", "/events", { content_id, version_no: 1, title: "Swim", starts_at: hour(9000), duration_s: 3600, resources: [await newResource()] });
  const at = `/events/${was.id}`;
  const form = {
    content_id, version_no: 1, title: "Dive", start: wall(was.starts_at), timezone: "", minutes: 60, resources: was.resources[0], priority: 0,
    status: "scheduled", schedule_type: was.schedule_type, attributes: "", conditions: "", grace: 60, misfire: "run_late", now: 1,
  };
  await api("PATCH", at, { title: "Swim or dive" });
  const told = await browser.form(`${at}/edit`, form);
  assert.equal(told.status, 422);
  const panel = /id="f-now"[\s\S]*?<\/section>/.exec(told.text)[0];
  assert.match(panel, /Title<\/th><td[^>]*>Swim or dive<\/td><td[^>]*>Dive</);
  assert.equal(panel.match(/<tr>/g).length, 2, `only what differs: ${panel}`);
  assert.equal((await browser.form(`${at}/edit`, { ...form, title: "Swim or dive" })).status, 303);
  assert.equal((await browser.form(`${at}/edit`, { ...form, now: 2 })).status, 303);
  assert.equal((await api("GET", at)).json.title, "Dive");
});
