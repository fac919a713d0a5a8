import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfirmForm } from "../../src/ui/confirm.tsx";
import { fieldId } from "../../src/ui/field.tsx";
import { FileField } from "../../src/ui/file-field.tsx";
import { Form, FormErrors } from "../../src/ui/form-layout.tsx";
import {
  CheckboxField,
  NumberField,
  PasswordField,
  RadioCards,
  SelectField,
  TextArea,
  TextField,
} from "../../src/ui/forms.tsx";
import { parsePage } from "../support/page-dom.ts";
import { html } from "./html.ts";

const draw = async (node: unknown) => parsePage(await html(node));

const common = {
  name: "Monthly Charges (€)",
  label: "Charges",
  hint: "Per month",
  error: "Not a number",
};

describe("every field", () => {
  it.each([
    ["text", <TextField {...common} />, "input"],
    ["number", <NumberField {...common} unit="€" />, "input"],
    ["password", <PasswordField {...common} autocomplete="off" />, "input"],
    ["textarea", <TextArea {...common} />, "textarea"],
    ["select", <SelectField {...common} options={[{ value: "a", label: "A" }]} />, "select"],
    ["checkbox", <CheckboxField {...common} />, "input"],
    ["file", <FileField {...common} />, "input"],
  ])("ties label, hint and error to its control (%s)", async (_kind, node, element) => {
    const field = await draw(node);
    const control = field.byLabel("Charges");
    expect([control.is(element), control.attribute("name")]).toEqual([true, common.name]);
    expect(control.problem).toBe("Not a number");
    const notes = control.attribute("aria-describedby")?.split(" ") ?? [];
    expect(notes.map((id) => field.css(`#${id}`).text)).toEqual(["Not a number", "Per month"]);
  });

  it("says when it need not be filled in, unless the form says so for all", async () => {
    const nameOf = async (node: unknown) => (await draw(node)).css("label").text;
    expect(await nameOf(<TextField name="a" label="A" />)).toBe("A optional");
    expect(await nameOf(<TextField name="a" label="A" required />)).toBe("A");
    expect(await nameOf(<TextField name="a" label="A" markOptional={false} />)).toBe("A");
  });

  it("has an id of its own, whatever the name, and it is a single word", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (one, other) => {
        expect(fieldId(one)).toMatch(/^[\w-]+$/);
        expect(fieldId(one) === fieldId(other)).toBe(one === other);
      }),
    );
    expect(fieldId("a b")).not.toBe(fieldId("a_b"));
    expect(fieldId("a", "dialog")).not.toBe(fieldId("a"));
  });
});

describe("what the user typed", () => {
  it("stays in a number field though it is no number", async () => {
    const control = (await draw(<NumberField name="age" label="Age" value="twelve" />)).byLabel("Age");
    expect([control.attribute("type"), control.value]).toEqual(["text", "twelve"]);
  });

  it.each(["12", "-1.5", ".5", "1e-3", 0, ""])("is a number input's value when it is a number (%s)", async (value) => {
    const control = (await draw(<NumberField name="age" label="Age" value={value} />)).byLabel("Age");
    expect(control.attribute("type")).toBe("number");
  });

  it("keeps newlines at the start of a textarea, of which HTML drops the first", async () => {
    const markup = await html(<TextArea name="sql" label="SQL" value={"\nselect 1"} />);
    expect(markup).toContain(">\n\nselect 1</textarea>");
  });

  it("is chosen again in selects and radio cards", async () => {
    const select = await draw(
      <SelectField
        name="m"
        label="M"
        value="b"
        placeholder="None"
        options={[
          { value: "a", label: "A" },
          { group: "G", options: [{ value: "b", label: "B" }] },
        ]}
      />,
    );
    expect(select.byLabel("M").value).toBe("b");
    const radios = await draw(
      <RadioCards
        name="access"
        label="Access"
        value="public"
        cards={[
          { value: "project", label: "P" },
          { value: "public", label: "Q" },
        ]}
      />,
    );
    const chosen = radios.byRole("group", "Access").all("input[checked]");
    expect(chosen.map(({ value }) => value)).toEqual(["public"]);
  });
});

describe("forms", () => {
  it("list their errors with links to fields that exist", async () => {
    const form = await draw(
      <Form action="/x">
        <FormErrors
          errors={[{ path: "Monthly Charges (€)", message: "Not a number" }, { message: "Nothing was saved" }]}
        />
        <NumberField {...common} />
        <RadioCards name="access" label="Access" cards={[{ value: "project", label: "P" }]} />
      </Form>,
    );
    expect(form.text).toContain("There are 2 problems");
    expect(form.links).toEqual([`#${form.byLabel("Charges").attribute("id")}`]);
    expect(form.byRole("radio", "P").attribute("id")).toBe(fieldId("access"));
  });

  it("say nothing when there is no error", async () => {
    expect(await html(<FormErrors errors={[]} />)).toBe("");
  });

  it("send files as multipart, with or without JavaScript", async () => {
    const form = (await draw(<Form action="/x" upload />)).form("/x");
    expect(form.is('[enctype="multipart/form-data"][method="post"][data-upload]')).toBe(true);
  });
});

describe("confirmation by name", () => {
  const patternOf = async (name: string) => {
    const form = await draw(<ConfirmForm action="/x" name={name} verb="Delete" cancelHref="/" />);
    const pattern = form.byName("confirm").attribute("pattern") ?? "";
    // As the HTML standard compiles it.
    return new RegExp(`^(?:${pattern})$`, "v");
  };

  it("takes the name and nothing else, whatever characters it has", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.string(), async (name, other) => {
        const pattern = await patternOf(name);
        expect(pattern.test(name)).toBe(true);
        expect(pattern.test(other)).toBe(name === other);
      }),
    );
    expect((await patternOf("a.c [v2] {x}|^$(*)+?/\\-&&")).test("a.c [v2] {x}|^$(*)+?/\\-&&")).toBe(true);
    expect((await patternOf("a.c")).test("abc")).toBe(false);
  });
});
