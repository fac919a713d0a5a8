import { readConfig } from "../config.ts";
import type { DeploymentHost } from "../inference/host/deployment-host.ts";
import type { RunRecords } from "../inference/batch/run-records.ts";
import type { IdempotencyLedger } from "../inference/host/idempotency-ledger.ts";
import { type HostName, hostName, parseHostName, parseRunName } from "./host-name.ts";
import { locationHint, regionOf } from "./region.ts";

/** Ledgers of one deployment: its idempotency keys are spread over them, so that no single object is the ceiling. */
const LEDGER_SHARDS = 8;

/** The host near the caller that answers a version; one of the shards when there are several. */
export function hostFor(env: Env, request: Request, deploymentId: string, version: number): HostName {
  const shards = readConfig(env).hostShards;
  return { deploymentId, version, region: regionOf(request), shard: Math.floor(Math.random() * shards) };
}

/** A new stub of a host: after a failure a stub is not to be used again. */
export function hostStub(env: Env, name: HostName): DurableObjectStub<DeploymentHost> {
  return env.DEPLOYMENT_HOST.getByName(hostName(name), locationHint(name.region));
}

/** The records of a batch run, by the name that runName made. */
export function runRecordsStub(env: Env, name: string): DurableObjectStub<RunRecords> {
  return env.RUN_RECORDS.getByName(name);
}

/** The object that has records under a name: a host, or the records of a batch run. */
export function recorderStub(
  env: Env,
  name: string,
): DurableObjectStub<DeploymentHost> | DurableObjectStub<RunRecords> {
  return parseRunName(name) ? runRecordsStub(env, name) : hostStub(env, parseHostName(name));
}

/** The ledger that keeps a key; `spread` is any whole number that the key decides. */
export function ledgerStub(env: Env, deploymentId: string, spread: number): DurableObjectStub<IdempotencyLedger> {
  return env.IDEMPOTENCY_LEDGER.getByName(`${deploymentId}/${spread % LEDGER_SHARDS}`);
}

/** Every ledger of a deployment, for its removal. */
export function allLedgers(env: Env, deploymentId: string): DurableObjectStub<IdempotencyLedger>[] {
  return Array.from({ length: LEDGER_SHARDS }, (_, shard) => ledgerStub(env, deploymentId, shard));
}
