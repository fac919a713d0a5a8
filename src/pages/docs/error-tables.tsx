import type { AccessLevel } from "../../access/rights.ts";
import { type ErrorCode, STATUS_OF_CODE } from "../../errors.ts";
import type { Warning } from "../../inference/spec/coerce-rows.ts";
import { Table } from "../../ui/table.tsx";

interface Meaning<Code> {
  code: Code;
  text: string;
}

const ERRORS: Meaning<ErrorCode>[] = [
  {
    code: "malformed",
    text: "The body is not valid JSON. JSON has no NaN or Infinity: send null for a missing value.",
  },
  { code: "unauthorized", text: "The key is missing, mistyped, expired or revoked." },
  {
    code: "forbidden",
    text: "Your role does not let you send actuals: that takes a key of this deployment, or a contributor of the project.",
  },
  {
    code: "not_found",
    text: "Deployment not found, or you have no access to it. Keys of other deployments get this too.",
  },
  {
    code: "conflict",
    text: "The Idempotency-Key was used with another body, or its first call is still being answered.",
  },
  {
    code: "too_large",
    text: "The body is larger than 8 MB, or one value is larger than 64 kB. Send fewer rows per call.",
  },
  {
    code: "unsupported_media_type",
    text: "The content type is not application/json. Actuals may also be text/csv.",
  },
  {
    code: "invalid_input",
    text: "Some values are invalid. errors lists each with its path, such as features.age. Nothing was predicted.",
  },
  { code: "not_running", text: "The deployment cannot answer now. Try again after the seconds in Retry-After." },
  { code: "internal", text: "The server failed. Try again. If the error persists, report the request_id." },
];

const WARNINGS: Meaning<Warning["code"]>[] = [
  { code: "absent", text: "The feature was not sent, so it counts as missing." },
  { code: "not_coercible", text: "The value is of another kind and could not be read, so it counts as missing." },
  { code: "overflow", text: "The number is larger than the model's input can hold, so it counts as missing." },
  {
    code: "out_of_range",
    text: "The number is smaller or larger than any in the training data. The model received it unchanged.",
  },
  { code: "unseen_category", text: "The training data does not have this category. The model received it unchanged." },
  { code: "unknown_feature", text: "The deployment has no such feature. It was ignored." },
  { code: "all_missing", text: "No feature of the row has a value, so the prediction says nothing about it." },
  { code: "not_finite", text: "The model's answer is not a finite number. It is returned as null." },
];

/** A public deployment does not ask for a key, but checks one; and anybody may know of it. */
const PUBLIC_TEXTS: Partial<Record<ErrorCode, string>> = {
  unauthorized: "The key is mistyped, expired or revoked, or actuals were sent without one.",
  forbidden:
    "The key belongs to another deployment, or your role does not let you send actuals: that takes a key of this deployment, or a contributor of the project.",
  not_found: "The deployment no longer exists, or, under /v2, the version does not exist.",
};

/** The refusals of the deployment's calls. */
export function ErrorTable({ access }: { access: AccessLevel }) {
  const shown = ERRORS.map(({ code, text }) => ({
    code,
    text: (access === "public" ? PUBLIC_TEXTS[code] : undefined) ?? text,
  }));
  return (
    <Table
      caption="Errors"
      rows={shown}
      columns={[
        { key: "code", header: "Code", primary: true, cell: ({ code }) => <code>{code}</code> },
        { key: "status", header: "Status", cell: ({ code }) => STATUS_OF_CODE[code] },
        { key: "text", header: "Meaning and remedy", cell: ({ text }) => text },
      ]}
    />
  );
}

/** What a strict deployment warns of is its model's answer; of what was sent it refuses the rest. */
export function WarningTable({ policy }: { policy: "best_effort" | "strict" }) {
  return (
    <Table
      caption="Warnings"
      rows={policy === "strict" ? WARNINGS.filter(({ code }) => code === "not_finite") : WARNINGS}
      columns={[
        { key: "code", header: "Code", primary: true, cell: ({ code }) => <code>{code}</code> },
        { key: "text", header: "What it means", cell: ({ text }) => text },
      ]}
    />
  );
}
