import path from "node:path";
import { fileURLToPath } from "node:url";
import { devices } from "@playwright/test";
import { expect, isAccessible, isAlive, isLive, signIn, test, workOn } from "../people.mjs";

const picture = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../docs/order-page.png");

test("a product gets a picture and room for a text, and is bought as a gift without scripts", async ({ page, somebodyElse }) => {
  await signIn(page, "admin", "/sign-in?next=/catalog");
  await page.getByLabel("Find").fill("Copper mug");
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("link", { name: "Copper mug" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Copper mug");
  await isAlive(page);
  // What is no picture comes back with what to do.
  await page.getByLabel("Picture", { exact: true }).setInputFiles({ name: "a.png", mimeType: "image/png", buffer: Buffer.from("nothing") });
  await page.getByLabel("What it shows").fill("A copper mug");
  await page.getByRole("button", { name: "Add the picture" }).click();
  await expect(page.getByRole("alert").first()).toContainText("This is no JPEG, PNG or WebP picture");
  await isAlive(page);
  for (const what of ["A copper mug", "A copper mug from above"]) {
    await page.getByLabel("Picture", { exact: true }).setInputFiles(picture);
    await page.getByLabel("What it shows", { exact: true }).fill(what);
    await page.getByRole("button", { name: "Add the picture" }).click();
    await expect(page.getByRole("img", { name: what, exact: true })).toBeVisible();
    await isAlive(page);
  }
  await isAccessible(page);
  const second = page.getByRole("listitem").filter({ has: page.getByRole("button", { name: "Save picture 2" }) });
  await second.getByLabel("Show it first").check();
  await second.getByRole("button", { name: "Save picture 2" }).click();
  await expect(page.getByLabel("What picture 1 shows")).toHaveValue("A copper mug from above");
  await page.getByRole("button", { name: "Remove picture 2" }).click();
  await expect(page.getByRole("button", { name: "Remove picture 2" })).toHaveCount(0);

  // A customer sees it, and has it wrapped with a name on it.
  const customer = await somebodyElse({ ...devices["Pixel 7"], javaScriptEnabled: false });
  await customer.goto("/?search=copper+mug");
  const small = customer.locator("a.product img");
  expect((await customer.request.get(await small.getAttribute("src"))).headers()["content-type"]).toBe("image/jpeg");
  await customer.getByRole("link", { name: "Copper mug" }).click();
  await expect(customer.getByRole("img", { name: "A copper mug from above" })).toBeVisible();
  await customer.getByLabel("Text to be put on it").fill("A name that is far too long");
  await customer.getByRole("button", { name: "Put in basket" }).click();
  await expect(customer.getByText("There is room for 14 characters").first()).toBeVisible();
  await customer.goto("/?search=copper+mug");
  await customer.getByRole("link", { name: "Copper mug" }).click();
  await customer.getByLabel("Text to be put on it").fill("Größe & Łódź~.");
  await customer.getByLabel(/Wrap it as a gift/).check();
  await customer.getByRole("button", { name: "Put in basket" }).click();
  await customer.waitForURL("**/basket");
  await expect(customer.getByText("Text: “Größe & Łódź~.”")).toBeVisible();
  await expect(customer.getByLabel(/Gift wrap for Copper mug/)).toBeChecked();
  // Unwrapped, and wrapped again: it stays one line.
  for (const wrapped of [false, true]) {
    await customer.getByLabel(/Gift wrap for Copper mug/).setChecked(wrapped);
    await customer.getByRole("button", { name: "Update" }).click();
    await expect(customer.getByLabel(/Gift wrap for Copper mug/)).toBeChecked({ checked: wrapped });
    await expect(customer.getByRole("button", { name: "Update" })).toHaveCount(1);
  }
  await customer.goto("/checkout");
  await customer.getByLabel("Name").fill("Wren Sampleton");
  await customer.getByLabel("E-mail").fill("wren@example.com");
  await customer.getByLabel("Street and number").fill("1 Example Street");
  await customer.getByLabel("Town or city").fill("Leeds");
  await customer.getByLabel("Postcode", { exact: true }).fill("LS1 4AP");
  await customer.getByLabel("Message on the gift card").fill("Happy birthday!");
  await customer.getByRole("button", { name: "Place the order" }).click();
  await customer.waitForURL("**/track/o/**");
  await expect(customer.getByRole("table").getByText("Text: “Größe & Łódź~.” · Gift-wrapped")).toBeVisible();
  await expect(customer.getByRole("region", { name: "Your parcel" })).toContainText("Text: “Größe & Łódź~.” · Gift-wrapped");
  await expect(customer.getByText("Happy birthday!")).toBeVisible();
  const number = await customer.locator("header .code").first().innerText();

  // Whoever packs it is told.
  await page.goto(`/desk/orders/${number}`);
  await isLive(page);
  await expect(page.getByRole("table").getByText("Text: “Größe & Łódź~.” · Gift-wrapped")).toBeVisible();
  await isAccessible(page);
  const place = (await page.getByRole("region", { name: "Fulfilment 1" }).getByRole("heading").innerText()).replace(/^1\. /, "");
  const card = await workOn(page, place, number);
  await expect(card).toContainText("Text: “Größe & Łódź~.” · Gift-wrapped");
  await expect(card).toContainText("Happy birthday!");

  // It is sold no longer, and says so.
  await page.goto("/catalog/" + (await customerHandle(customer)));
  await isAlive(page);
  await page.getByText("What it is", { exact: true }).click();
  await page.getByLabel("Not sold any more").check();
  await page.getByRole("button", { name: /^Save TA/ }).click();
  await expect(page.getByRole("heading", { name: /Not sold any more/ })).toBeVisible();
  await customer.goto("/?search=copper+mug");
  await expect(customer.getByText("Nothing matches")).toBeVisible();
});

const customerHandle = async (customer) => {
  await customer.goto("/?search=copper+mug");
  return (await customer.locator("a.product").getAttribute("href")).replace("/p/", "");
};

test("a size is chosen, and a kit stands whole on the order", async ({ page }) => {
  await page.goto("/?search=wool+slippers");
  await page.getByRole("link", { name: "Wool slippers" }).click();
  await isAccessible(page);
  const sizes = page.getByRole("navigation", { name: "Variants" }).getByRole("link");
  await expect(sizes).toHaveText(["S", "M", "L"]);
  await sizes.nth(1).click();
  await expect(page.getByText("WS-M")).toBeVisible();
  await page.getByRole("button", { name: "Put in basket" }).click();
  await page.waitForURL("**/basket");
  await expect(page.getByRole("link", { name: "Wool slippers, size M" })).toBeVisible();
  await page.goto("/?search=breakfast");
  await page.getByRole("link", { name: "Breakfast for two" }).click();
  await page.getByRole("button", { name: "Put in basket" }).click();
  await page.waitForURL("**/basket");
  await isAccessible(page);
  await page.goto("/checkout");
  await page.getByLabel("Name").fill("Wren Sampleton");
  await page.getByLabel("E-mail").fill("wren@example.com");
  await page.getByLabel("Street and number").fill("1 Example Street");
  await page.getByLabel("Town or city").fill("Leeds");
  await page.getByLabel("Postcode", { exact: true }).fill("LS1 4AP");
  await page.getByRole("button", { name: "Place the order" }).click();
  await page.waitForURL("**/track/o/**");
  const kit = page.getByRole("row", { name: /^Breakfast for two/ });
  await expect(kit).toContainText("£29.00");
  await expect(page.getByRole("row", { name: /mug/ })).not.toContainText("£");
  await isAccessible(page);
});
