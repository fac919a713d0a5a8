import { startLocal, buildWorker } from "../scripts/local-instance.ts";
import { seedBench, SETUP_TOKEN, setUp, MODELS } from "./seed.ts";
import { readFile, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
await rm("/tmp/bs", {recursive:true, force:true});
await buildWorker("/tmp/v/worker");
const i = await startLocal({ port: 8796, dataDir: "/tmp/bs", setupToken: SETUP_TOKEN, workerDir: "/tmp/v/worker", inspectorPort: 9340 } as any);
const project = await setUp(i.url);
const s = await seedBench(project);
const [header = "", ...rows] = (await readFile(MODELS + "/reference.csv", "utf8")).trim().split("\n");
const f = (l: string) => l.split(",").slice(0, -1).join(",");
let csv = "number," + f(header) + "\n"; const N = Number(process.env.N ?? 280512);
const parts = []; for (let r = 0; r < N; r++) parts.push(`${r},${f(rows[r % rows.length]!)}\n`);
csv += parts.join("");
const id = z.looseObject({ id: z.string() });
const d = await project.api.post(`/api/v1/projects/${project.slug}/datasets?name=x`, id, new Blob([csv], { type: "text/csv" }));
console.log(JSON.stringify(d).slice(0, 200));
const [b, p] = s.imported;
const out: any = { url: i.url, headers: project.headers };
for (const [name, ch] of [["solo", null], ["both", p!.id]] as const) {
  const slug = await s.deployedAs("B " + name, b!.id, ch);
  const pl = await project.api.post(`/api/v1/projects/${project.slug}/pipelines`, id, { name, deployment_id: slug, source: { kind: "dataset", dataset_id: d.id }, destinations: [], schedule: null, enabled: true });
  out[name] = pl.id;
}
await writeFile("/tmp/bs.json", JSON.stringify(out));
console.log("ready");
