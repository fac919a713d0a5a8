import { evaluateAlerts } from "./alerts/evaluate-alerts.ts";
import { expireAlerts } from "./alerts/expire-alerts.ts";
import { sendAlertMessages } from "./alerts/send-alert-messages.ts";
import { database } from "./db.ts";
import { purgeDeployments, removeDeploymentsOfDeletedProjects } from "./deployments/remove-deployment.ts";
import { resumeBuilding } from "./deployments/resume-building.ts";
import { purgeExperiments } from "./experiments/purge-experiments.ts";
import { expireWindows, sweepOverdueWindows } from "./windows/keep-windows.ts";
import { expireSamples } from "./usage/expire-samples.ts";
import { expireSettings } from "./monitoring/expire-settings.ts";
import { probeDeployments } from "./inference/call/probe-deployments.ts";
import { purgeConnections } from "./pipelines/connections/purge-connections.ts";
import { resumeDatasets } from "./pipelines/datasets/inspect-dataset.ts";
import { purgeDatasets } from "./pipelines/datasets/purge-datasets.ts";
import { purgePipelines } from "./pipelines/purge-pipelines.ts";
import { resumeRuns } from "./pipelines/runs/resume-runs.ts";
import { startDueRuns } from "./pipelines/schedules/start-due-runs.ts";
import { purgeProjects } from "./projects/purge-projects.ts";

/** One tick of the clock: every job is safe to repeat, and a failing job does not stop the others. */
export async function runCron(env: Env, nowMs: number): Promise<void> {
  const db = database(env);
  const jobs = {
    // The first one: people wait for the minute that they named.
    startDueRuns: () => startDueRuns(env, db, nowMs),
    resumeRuns: () => resumeRuns(env, db, nowMs),
    resumeBuilding: () => resumeBuilding(env, db, nowMs),
    // What a deleted project held goes from the outside in; each job waits until the one before it is done with a thing.
    removeDeploymentsOfDeletedProjects: () => removeDeploymentsOfDeletedProjects(db, nowMs),
    purgeDeployments: () => purgeDeployments(env, db, nowMs),
    sweepOverdueWindows: () => sweepOverdueWindows(env, db, nowMs),
    expireWindows: () => expireWindows(db, nowMs),
    expireSamples: () => expireSamples(db, nowMs),
    purgeExperiments: () => purgeExperiments(env, db),
    purgePipelines: () => purgePipelines(env, db, nowMs),
    purgeDatasets: () => purgeDatasets(env, db, nowMs),
    purgeConnections: () => purgeConnections(db),
    purgeProjects: () => purgeProjects(db),
    // Alerts tell what was seen just before.
    probeDeployments: () => probeDeployments(env, db, nowMs),
    evaluateAlerts: () => evaluateAlerts(env, db, nowMs),
    sendAlertMessages: () => sendAlertMessages(env, db, nowMs),
    expireAlerts: () => expireAlerts(db, nowMs),
    expireMonitoringSettings: () => expireSettings(db),
    // The last one: reading a large file takes a minute, for which nothing else should wait.
    resumeDatasets: () => resumeDatasets(env, db, nowMs),
  };
  for (const [name, job] of Object.entries(jobs)) {
    try {
      await job();
    } catch (error) {
      console.error(`cron job ${name}`, error);
    }
  }
}
