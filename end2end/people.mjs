// What people do, in their words. Any console error fails the test it happens in.
import fs from "node:fs";
import { test as base, expect } from "@playwright/test";

export { expect };

/** Collects what goes wrong in a context, and what no page may do. */
const watch = async (context, errors) => {
  context.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });
  context.on("weberror", (error) => errors.push(error.error().message));
  await context.addInitScript(() => {
    let titled = false;
    new MutationObserver(() => {
      titled ||= document.title !== "";
      if (titled && document.title === "") console.error("the page lost its title");
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
};

export const test = base.extend({
  errors: async ({}, use) => {
    const errors = [];
    await use(errors);
    // A refused page is told to the console by the browser itself.
    expect(errors.filter((text) => !/status of (40[1349]|422|429)/.test(text)), "errors in the console").toEqual([]);
  },
  context: async ({ context, errors }, use) => {
    await watch(context, errors);
    await use(context);
  },
  /** A page of somebody else, with a browser of their own. */
  somebodyElse: async ({ browser, errors }, use) => {
    const contexts = [];
    await use(async (options) => {
      const context = await browser.newContext(options);
      contexts.push(context);
      await watch(context, errors);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },
});

const axe = fs.readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** Nothing that axe knows to be inaccessible (WCAG 2.2 A and AA). */
export const isAccessible = async (page) => {
  expect(await page.title()).toMatch(/ · Waybill$/);
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
};

export const signIn = async (page, who, next = "/sign-in") => {
  await page.goto(next);
  await page.getByLabel("E-mail").fill(`${who}@example.com`);
  await page.getByLabel("Password").fill("lantern-and-larder");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
};

/** The page is hydrated. */
export const isAlive = (page) => expect(page.locator("html")).toHaveAttribute("data-alive", "");

/** The page's live stream is open and, where it is one of those that are, it is hydrated. */
export const isLive = async (page) => {
  await expect(page.locator("html")).toHaveAttribute("data-live-state", "on");
  if (await page.locator("link[rel=modulepreload]").count()) await isAlive(page);
};

/** Says where things are wanted: dates and prices are for there. */
export const deliverTo = async (page, postcode, country = "GB") => {
  await page.getByText("Change", { exact: true }).click();
  await page.getByLabel("Deliver to").selectOption(country);
  await page.getByLabel("Its postcode").fill(postcode);
  await page.getByRole("button", { name: "Show dates" }).click();
  await expect(page.getByText("To ", { exact: false }).filter({ hasText: postcode }).first()).toBeVisible();
};

/** Orders one thing and ends on the tracking page. Returns the order's number. */
export const order = async (page, { product = "Oak jug", pickup } = {}) => {
  await page.goto(`/?search=${encodeURIComponent(product)}`);
  await page.getByRole("link", { name: product }).first().click();
  await page.getByRole("button", { name: "Put in basket" }).click();
  await page.waitForURL("**/basket");
  await page.getByRole("link", { name: "Check out" }).click();
  await page.waitForURL("**/checkout");
  await deliverTo(page, "LS1 4AP");
  if (pickup) {
    await page.getByLabel("I collect it in a store").check();
    const store = page.getByLabel("Store", { exact: true });
    const ready = (await store.locator("option").allInnerTexts()).find((text) => text.startsWith(`${pickup}: ready `));
    await store.selectOption({ label: ready });
  }
  await page.getByLabel("Name").fill("Wren Sampleton");
  await page.getByLabel("E-mail").fill("wren@example.com");
  if (!pickup) {
    await page.getByLabel("Street and number").fill("1 Example Street");
    await page.getByLabel("Town or city").fill("Leeds");
    await page.getByLabel("Postcode", { exact: true }).fill("LS1 4AP");
  }
  await page.getByRole("button", { name: "Place the order" }).click();
  await page.waitForURL("**/track/o/**");
  return page.locator("header .code").first().innerText();
};

/** Opens a location's work where an order stands in it, and returns its card. */
export const workOn = async (page, place, number) => {
  await page.goto(place.includes("store") ? "/store" : "/warehouse");
  const choice = page.getByLabel("Location");
  const code = await choice.locator("option").evaluateAll((options, place) => options.find((option) => option.text.startsWith(place)).value, place);
  await choice.selectOption(code);
  await page.getByRole("button", { name: "Show" }).click();
  await page.waitForURL((url) => url.searchParams.get("location") === code);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(place);
  const card = page.locator(`[data-order="${number}"]`);
  const next = page.getByRole("link", { name: "Next page" });
  await expect(page.locator("[data-order]").first()).toBeVisible();
  // The newest order is last: the list is worked from the oldest. Its pages are asked for whole, that none is looked at while it is being drawn.
  while (!(await card.count()) && (await next.count())) await page.goto(await next.getAttribute("href"));
  await isLive(page);
  return card;
};

/** Begins a draft from the rules that are in force at first, and opens it. */
export const draftOfNearest = async (page) => {
  await signIn(page, "admin", "/sign-in?next=/routing");
  await isAlive(page);
  await page.getByRole("link", { name: "Nearest first, version 1" }).first().click();
  await page.getByRole("button", { name: "Begin a draft from it" }).click();
  await page.waitForURL("**/routing/drafts/**");
  await isAlive(page);
};

/** Publishes the draft that is open and puts it in force. Returns the number of its version. */
export const putInForce = async (page) => {
  await page.getByRole("button", { name: "Save the draft" }).click();
  await expect(page.getByRole("status").filter({ hasText: /^Saved$/ })).toBeVisible();
  await page.getByRole("button", { name: "Publish" }).click();
  await page.waitForURL("**/routing/versions/**");
  await isAlive(page);
  const version = (await page.getByRole("heading", { level: 1 }).innerText()).match(/version (\d+)/)[1];
  await page.getByRole("button", { name: "Put it in force" }).click();
  await expect(page.getByText("In force", { exact: true }).first()).toBeVisible();
  return version;
};

/** Takes a version of the rules that were in force at first back. */
export const rollBack = async (page, version) => {
  await page.goto("/routing");
  await isAlive(page);
  await page.getByRole("button", { name: `Roll back: Nearest first, version ${version}` }).click();
  await expect(page.getByRole("button", { name: `Roll back: Nearest first, version ${version}` })).toHaveCount(0);
};

/** Opens the stock of the first SKU with a name. Returns its code. */
export const stockOf = async (page, name) => {
  await page.goto("/stock");
  await page.getByLabel("Find").fill(name);
  await page.getByRole("button", { name: "Find" }).click();
  const link = page.getByRole("link", { name: /^[A-Z]{2}\d{3}$/ }).first();
  const code = await link.innerText();
  await link.click();
  await isLive(page);
  return code;
};

/** Books units in or out on the page of a SKU's stock. */
export const book = async (page, place, units, why) => {
  await page.getByLabel("Location").selectOption({ label: place });
  await page.getByLabel("Units").fill(String(units));
  await page.getByLabel("Why").selectOption({ label: why });
  await page.getByRole("button", { name: "Book", exact: true }).click();
  await expect(page.getByText("Booked.")).toBeVisible();
  await expect(page.getByLabel("Units")).toHaveValue("");
};

/** What a keyboard-wedge scanner does: it types a code and presses Enter. */
export const scan = async (page, field, codes) => {
  await field.focus();
  for (const code of codes) {
    await page.keyboard.type(code);
    await page.keyboard.press("Enter");
  }
};
