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
import { attribute, html, tags } from "./html.ts";

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
    const markup = await html(node);
    const control = tags(markup, element)[0];
    expect(attribute(control, "name")).toBe(common.name);
    expect(attribute(tags(markup, "label")[0], "for")).toBe(attribute(control, "id"));
    expect(attribute(control, "aria-invalid")).toBe("true");
    const notes = attribute(control, "aria-describedby")?.split(" ") ?? [];
    expect(notes).toHaveLength(2);
    for (const id of notes) expect(tags(markup, "p").some((tag) => attribute(tag, "id") === id)).toBe(true);
  });

  it("says when it need not be filled in, unless the form says so for all", async () => {
    expect(await html(<TextField name="a" label="A" />)).toContain("optional");
    expect(await html(<TextField name="a" label="A" required />)).not.toContain("optional");
    expect(await html(<TextField name="a" label="A" markOptional={false} />)).not.toContain("optional");
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
    const control = tags(await html(<NumberField name="age" label="Age" value="twelve" />), "input")[0];
    expect(attribute(control, "type")).toBe("text");
    expect(attribute(control, "value")).toBe("twelve");
  });

  it.each(["12", "-1.5", ".5", "1e-3", 0, ""])("is a number input's value when it is a number (%s)", async (value) => {
    const control = tags(await html(<NumberField name="age" label="Age" value={value} />), "input")[0];
    expect(attribute(control, "type")).toBe("number");
  });

  it("keeps newlines at the start of a textarea, of which HTML drops the first", async () => {
    const markup = await html(<TextArea name="sql" label="SQL" value={"\nselect 1"} />);
    expect(markup).toContain(">\n\nselect 1</textarea>");
  });

  it("is chosen again in selects and radio cards", async () => {
    const select = await html(
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
    expect(
      tags(select, "option")
        .filter((tag) => tag.includes("selected"))
        .map((tag) => attribute(tag, "value")),
    ).toEqual(["b"]);
    const radios = await html(
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
    expect(
      tags(radios, "input")
        .filter((tag) => tag.includes("checked"))
        .map((tag) => attribute(tag, "value")),
    ).toEqual(["public"]);
  });
});

describe("forms", () => {
  it("list their errors with links to fields that exist", async () => {
    const markup = await html(
      <Form action="/x">
        <FormErrors
          errors={[{ path: "Monthly Charges (€)", message: "Not a number" }, { message: "Nothing was saved" }]}
        />
        <NumberField {...common} />
        <RadioCards name="access" label="Access" cards={[{ value: "project", label: "P" }]} />
      </Form>,
    );
    expect(markup).toContain("There are 2 problems");
    const link = attribute(tags(markup, "a")[0], "href");
    expect(tags(markup, "input").map((tag) => `#${attribute(tag, "id")}`)).toContain(link);
    expect(tags(markup, "input").map((tag) => attribute(tag, "id"))).toContain(fieldId("access"));
  });

  it("say nothing when there is no error", async () => {
    expect(await html(<FormErrors errors={[]} />)).toBe("");
  });

  it("send files as multipart, with or without JavaScript", async () => {
    const form = tags(await html(<Form action="/x" upload />), "form")[0];
    expect(attribute(form, "enctype")).toBe("multipart/form-data");
    expect(attribute(form, "method")).toBe("post");
    expect(form).toContain("data-upload");
  });
});

describe("confirmation by name", () => {
  const patternOf = async (name: string) => {
    const markup = await html(<ConfirmForm action="/x" name={name} verb="Delete" cancelHref="/" />);
    const pattern = attribute(tags(markup, "input")[0], "pattern") ?? "";
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
