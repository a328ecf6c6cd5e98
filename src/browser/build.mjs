// Bundles the front end into htdocs/assets: what a host serves, and all it needs; and writes the API's reference.
// `make assets` runs it; nothing here runs on a host.
import { build } from "esbuild";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeReference } from "./reference.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../../htdocs/assets");

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: {
    app: join(here, "app.js"),
    import: join(here, "import.js"),
    install: join(here, "install.js"),
    factor: join(here, "factor.js"),
    style: join(here, "style/index.css"),
    light: join(here, "style/light.css"),
    dark: join(here, "style/dark.css"),
  },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  legalComments: "inline",
  banner: {
    js: "/* Parts: idiomorph (0BSD), Papa Parse (MIT, Matthew Holt), qr (MIT, Paul Miller). See package.json. */",
    css: "/* Ground: Simple.css (MIT, Kev Quirk). */",
  },
  logLevel: "warning",
});
await copyFile(join(here, "icon.svg"), join(out, "icon.svg"));
await writeReference(join(here, "../web/openapi.json"), join(out, "../help/api.html"));
