import type { Child } from "hono/jsx";
import { deploymentPath } from "../deployments/deployment-shell.tsx";
import { cronWords } from "./cron-words.ts";
import { wallClockText } from "../../pipelines/schedules/wall-clock.ts";
import { byWords } from "../../pipelines/definitions/destination-words.ts";
import { destinationKind } from "../../pipelines/delivery/destination-kind.ts";
import type { Destination, Schedule, Source } from "../../pipelines/schema.ts";
import type { PipelineNames } from "../../pipelines/definitions/pipeline-names.ts";
import type { Pipeline } from "../../pipelines/definitions/queries.ts";

/** The deployment of a pipeline, to stand after "with"; of one that was removed not even the name is left. */
export function DeploymentText({ deployment }: Pick<Pipeline, "deployment">) {
  if (deployment.deletedAt !== null) return <span class="muted">a deployment that was removed</span>;
  return <a href={deploymentPath(deployment)}>{deployment.name}</a>;
}

/** Where the rows of a pipeline come from, to stand after "reads". */
export function SourceText({ source, names }: { source: Source; names: PipelineNames }) {
  switch (source.kind) {
    case "dataset":
      return <>the dataset {nameOf(names.datasets.get(source.dataset_id), "dataset")}</>;
    case "query":
      return <>a query of {connectionName(source.connection_id, names)}</>;
    case "object":
      return (
        <>
          <code>{source.key}</code> of {connectionName(source.connection_id, names)}
        </>
      );
    case "url":
      // The rest of an address often is a secret.
      return <>a file of {new URL(source.url).host}</>;
  }
}

/** Where predictions go, to stand after "it". */
export function DestinationText({ destination, names }: { destination: Destination; names: PipelineNames }) {
  const place = connectionName(destination.connection_id, names);
  return <DestinationDeed destination={destination} place={place} />;
}

/** What is done at a destination: `appends to sales.scores`, and where, unless that stands beside it. */
export function DestinationDeed({ destination, place }: { destination: Destination; place?: Child }) {
  const { deed, preposition } = deedOf(destination);
  return (
    <>
      {deed}
      {place !== undefined && (
        <>
          {" "}
          {preposition} {place}
        </>
      )}
      {destination.challenger && ", with the challenger's answers"}
    </>
  );
}

/** What is done at a destination, as short as may be, to stand under the name of its connection. */
export function DestinationNote({ destination }: { destination: Destination }) {
  const to = destinationKind(destination);
  switch (to.kind) {
    case "table":
      return <Deed verb={{ append: "adds to", replace: "replaces", upsert: "updates" }[to.mode]} name={to.table} />;
    case "object":
      return <Deed verb="writes" name={to.key_pattern} />;
    case "message":
      return <>gets the rows</>;
  }
}

function Deed({ verb, name, how }: { verb: string; name: string; how?: string }) {
  return (
    <>
      {verb} <code>{name}</code>
      {how}
    </>
  );
}

/** The name of a connection, by its id. */
export function ConnectionName({ id, names }: { id: string; names: PipelineNames }) {
  return connectionName(id, names);
}

function deedOf(destination: Destination): { deed: Child; preposition: string } {
  const to = destinationKind(destination);
  switch (to.kind) {
    case "table": {
      const verb = { append: "appends to", replace: "replaces the rows of", upsert: "updates and adds to" }[to.mode];
      return { deed: <Deed verb={verb} name={to.table} how={byWords(to)} />, preposition: "in" };
    }
    case "object": {
      const how = ` as ${{ csv: "CSV", parquet: "Parquet" }[to.format]}`;
      return { deed: <Deed verb="writes" name={to.key_pattern} how={how} />, preposition: "to" };
    }
    case "message":
      return { deed: "sends the rows", preposition: "to" };
  }
}

/** When a pipeline runs: `at 06:00, only on Monday`. */
export function scheduleText({ cron }: Schedule): string {
  return cronWords(cron) ?? "by a cron expression";
}

/** Within which bounds it does, with a space before them; empty where there are none. */
export function boundsText({ timezone, starts_at: from, ends_at: to }: Schedule): string {
  const moment = (time: string) => wallClockText(Date.parse(time), timezone);
  return `${from === undefined ? "" : ` from ${moment(from)}`}${to === undefined ? "" : ` until ${moment(to)}`}`;
}

function connectionName(id: string, names: PipelineNames) {
  return nameOf(names.connections.get(id)?.name, "connection");
}

function nameOf(name: string | undefined, kind: "connection" | "dataset") {
  return name === undefined ? <span class="muted">a {kind} that is gone</span> : <strong>{name}</strong>;
}
