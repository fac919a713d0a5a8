import { errorAt } from "../page-form.ts";
import { HEAP_BUDGET_BYTES } from "../../config.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import type { FormError } from "../../ui/form-layout.tsx";
import { formatBytes } from "../../lib/format.ts";
import { SelectField, type SelectGroup } from "../../ui/forms.tsx";
import type { ModelCandidate } from "../../deployments/model-choices.ts";

export interface ModelChoiceProps {
  experiment: { id: string; name: string } | null;
  candidates: ModelCandidate[];
  fields: Partial<Record<string, string>>;
  errors: FormError[];
}

/** Main and challenger of the chosen experiment. The part of the form that another experiment replaces. */
export function ModelChoice({ experiment, candidates, fields, errors }: ModelChoiceProps) {
  return (
    <div class="stack" id="model-choice">
      {experiment && <input type="hidden" name="experiment_id" value={experiment.id} />}
      {experiment === null ? (
        <Callout>Choose an experiment above: its models are offered here.</Callout>
      ) : candidates.some(({ isReady }) => isReady) ? (
        <ModelSelects candidates={candidates} fields={fields} errors={errors} />
      ) : (
        <Callout
          level="warning"
          title={
            candidates.length === 0 ? `${experiment.name} has no model yet` : `No model of ${experiment.name} is ready`
          }
          action={<ButtonLink href={`/experiments/${experiment.id}`}>Open the experiment</ButtonLink>}
        >
          {candidates.length === 0
            ? "Upload an ONNX model to one of its versions, then come back."
            : "A model can be deployed once its trial has succeeded. The experiment shows the state of each model."}
        </Callout>
      )}
    </div>
  );
}

function ModelSelects({ candidates, fields, errors }: Pick<ModelChoiceProps, "candidates" | "fields" | "errors">) {
  const groups = candidateGroups(candidates);
  return (
    <>
      <SelectField
        name="main.model_id"
        label="Main model"
        options={groups}
        value={fields["main.model_id"]}
        placeholder="Choose a model"
        hint="Answers every call. Any version of the experiment."
        error={errorAt(errors, "main.model_id")}
        required
      />
      <SelectField
        name="challenger.model_id"
        label="Challenger"
        options={groups}
        value={fields["challenger.model_id"]}
        placeholder="No challenger"
        hint={`Answers every call in the shadow, so that you can compare the two. Together they may use ${formatBytes(HEAP_BUDGET_BYTES)} of memory.`}
        error={errorAt(errors, "challenger.model_id")}
      />
    </>
  );
}

/** The candidates as a select shows them: a group for each version. */
function candidateGroups(candidates: readonly ModelCandidate[]): SelectGroup[] {
  return [...Map.groupBy(candidates, ({ version }) => version)].map(([version, members]) => ({
    group: `Version ${version}`,
    options: members.map(({ id, label, isReady }) => ({ value: id, label, disabled: !isReady })),
  }));
}
