import { beforeEach, describe, expect, it } from "vitest";
import { setUpInstance } from "../../src/projects/set-up-instance.ts";
import { env } from "cloudflare:workers";
import { Browser } from "../support/browser.ts";
import { ADMIN, callApi, contextOf, SETUP_TOKEN, startEmptyInstance } from "../support/instance.ts";
import { parsePage } from "../support/page-dom.ts";

const setup = (body: object) => callApi("POST", "/api/v1/setup", body);
const filled = { setup_token: SETUP_TOKEN, ...ADMIN };

beforeEach(startEmptyInstance);

describe("setup by the API", () => {
  it("makes the first user an admin and gives a token that works", async () => {
    const answer = await setup(filled);
    expect(answer.status).toBe(201);
    expect(answer.at("user")).toMatchObject({ email: ADMIN.email, name: "Admin", role: "admin", active: true });
    expect(answer.text("user.id")).toMatch(/^usr_/);

    const me = await callApi("GET", "/api/v1/me", undefined, answer.text("token"));
    expect(me.at("user")).toEqual(answer.at("user"));
    expect(me.at("projects")).toMatchObject([{ slug: "first-project", name: "First project", role: "admin" }]);
    const tokens = await callApi("GET", "/api/v1/tokens", undefined, answer.text("token"));
    expect(tokens.each("name")).toEqual(["setup"]);
  });

  it("refuses a second setup, whatever token it brings", async () => {
    await setup(filled);
    expect((await setup({ ...filled, email: "other@tiltyard.test" })).status).toBe(409);
    expect((await setup({ ...filled, setup_token: "wrong" })).status).toBe(409);
  });

  it("lets one of two setups at the same time win", async () => {
    const answers = await Promise.all([setup(filled), setup({ ...filled, email: "other@tiltyard.test" })]);
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([201, 409]);
  });

  it("refuses a wrong setup token and writes nobody down", async () => {
    const answer = await setup({ ...filled, setup_token: `${SETUP_TOKEN}x` });
    expect([answer.status, answer.at("code")]).toEqual([403, "forbidden"]);
    expect((await setup(filled)).status).toBe(201);
  });

  it("says that SETUP_TOKEN must be set where the installation has none", async () => {
    const withoutToken = { ...env, SETUP_TOKEN: "" };
    await expect(setUpInstance({ ...contextOf(), env: withoutToken }, filled)).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("SETUP_TOKEN"),
    });
  });

  it("normalises the email", async () => {
    const answer = await setup({ ...filled, email: "  Ada.Lovelace@Example.ORG " });
    expect(answer.at("user.email")).toBe("ada.lovelace@example.org");
  });

  it.each([
    ["a short password", { password: "123456789" }, "password"],
    ["a long password", { password: "x".repeat(201) }, "password"],
    ["what is no email", { email: "ada" }, "email"],
    ["an empty name", { name: "  " }, "name"],
    ["a long name", { name: "x".repeat(121) }, "name"],
  ])("refuses %s and names the field", async (_, change, path) => {
    const answer = await setup({ ...filled, ...change });
    expect([answer.status, answer.at("code"), answer.at("errors.0.path")]).toEqual([422, "invalid_input", path]);
  });

  it("refuses a role in the body", async () => {
    const answer = await setup({ ...filled, role: "member", id: "usr_mine", active: false });
    expect([answer.status, answer.at("errors.0.path")]).toEqual([422, "role"]);
  });
});

describe("the setup page", () => {
  it("is where an instance without users leads", async () => {
    const browser = new Browser();
    for (const path of ["/", "/sign-in"]) {
      const response = await browser.get(path);
      expect([response.status, response.headers.get("location")]).toEqual([303, "/setup"]);
    }
    expect((await browser.get("/setup")).status).toBe(200);
  });

  it("creates the first user and signs them in", async () => {
    const browser = new Browser();
    const response = await browser.post("/setup", filled);
    expect([response.status, response.headers.get("location")]).toEqual([303, "/projects"]);
    expect(await (await browser.get("/projects")).text()).toContain("First project");
    expect((await browser.get("/setup")).headers.get("location")).toBe("/sign-in");
  });

  it("shows what is wrong, keeps the fields and never the secrets", async () => {
    const response = await new Browser().post("/setup", { ...filled, name: "Ada <b>", password: "too short" });
    const markup = await response.text();
    const page = parsePage(markup);
    expect(response.status).toBe(422);
    expect(page.byLabel("Password").problem).toContain("at least 10 characters");
    expect(page.byLabel("Your name").value).toBe("Ada <b>");
    expect(page.byLabel("Email").value).toBe(ADMIN.email);
    expect(markup).not.toContain("too short");
    expect(markup).not.toContain(SETUP_TOKEN);
  });

  it("refuses a wrong setup token with the form", async () => {
    const response = await new Browser().post("/setup", { ...filled, setup_token: "wrong" });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("The setup token is wrong");
  });
});
