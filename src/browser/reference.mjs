// Writes the reference of the API for people, htdocs/help/api.html, from the
// OpenAPI document that programs read: one file, no script, nothing to keep in
// step by hand.  build.mjs calls it.
import { readFile, writeFile } from "node:fs/promises";

const GROUPS = [
  ["Bulk operations", /^\/(schedules|validate)/], ["Batches", /^\/batch/], ["Events and the calendar", /^\/(events|calendar)/],
  ["Contents, resources, restrictions", /^\/(contents|resources|restrictions)/], ["You, users and tokens", /^\/(me|tokens|users|account|sessions)/],
  ["Watching and keeping the site", /./],
];
const METHODS = ["get", "post", "put", "patch", "delete"];

const escaped = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
// Words of a description: `code`, and sentences as they are.
const words = (text) => escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>");
const list = (parts) => (parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} or ${parts.at(-1)}`);

function limits(schema) {
  const { minimum, maximum, minLength, maxLength, maxItems, pattern, format } = schema;
  const said = [];
  if (format) said.push(format);
  if (minimum !== undefined && maximum !== undefined) said.push(`${minimum} to ${maximum}`);
  else if (minimum !== undefined) said.push(`from ${minimum}`);
  else if (maximum !== undefined) said.push(`up to ${maximum}`);
  if (minLength !== undefined && maxLength !== undefined) said.push(`${minLength} to ${maxLength} characters`);
  else if (maxLength !== undefined) said.push(`at most ${maxLength} characters`);
  if (maxItems !== undefined) said.push(`at most ${maxItems}`);
  if (pattern) said.push(`as <code>${escaped(pattern)}</code>`);
  return said.length ? ` (${said.join(", ")})` : "";
}

const nameOf = (ref) => ref.split("/").at(-1);
const link = (ref) => `<a href="#schema-${nameOf(ref)}">${nameOf(ref)}</a>`;

// What a value is, in a few words.
function kind(schema = {}) {
  if (schema.$ref) return link(schema.$ref);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return list([...new Set(choices.map(kind))]);
  if (schema.allOf) return schema.allOf.map(kind).join(" with ");
  if (schema.const !== undefined) return `<code>${escaped(JSON.stringify(schema.const))}</code>`;
  if (schema.enum) return list(schema.enum.map((value) => `<code>${escaped(JSON.stringify(value))}</code>`));
  if (schema.type === "array") return `list of ${kind(schema.items)}${limits(schema)}`;
  return schema.type ? `${list([schema.type].flat())}${limits(schema)}` : "anything";
}

function entry(name, schema, required, description) {
  const text = description ?? schema?.description;
  return `<dt><code>${escaped(name)}</code> <small>${kind(schema)}${required ? ", required" : ""}</small></dt><dd>${text ? words(text) : ""}${inner(schema)}</dd>`;
}

// The fields of an object that has no name of its own.
function inner(schema = {}) {
  const object = schema.type === "array" ? schema.items ?? {} : schema;
  return object.$ref ? "" : fields(object);
}
function fields(schema) {
  const own = Object.entries(schema.properties ?? {}).map(([name, value]) => entry(name, value, schema.required?.includes(name)));
  const parts = [...(schema.allOf ?? []), ...(schema.oneOf ?? [])].filter((part) => !part.$ref).map(fields);
  return `${own.length ? `<dl class="props">${own.join("")}</dl>` : ""}${parts.join("")}`;
}

function body({ requestBody }) {
  if (!requestBody) return "";
  const types = Object.entries(requestBody.content).map(([type, { schema }]) =>
    `<dt><code>${escaped(type)}</code> <small>${kind(schema)}</small></dt><dd>${inner(schema)}${(schema?.oneOf ?? []).map(inner).join("")}</dd>`);
  return `<h4>Body</h4>${requestBody.description ? `<p>${words(requestBody.description)}</p>` : ""}<dl class="props">${types.join("")}</dl>`;
}

function replies({ responses }) {
  const rows = Object.entries(responses).map(([status, reply]) => {
    const kinds = Object.entries(reply.content ?? {}).map(([type, { schema }]) => (schema ? kind(schema) : `<code>${escaped(type)}</code>`));
    return `<dt><code>${status === "default" ? "else" : status}</code>${kinds.length ? ` <small>${list([...new Set(kinds)])}</small>` : ""}</dt><dd>${words(reply.description)}</dd>`;
  });
  return `<h4>Replies</h4><dl class="props">${rows.join("")}</dl>`;
}

export async function writeReference(source, target) {
  const document = JSON.parse(await readFile(source, "utf8"));
  const whole = (parameter) => (parameter.$ref ? document.components.parameters[nameOf(parameter.$ref)] : parameter);
  const operation = (path, method, item) => {
    const it = item[method];
    const parameters = [...(item.parameters ?? []), ...(it.parameters ?? [])].map(whole);
    const rows = parameters.map(({ name, schema, required, description, in: place }) =>
      entry(name, schema, required, `${{ path: "In the address.", header: "A header.", query: "" }[place] ?? ""} ${description ?? ""}`.trim()));
    return `<section class="operation" id="${it.operationId}"><h3><code>${method.toUpperCase()} ${escaped(document.servers[0].url + path)}</code></h3>
