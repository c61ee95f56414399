// Builds dist/: for the studio and for `watch` a folder with all that is served, which is a page, a
// script, a style sheet, and the licences of what is bundled.
import { build } from "esbuild";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";

const out = process.argv[2] ?? "dist";
rmSync(out, { recursive: true, force: true });
await page("studio", "src/main.ts");
await page("watch", "src/watch.ts");

async function page(name, script) {
  const folder = `${out}/${name}`;
  mkdirSync(folder, { recursive: true });
  const result = await build({
    entryPoints: { [name]: script },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    metafile: true,
    outdir: folder,
  });
  await build({ entryPoints: [`${name}.css`], minify: true, charset: "utf8", outdir: folder });
  copyFileSync(`${name}.html`, `${folder}/index.html`);
  const bundled = licences(result.metafile);
  if (bundled.length > 0) writeFileSync(`${folder}/LICENSES.txt`, bundled.join(`\n${"-".repeat(72)}\n\n`));
}

/** Only packages that really are in the bundle, in the order of their names. */
function licences(metafile) {
  const packages = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
  return [...packages].sort().map((name) => {
    const folder = `node_modules/${name}`;
    const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file || !existsSync(`${folder}/${file}`)) throw new Error(`${name} has no licence file`);
    return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
  });
}
