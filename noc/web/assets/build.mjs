// Builds noc/web/static from src/: hashed names, and manifest.json which the pages read. `npm ci && npm run build`.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(here, "../static");
const making = `${out}.making`;

/** Bytes, gzipped, of everything that one page may load, fonts aside. */
const BUDGET = 150_000;

/** Scripts of single pages, `src/NAME.js`, which these load beside the rest; and what such a page may load in all. */
const OF_PAGES = { map: 250_000, wall: 250_000, topology: BUDGET, passkey: BUDGET, copy: BUDGET };

/**
 * Tabler, cut down to what the templates use, in logical properties: one sheet serves both directions of writing.
 * @returns {Promise<string>}
 */
async function tabler() {
  const sheet = join(here, "node_modules/@tabler/core/dist/css/tabler.min.css");
  const [{ css }] = await new PurgeCSS().purge({
    css: [sheet],
    content: [join(here, "../templates/**/*.html"), join(here, "src/*.js")],
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  const logical = css
    .replace(/(?<![\w-])(margin|padding)-left(?=\s*:)/g, "$1-inline-start")
    .replace(/(?<![\w-])(margin|padding)-right(?=\s*:)/g, "$1-inline-end")
    .replace(/(?<![\w-])border-left(?=[\s:-])/g, "border-inline-start")
    .replace(/(?<![\w-])border-right(?=[\s:-])/g, "border-inline-end")
    .replace(/border-top-left-radius/g, "border-start-start-radius")
    .replace(/border-top-right-radius/g, "border-start-end-radius")
    .replace(/border-bottom-left-radius/g, "border-end-start-radius")
    .replace(/border-bottom-right-radius/g, "border-end-end-radius")
    .replace(/text-align\s*:\s*left/g, "text-align:start")
    .replace(/text-align\s*:\s*right/g, "text-align:end")
    .replace(/float\s*:\s*left/g, "float:inline-start")
    .replace(/float\s*:\s*right/g, "float:inline-end")
    .replace(/\/\*#.*?\*\//g, "");
  return `@layer tabler{${logical.replace(/@charset[^;]*;/, "")}}`;
}

/**
 * @param {string} name
 * @param {string | Uint8Array} content
 * @returns {Promise<[string, string]>} the name that pages ask for, and the name of the file
 */
async function keep(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const dot = name.lastIndexOf(".");
  const file = `${name.slice(0, dot)}.${hash}${name.slice(dot)}`;
  await writeFile(join(making, file), content);
  // Sent as it is to browsers that take gzip: sites sit behind slow lines.
  await writeFile(join(making, `${file}.gz`), gzipSync(content, { level: 9 }));
  return [name, file];
}

/**
 * @param {string} entry
 * @param {string} name
 */
async function script(entry, name) {
  const { outputFiles } = await build({
    entryPoints: [join(here, "src", entry)],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "eof",
    write: false,
  });
  return keep(name, outputFiles[0].contents);
}

async function style() {
  const own = await readFile(join(here, "src/noc.css"), "utf8");
  const chart = await readFile(join(here, "node_modules/uplot/dist/uPlot.min.css"), "utf8");
  const whole = `@layer tabler, uplot, noc;${await tabler()}@layer uplot{${chart}}@layer noc{${own}}`;
  const { code, warnings } = await transform(whole, { loader: "css", minify: true, target: "es2022" });
  for (const warning of warnings) console.warn(`noc.css: ${warning.text}`);
  return keep("noc.css", code);
}

/** The style of pages as text, which load nothing else. */
async function lite() {
  const { code } = await transform(await readFile(join(here, "src/lite.css"), "utf8"), { loader: "css", minify: true, target: "es2022" });
  return keep("lite.css", code);
}

await rm(making, { recursive: true, force: true });
await mkdir(making, { recursive: true });
const files = Object.fromEntries([
  await script("theme.js", "theme.js"),
  await script("noc.js", "noc.js"),
  await style(),
  await keep("icon.svg", await readFile(join(here, "src/icon.svg"))),
]);
let total = 0;
for (const file of (await readdir(making)).filter((name) => name.endsWith(".gz"))) {
  const { size } = await stat(join(making, file));
  total += size;
  console.log(`${String(size).padStart(8)} bytes  ${file}`);
}
console.log(`${String(total).padStart(8)} of ${BUDGET} that every page loads`);
let over = total > BUDGET;
const [sheet, kept] = await lite();
files[sheet] = kept;
for (const [page, budget] of Object.entries(OF_PAGES)) {
  if (!(await readdir(join(here, "src"))).includes(`${page}.js`)) continue;
  const [name, file] = await script(`${page}.js`, `${page}.js`);
  files[name] = file;
  const { size } = await stat(join(making, `${file}.gz`));
  console.log(`${String(total + size).padStart(8)} of ${budget} with ${file}`);
  over ||= total + size > budget;
}
if (over) {
  console.error("noc/web/assets: over the budget of a page; leave something out");
  process.exit(1);
}
await writeFile(join(making, "manifest.json"), `${JSON.stringify(files, null, 2)}\n`);
await rm(out, { recursive: true, force: true });
await rename(making, out);