<p>${words(it.summary)}${it.summary.endsWith(".") ? "" : "."} ${words(it.description ?? "")}</p>${rows.length ? `<h4>Parameters</h4><dl class="props">${rows.join("")}</dl>` : ""}${body(it)}${replies(it)}</section>\n`;
  };
  const left = new Map(Object.entries(document.paths));
  const groups = GROUPS.map(([title, pattern]) => {
    const mine = [...left].filter(([path]) => pattern.test(path));
    mine.forEach(([path]) => left.delete(path));
    const operations = mine.flatMap(([path, item]) => METHODS.filter((method) => item[method]).map((method) => ({ path, method, item })));
    return { title, id: title.toLowerCase().replace(/[^a-z]+/g, "-"), operations };
  }).filter(({ operations }) => operations.length);
  const contents = groups.map(({ title, id, operations }) => `<li><a href="#${id}">${title}</a><ul>${operations.map(({ path, method, item }) =>
    `<li><a href="#${item[method].operationId}"><code>${method.toUpperCase()} ${escaped(path)}</code></a></li>`).join("")}</ul></li>`).join("\n");
  const chapters = groups.map(({ title, id, operations }) =>
    `<h2 id="${id}">${title}</h2>\n${operations.map(({ path, method, item }) => operation(path, method, item)).join("")}`).join("");
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) =>
    `<section class="operation" id="schema-${name}"><h3>${name}</h3>${schema.description ? `<p>${words(schema.description)}</p>` : ""}${schema.properties || schema.allOf ? "" : `<p>${kind(schema)}</p>`}${fields(schema)}</section>\n`).join("");
  const frame = await readFile(new URL("../../htdocs/help/limits.html", import.meta.url), "utf8");
  const [head, rest] = frame.split(/<div class="prose">/);
  const tail = rest.slice(rest.lastIndexOf("</div>\n</main>"));
  await writeFile(target, `${head.replace(/<title>.*<\/title>/, "<title>API reference · Tranche</title>")}<div class="prose">
<h1>API reference</h1>
<p class="sub">Everything that a program can ask of this site. The same for programs: <a href="../api/v1/openapi.json">openapi.json</a> (OpenAPI ${document.openapi}).</p>
<p>${words(document.info.description)} The codes of problems stand under <a href="errors">Error codes</a>.</p>
<p>A program sends an API token with each request, <code>Authorization: Bearer tr_…</code>. Where a server on the way keeps that header, <code>X-Authorization: Bearer tr_…</code> takes its place.</p>
<nav aria-label="Contents"><ul class="contents">
${contents}
<li><a href="#schemas">What is sent and answered</a></li>
</ul></nav>
${chapters}<h2 id="schemas">What is sent and answered</h2>
${schemas}${tail}`);
}
