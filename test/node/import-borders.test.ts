import { execFile } from "node:child_process";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryDir } from "./tiltyard-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");

const REFUSED = {
  "src/lib/a.ts": 'import { b } from "../http.ts";',
  "src/lib/deep/a.ts": 'import { b } from "../../errors.ts";',
  "src/onnx/a.ts": 'import { b } from "../engine/b.ts";',
  "src/errors.ts": 'import { b } from "./projects/b.ts";',
  "src/access/a.ts": 'import { b } from "../projects/b.ts";',
  "src/access/deep/a.ts": 'import { b } from "../../projects/b.ts";',
  "src/monitoring/drift/a.ts": 'import { b } from "../../alerts/deep/b.ts";',
  "src/monitoring/drift/deep/type.ts": 'import type { B } from "../../../alerts/b.ts";',
  "src/monitoring/drift/deep/export.ts": 'export { b } from "../../../alerts/b.ts";',
  "src/monitoring/drift/deep/later.ts": 'export const b = import("../../../alerts/b.ts");',
  "src/pipelines/runs/a.ts": 'import { b } from "../../pages/runs/b.tsx";',
  "src/pipelines/runs/b.ts": 'import { b } from "../../ui/b.tsx";',
  "src/docs/a.ts": 'import { b } from "../app.tsx";',
  "src/http.ts": 'import { b } from "./app.tsx";',
  "src/deployments/value.ts": 'import { DeploymentHost } from "../inference/host/deployment-host.ts";',
  "src/inference/spec/a.ts": 'import { b } from "../call/b.ts";',
  "src/inference/spec/b.ts": 'import { b } from "../api.ts";',
  "src/inference/records/deep/a.ts": 'import { b } from "../../read/b.ts";',
  "src/ui/a.tsx": 'import { b } from "../projects/b.ts";',
  "src/ui/b.tsx": 'import { b } from "../http.ts";',
  "src/client/a.ts": 'import { b } from "../experiments/b.ts";',
};

const ALLOWED = {
  "src/onnx/b.ts": 'import { a } from "../lib/a.ts";',
  "src/engine/b.ts": 'import { a } from "../errors.ts";',
  "src/projects/deep/b.ts": 'import { a } from "../../access/a.ts";',
  "src/pipelines/runs/c.ts": 'import { a } from "../connections/a.ts";',
  "src/deployments/type.ts": 'import type { DeploymentHost } from "../inference/host/deployment-host.ts";',
  "src/verb-context.ts": 'import type { Caller } from "./access/caller.ts";',
  "src/inference/call/b.ts": 'import { a } from "../spec/a.ts";',
  "src/inference/api.ts": 'import { b } from "./call/b.ts";',
  "src/alerts/b.ts": 'import { b } from "../inference/read/b.ts";',
  "src/ui/c.tsx": 'import { a } from "../lib/a.ts";',
  "src/client/b.ts": 'import { c } from "../ui/c.tsx";',
  "src/pages/alerts/deep/b.tsx": 'import { b } from "../../../alerts/b.ts";',
  "src/pages/alerts/c.tsx": 'import { b } from "./deep/b.tsx";',
  "src/app.tsx": 'import { b } from "./pages/alerts/b.tsx";',
};

let dir: Awaited<ReturnType<typeof temporaryDir>>;

beforeAll(async () => {
  dir = await temporaryDir();
  await cp(join(ROOT, "oxlint.config.ts"), join(dir.path, "oxlint.config.ts"));
  await symlink(join(ROOT, "node_modules"), join(dir.path, "node_modules"));
  for (const [file, code] of Object.entries({ ...REFUSED, ...ALLOWED })) {
    await mkdir(dirname(join(dir.path, file)), { recursive: true });
    await writeFile(join(dir.path, file), `${code}\n`);
  }
});

afterAll(() => dir.remove());

/** What oxlint prints over the tree; it fails where something is wrong, which is what is asked here. */
function lint(): Promise<string> {
  const oxlint = join(ROOT, "node_modules/oxlint/bin/oxlint");
  return new Promise((done) => {
    execFile(process.execPath, [oxlint, "--format", "json", "src"], { cwd: dir.path }, (_, stdout, stderr) =>
      done(stdout + stderr),
    );
  });
}

describe("the order of imports", () => {
  it("refuses imports against it, however deep the folder is, and no others", async () => {
    const { diagnostics } = JSON.parse(await lint()) as { diagnostics: { code: string; filename: string }[] };
    const refused = diagnostics.filter(({ code }) => code === "eslint(no-restricted-imports)");
    expect(new Set(refused.map(({ filename }) => filename))).toEqual(new Set(Object.keys(REFUSED)));
  });

  it("wants a place for every folder", async () => {
    await mkdir(join(dir.path, "src/inference/elsewhere"));
    expect(await lint()).toContain("src/inference/elsewhere needs a place in the order of imports");
    await mkdir(join(dir.path, "src/elsewhere"));
    expect(await lint()).toContain("src/elsewhere needs a place in the order of imports");
  });
});
