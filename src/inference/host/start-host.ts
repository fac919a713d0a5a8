import { readConfig } from "../../config.ts";
import type { Database } from "../../db.ts";
import { announceSuspension } from "../../deployments/announce-suspension.ts";
import { parseHostName } from "../../deployments/host-name.ts";
import type { Session } from "../../engine/runtime.ts";
import { runStorageSteps } from "../../lib/storage-steps.ts";
import { noteUnpushed, pushWindows } from "../../windows/push-windows.ts";
import { WindowLog } from "../../windows/window-log.ts";
import { ActualsLog } from "../records/actuals-log.ts";
import { BackgroundWork } from "./background-work.ts";
import { ChallengerFollower } from "./challenger-follower.ts";
import { ChallengerLog } from "../records/challenger-log.ts";
import { loadFoldPlan } from "../records/fold-plan.ts";
import { RecordArchive } from "../records/record-archive.ts";
import { RecordLog } from "../records/record-log.ts";
import type { ServedModel, ServingSpec } from "../spec/serving-spec.ts";
import { HOST_STORAGE_STEPS } from "./host-storage-steps.ts";
import { WindowFolder } from "./window-folder.ts";

/** What a host has once it has started: the spec never changes, because a host serves one version. */
export interface StartedHost {
  spec: ServingSpec;
  log: RecordLog;
  challengerLog: ChallengerLog;
  actuals: ActualsLog;
  follower: ChallengerFollower | null;
  folder: WindowFolder;
  archive: RecordArchive;
  background: BackgroundWork;
}

export interface StartPorts {
  env: Env;
  db: Database;
  ctx: DurableObjectState;
  name: string;
  /** Loads the challenger when it is not loaded. */
  challengerSession: (model: ServedModel) => Promise<Session>;
}

/** Opens the storage of a host and puts its parts together. */
export function startHost(ports: StartPorts, spec: ServingSpec): StartedHost {
  const { env, db, ctx, name } = ports;
  const { storage } = ctx;
  runStorageSteps(storage, HOST_STORAGE_STEPS);
  const log = new RecordLog(storage.sql, spec.features);
  const challengerLog = new ChallengerLog(storage.sql);
  const windowLog = new WindowLog(storage, spec.main.experimentVersion.id);
  const yieldToCalls = () => scheduler.wait(0);
  const { challenger } = spec;
  const follower: ChallengerFollower | null =
    challenger &&
    new ChallengerFollower({
      log,
      challengerLog,
      features: spec.features,
      model: challenger,
      session: () => ports.challengerSession(challenger),
      yieldToCalls,
      durable: () => storage.sync(),
      now: Date.now,
      announceSuspension: (health) => announceSuspension(db, spec, health),
      noteRun: (tookMs, rows, memoryBytes) => {
        folder.noteRun("challenger", tookMs, rows);
        folder.noteMemory("challenger", memoryBytes);
      },
    });
  const folder = new WindowFolder({
    log,
    challengerLog,
    windowLog,
    challengerDone: follower && (() => follower.lastSegment),
    plan: () => loadFoldPlan(env, db, spec),
    yieldToCalls,
    now: Date.now,
  });
  const host = parseHostName(name);
  const actuals = new ActualsLog(storage);
  const logs = { spec, log, challengerLog, actuals };
  const { recordsKeptDays: keptDays } = readConfig(env);
  const archive = new RecordArchive({ store: env.STORE, storage, host, logs, keptDays });
  const background = new BackgroundWork({
    name,
    storage,
    waitUntil: (work) => ctx.waitUntil(work),
    follower,
    folder,
    windowLog,
    archive,
    push: (rows, isAll) => pushWindows(db, host, rows, isAll),
    noteUnpushed: (sinceMs) => noteUnpushed(db, host, sinceMs),
    now: Date.now,
  });
  return { ...logs, archive, follower, folder, background };
}
