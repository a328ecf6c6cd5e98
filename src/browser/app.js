// Everything works without this file; it only makes waiting nicer.
import { startLivePage } from "./live.js";
import { startSelection } from "./selection.js";

// Not when this file came so late that somebody is typing already.
if (document.activeElement === document.body) document.getElementById("problem")?.focus();

if (document.getElementById("live")) startLivePage();

const selection = document.getElementById("selection");
if (selection) startSelection(selection);

// A second press of a button is not a second request; the form opens again when
// the page is come back to, or when no answer has come for a while.
const sent = new Set();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sent.has(form)) return event.preventDefault();
  sent.add(form);
  setTimeout(() => sent.delete(form), 5000);
});
addEventListener("pageshow", () => sent.clear());
