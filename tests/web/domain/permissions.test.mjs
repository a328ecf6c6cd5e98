// The permissions against the operations: each opens its own doors and no other.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, assertProblem, signIn } from "../support.mjs";

// Bodies that change nothing: what is asked is whether the door opens.
const OPERATIONS = {
  schedule_content: [
    ["POST", "/schedules/bulk", {}], ["PUT", "/schedules/bulk", {}], ["POST", "/events", {}], ["PATCH", "/events/999999", {}],
    ["DELETE", "/events/999999"], ["POST", "/contents", {}], ["POST", "/contents/999999/versions", {}],
    ["POST", "/batch", { type: "create", items: [] }], ["POST", "/batch", { type: "create", from_evaluation: 999999 }],
  ],
  view_scheduled_content: [
    ["POST", "/schedules/evaluate", {}], ["POST", "/schedules/conflicts", {}], ["GET", "/events?limit=1"], ["GET", "/events/999999"],
    ["GET", "/resources?limit=1"], ["GET", "/resources/999999"], ["GET", "/restrictions?limit=1"], ["GET", "/restrictions/999999"],
  ],
  view_content_versions: [["GET", "/contents?limit=1"], ["GET", "/contents/999999"], ["GET", "/contents/999999/versions"]],
  resolve_conflicts: [
    ["POST", "/resources", {}], ["PATCH", "/resources/999999", {}], ["DELETE", "/resources/999999"],
    ["POST", "/restrictions", {}], ["PATCH", "/restrictions/999999", {}], ["DELETE", "/restrictions/999999"],
  ],
  manage_batches: [["POST", "/errors/999999/resolutions", {}]],
  manage_users: [["GET", "/audit?limit=1"], ["GET", "/system"]],
  view_dashboard: [["GET", "/summary"], ["GET", "/workers"], ["GET", "/errors"], ["GET", "/errors/999999"]],
};

test("each of the seven opens its own operations and no other", async () => {
  const browser = await signIn("admin");
  for (const permission of Object.keys(OPERATIONS)) {
    const made = await browser.call("POST", "/tokens", { label: permission, permissions: [permission], expires_in_days: 1 });
    assert.equal(made.status, 201, made.text);
    for (const [needed, operations] of Object.entries(OPERATIONS))
      for (const [method, path, body] of operations) {
        // Creating from an evaluation asks for the evaluation before it asks for the right to create.
        const reply = await api(method, path, body, { token: made.json.token });
        const name = `${permission}: ${method} ${path} ${JSON.stringify(body ?? "")}: ${reply.status} ${reply.json?.code}`;
        if (needed === permission) assert.notEqual(reply.status, 403, name);
        else if (!body?.from_evaluation) assertProblem(reply, 403, "not_permitted");
        else assert.ok([403, 404].includes(reply.status), name);
      }
  }
});
