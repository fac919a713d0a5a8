import { errorAt } from "../../page-form.ts";
import { SelectField, TextField } from "../../../ui/forms.tsx";
import { ChooseButton, chooses, type FormPartProps, Kept, partId } from "./form-part.tsx";

/** Who is told how a run ended. */
export function NotifyChoice(props: FormPartProps) {
  const { view, fields, errors } = props;
  return (
    <>
      <SelectField
        name="notify.by"
        label="Notify when a run ends"
        options={[
          { value: "webhook", label: "A webhook" },
          {
            value: "email",
            label: view.sendsEmail ? "An e-mail address" : "An e-mail address (the operator has not set up e-mail)",
            disabled: !view.sendsEmail && fields["notify.by"] !== "email",
          },
        ]}
        value={fields["notify.by"]}
        placeholder="No notifications"
        error={errorAt(errors, "notify.by")}
        attributes={chooses(view, "notify")}
        markOptional={false}
      />
      <ChooseButton action={view.action} label="Choose this" />
      <NotifyFields {...props} />
    </>
  );
}

/** Where to. The part of the form that another choice replaces. */
export function NotifyFields({ view, fields, errors }: FormPartProps) {
  const by = fields["notify.by"];
  return (
    <div class="page-part" id={partId("notify")}>
      {by === "webhook" && (
        <TextField
          name="notify.webhook_url"
          label="Webhook URL"
          value={fields["notify.webhook_url"]}
          placeholder="https://"
          hint={`Receives signed JSON. Slack webhooks show its text. ${view.pipeline?.notifyBy === "webhook" ? "Another address gets a new signing secret." : "The signing secret is shown once, when you save."}`}
          error={errorAt(errors, "notify.webhook_url")}
          attributes={{ autocomplete: "off", inputmode: "url" }}
          required
        />
      )}
      {by === "email" && (
        <TextField
          name="notify.email"
          label="E-mail address"
          type="email"
          value={fields["notify.email"]}
          error={errorAt(errors, "notify.email")}
          required
        />
      )}
      <Kept
        fields={fields}
        names={
          by === "webhook"
            ? ["notify.email"]
            : by === "email"
              ? ["notify.webhook_url"]
              : ["notify.webhook_url", "notify.email"]
        }
      />
    </div>
  );
}
