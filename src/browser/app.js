// Everything works without this file; it only makes waiting nicer.
import { startLivePage } from "./live.js";
import { startSelection } from "./selection.js";

document.getElementById("problem")?.focus();

if (document.getElementById("live")) startLivePage();

const selection = document.getElementById("selection");
if (selection) startSelection(selection);
