// The installer: what only a browser can see of a host, and steps that go on by
// themselves. Without it everything works; these tests then stay open.
const tests = document.getElementById("tests");
const address = `${document.body.dataset.base}/install/test`;

async function reply(options) {
  const got = await fetch(address, { cache: "no-store", ...options });
  if (!got.ok) throw new Error(String(got.status));
  return got.json();
}

const run = {
  authorization: async () => (await reply({ headers: { Authorization: "Bearer is-this-seen" } })).authorization,
  methods: async () => {
    for (const method of ["PUT", "PATCH", "DELETE"]) await reply({ method });
    return true;
  },
  body: async () => (await reply({ method: "POST", body: "x".repeat(102_400), headers: { "Content-Type": "text/plain" } })).bytes === 102_400,
  guard: async () => {
    const got = await fetch(`${document.body.dataset.base}/${tests.dataset.guard}`, { cache: "no-store" });
    return !(await got.text()).includes(tests.dataset.guardText);
  },
};

for (const line of tests?.querySelectorAll("[data-test]") ?? []) {
  const passed = await run[line.dataset.test]().catch(() => false);
  const pill = line.querySelector(".pill");
  pill.classList.add(passed ? "good" : "warn");
  const icon = document.querySelector(`.findings .pill.${passed ? "good" : "warn"} svg`);
  if (icon) pill.querySelector("svg").replaceWith(icon.cloneNode(true));
  pill.querySelector(".word").textContent = passed ? "good" : "warning";
  line.querySelector(".said").textContent = passed ? line.dataset.good : line.dataset.bad;
  line.querySelector(".fix").hidden = passed;
}

document.querySelector("form:has([role=status])")?.requestSubmit();
