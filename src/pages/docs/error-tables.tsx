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
    text: "The body is no JSON. NaN and Infinity are no JSON either: send null for what is missing.",
  },
  { code: "unauthorized", text: "No key was sent, or it is mistyped, expired or revoked." },
  {
    code: "forbidden",
    text: "Your role does not let you send actuals: that takes a key of this deployment, or a contributor of the project.",
  },
  {
    code: "not_found",
    text: "There is no such deployment, or you may not see it. The key of another deployment gets this as well.",
  },
  {
    code: "conflict",
    text: "The Idempotency-Key was used with another body, or the call that it was first sent with is still being answered.",
  },
  { code: "too_large", text: "The body has more than 8 MB, or one value more than 64 kB. Send fewer rows a call." },
  {
    code: "unsupported_media_type",
    text: "The body is declared as something else than application/json; actuals may also be text/csv.",
  },
  {
    code: "invalid_input",
    text: "Values cannot be used; errors lists each with its path, as in features.age. Nothing was predicted.",
  },
  { code: "not_running", text: "The deployment does not answer just now. Try again after the seconds in Retry-After." },
  { code: "internal", text: "Our fault. Try again; if it stays, report the request_id." },
];

const WARNINGS: Meaning<Warning["code"]>[] = [
  { code: "absent", text: "The feature was not sent, so it counts as missing." },
  { code: "not_coercible", text: "The value is of another kind and could not be read, so it counts as missing." },
  { code: "unseen_category", text: "The category was not among the training data. The model got it as it is." },
  { code: "unknown_feature", text: "The deployment has no such feature. It was ignored." },
  { code: "not_finite", text: "The model's answer is not a finite number, so it is given as null." },
];

/** A public deployment does not ask for a key, but checks one; and anybody may know of it. */
const PUBLIC_TEXTS: Partial<Record<ErrorCode, string>> = {
  unauthorized: "The key that was sent is mistyped, expired or revoked; or actuals came without one.",
  forbidden:
    "The key belongs to another deployment, or your role does not let you send actuals: that takes a key of this deployment, or a contributor of the project.",
  not_found: "There is no such deployment any more; or, under /v2, no such version.",
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
        { key: "text", header: "What it means, and what to do", cell: ({ text }) => text },
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
