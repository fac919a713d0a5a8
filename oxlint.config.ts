import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { defineConfig, type OxlintOverride } from "oxlint";

/** The folders of src in the order of their imports: each may import those above it. docs/design.md says what each is for. */
const FOLDERS = [
  "lib",
  "onnx",
  // The files of src itself.
  ".",
  "engine",
  "audit",
  "access",
  "projects",
  "experiments",
  "deployments",
  "windows",
  "inference/spec",
  "inference/records",
  "inference/host",
  "inference/batch",
  "inference/read",
  "inference/call",
  "inference",
  "monitoring",
  "usage",
  "alerts",
  "pipelines",
  "open-inference",
  "docs",
  "ui",
  "pages",
  "client",
];

/** These may import less than what stands above them. */
const ONLY: Partial<Record<string, string[]>> = { lib: [], onnx: ["lib"], ui: ["lib"], client: ["lib", "ui"] };

/** Nothing imports these: they compose everything, and import what they like. */
const COMPOSERS = ["app.tsx", "cron.ts", "index.ts"];

/** The others may import types of these: the caller of a request, and the classes of Durable Objects, for the stubs that reach them. */
const TYPES_FOR_ALL = [
  "access/caller.ts",
  "inference/batch/run-records.ts",
  "inference/host/deployment-host.ts",
  "inference/host/idempotency-ledger.ts",
];

const SRC = join(import.meta.dirname, "src");

for (const parent of [".", "inference"]) {
  const homeless = namesIn(parent, "folders").find((name) => !FOLDERS.includes(join(parent, name)));
  if (homeless) throw new Error(`${join("src", parent, homeless)} needs a place in the order of imports.`);
}

/** The rule for the files of a folder. */
function borderOf(folder: string, index: number): OxlintOverride {
  const only = ONLY[folder];
  const forbidden = FOLDERS.filter(
    (other, place) => (only ? !only.includes(other) : place > index) && other !== folder,
  );
  const types = only ? [] : TYPES_FOR_ALL.filter((file) => forbidden.some((other) => file.startsWith(`${other}/`)));
  const message = `The order of imports in oxlint.config.ts does not allow this in ${join("src", folder)}. Move what both need to where both may import it.`;
  const typesOnly = {
    regex: `/(${types.join("|")})$`,
    message: "Import a type of it, nothing else.",
    allowTypeImports: true,
  };
  const nothing = {
    group: [
      ...COMPOSERS.flatMap((file) => [`./${file}`, `**/../${file}`]),
      ...forbidden.flatMap((other) => pathsInto(other, folder)),
      ...types.map((file) => `!**/${file}`),
    ],
    message,
  };
  // An exception of the second pattern ends the search, so the first one stands before it.
  const patterns = types.length > 0 ? [typesOnly, nothing] : [nothing];
  return { files: [filesOf(folder)], rules: { "no-restricted-imports": ["error", { patterns }] } };
}

/** The files of a folder; of one that has rooms, and of src, those that are directly in it. */
function filesOf(folder: string): string {
  const hasRooms = folder === "." || FOLDERS.some((other) => other.startsWith(`${folder}/`));
  return join("src", folder, hasRooms ? "*" : "**");
}

/** How the files of `from` name those of `folder`. */
function pathsInto(folder: string, from: string): string[] {
  const isAround = folder === "." || from.startsWith(`${folder}/`);
  if (isAround) return namesIn(folder, "files").map((name) => `**/../${name}`);
  const isBeside = dirname(folder) !== "." && dirname(folder) === dirname(from);
  return [isBeside ? `**/../${basename(folder)}/**` : `**/${folder}/**`];
}

function namesIn(folder: string, kind: "files" | "folders"): string[] {
  const entries = readdirSync(join(SRC, folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() === (kind === "folders")).map(({ name }) => name);
}

export default defineConfig({
  plugins: ["typescript", "import", "unicorn", "oxc", "promise"],
  categories: { correctness: "error" },
  options: { typeAware: true },
  ignorePatterns: ["worker-configuration.d.ts", "static", "migrations", "bench/node_modules", ".tiltyard", "dist"],
  rules: {
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/no-floating-promises": "error",
    "typescript/consistent-type-imports": "error",
    "import/no-cycle": "error",
    "no-console": "off",
    "typescript/require-array-sort-compare": "off",
    "promise/no-callback-in-promise": "off",
  },
  overrides: [
    ...FOLDERS.map(borderOf),
    { files: COMPOSERS.map((file) => `src/${file}`), rules: { "no-restricted-imports": "off" } },
    { files: ["**/*.d.ts"], rules: { "typescript/consistent-type-imports": "off" } },
    { files: ["bench/*.js"], rules: { "typescript/await-thenable": "off" } },
  ],
});
