import { expect, isAccessible, isAlive, isLive, signIn, test } from "../people.mjs";

const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

test("a rule keeps units for a channel, and the page tells how its number comes about", async ({ page }) => {
  await signIn(page, "admin", "/sign-in?next=/stock/LI120/offered?channel=web");
  const offered = async (channel) => {
    await page.goto(`/stock/LI120/offered?channel=${channel}`);
    return Number((await page.getByTestId("offered").innerText()).replace(/\D/g, ""));
  };
  const before = await offered("web");
  await isLive(page);
  await isAccessible(page);
  await page.goto("/admin/stock-rules");
  await isAlive(page);
  await isAccessible(page);
  await page.getByLabel("What", { exact: true }).selectOption({ label: "Keep the last units for a channel" });
  await page.getByRole("spinbutton", { name: "Units" }).fill("1000000");
  await page.getByRole("button", { name: "Set the rule" }).click();
  await expect(page.getByRole("alert").first()).toContainText("Choose the channel.");
  await page.getByLabel("SKU", { exact: false }).first().fill("LI120");
  await page.locator("#form\\[channel\\]").selectOption("store");
  await page.getByRole("button", { name: "Set the rule" }).click();
  const rule = page.getByRole("row", { name: /Keep the last 1000000 units of LI120 at each location for store/ });
  await expect(rule).toBeVisible();
  expect(await offered("web")).toBe(0);
  await expect(page.getByText("Keep the last 1000000 units of LI120").first()).toBeVisible();
  expect(await offered("store")).toBe(before);
  // A buyer in the shop sees what the channel sees.
  await page.goto("/?search=LI120");
  await expect(page.getByRole("main").getByRole("listitem").first()).toContainText("Sold out");
  await page.goto("/admin/stock-rules");
  await isAlive(page);
  await rule.getByRole("button", { name: /^End/ }).click();
  await expect(rule).toHaveCount(0);
  expect(await offered("web")).toBe(before);
});

test("a thing is sold before it is there, and the customer knows when it comes", async ({ page, somebodyElse }) => {
  await signIn(page, "admin", "/sign-in?next=/catalog/new");
  await isAlive(page);
  await isAccessible(page);
  await page.getByLabel("Web address").fill("Felt Slippers");
  await page.getByLabel("Name", { exact: true }).fill("Felt slippers");
  await page.getByLabel("Category", { exact: true }).fill("Home");
  await page.getByLabel("SKU", { exact: true }).fill("SLIP-1");
  await page.getByLabel("Weight, grams").fill("300");
  await page.getByRole("button", { name: "Create the product" }).click();
  await expect(page.getByText(/small letters, digits and hyphens/).first()).toBeVisible();
  await page.getByLabel("Web address").fill("felt-slippers");
  await page.getByRole("button", { name: "Create the product" }).click();
  await page.waitForURL(/\/catalog\/felt-slippers$/);
  await isAlive(page);
  await isAccessible(page);
  await page.getByText("Set a price").click();
  await page.getByLabel("Channel", { exact: true }).selectOption("web");
  await page.getByLabel("Price", { exact: false }).first().fill("19.95");
  await page.getByRole("button", { name: "Set the price of SLIP-1" }).click();
  await expect(page.getByText("19.95 GBP")).toBeVisible();

  await page.goto("/stock/SLIP-1/offered?channel=web");
  await isAlive(page);
  await page.getByLabel("Location", { exact: true }).selectOption({ label: "Northampton warehouse" });
  await page.getByLabel("At most, units").fill("3");
  await page.getByLabel("Expected, or on sale, on").fill(inDays(20));
  await page.getByRole("button", { name: "Save the terms" }).click();
  await expect(page.getByRole("row", { name: /Northampton warehouse Backorder 0 of 3/ })).toBeVisible();
  await isAccessible(page);

  const customer = await somebodyElse({});
  await customer.goto("/p/felt-slippers");
  await expect(customer.getByText(/^More is expected on/)).toBeVisible();
  await customer.getByLabel("Quantity").fill("2");
  await customer.getByRole("button", { name: "Put in basket" }).click();
  await customer.waitForURL(/\/basket$/);
  await customer.getByRole("link", { name: "Check out" }).click();
  await customer.getByLabel("Name").fill("Wren Sampleton");
  await customer.getByLabel("E-mail").fill("wren@example.com");
  await customer.getByLabel("Street and number").fill("1 Example Street");
  await customer.getByLabel("Town or city").fill("Leeds");
  await customer.getByLabel("Postcode", { exact: true }).fill("LS1 4AP");
  await customer.getByRole("button", { name: "Place the order" }).click();
  await customer.waitForURL(/\/track\/o\//);
  await expect(customer.getByText(/^Expected on/)).toBeVisible();
  await isAccessible(customer);
  await page.reload();
  await expect(page.getByRole("row", { name: /Northampton warehouse Backorder 2 of 3/ })).toBeVisible();
  // What comes is the customer's.
  await page.goto("/stock/SLIP-1");
  await isAlive(page);
  await page.getByLabel("Location", { exact: true }).selectOption({ label: "Northampton warehouse" });
  await page.getByLabel("Units", { exact: true }).fill("2");
  await page.getByRole("button", { name: "Book", exact: true }).click();
  await expect(page.getByText("Booked.").first()).toBeVisible();
  await expect(customer.getByText(/^Expected on/)).toHaveCount(0, { timeout: 20_000 });
});

test("what is in the basket is kept for whoever put it there", async ({ page, somebodyElse }) => {
  await signIn(page, "admin", "/sign-in?next=/stock/LI121/offered?channel=web");
  await page.goto("/catalog?search=LI121");
  const handle = (await page.getByRole("rowheader", { name: /LI121/ }).getByRole("link").getAttribute("href")).replace("/catalog/", "/p/");
  await page.goto("/stock/LI121/offered?channel=web");
  const before = Number((await page.getByTestId("offered").innerText()).replace(/\D/g, ""));
  const customer = await somebodyElse({});
  await customer.goto(handle);
  await customer.getByLabel("Quantity").fill(String(before));
  await customer.getByRole("button", { name: "Put in basket" }).click();
  await customer.waitForURL(/\/basket$/);
  await expect(customer.getByText("What is in stock is kept for you for 15 minutes.")).toBeVisible();
  const late = await somebodyElse({});
  await late.goto(handle);
  await expect(late.getByText("Sold out. Look again soon.")).toBeVisible();
  await customer.getByLabel(/^Quantity of/).fill("0");
  await customer.getByRole("button", { name: "Update" }).click();
  await expect(customer.getByText("Your basket is empty")).toBeVisible();
  await late.reload();
  await expect(late.getByRole("button", { name: "Put in basket" })).toBeVisible();
});

test("a group of customers is made known, and a rule is for it", async ({ page }) => {
  await signIn(page, "admin", "/sign-in?next=/admin/stock-rules");
  await isAlive(page);
  await page.getByLabel("Code").fill("Trade Customers");
  await page.getByRole("button", { name: "Save the customers" }).click();
  await expect(page.getByText(/Use small letters, digits and underscores/).first()).toBeVisible();
  await expect(page.getByText("Give the group a name of at most 60 characters.").first()).toBeVisible();
  await page.getByLabel("Code").fill("trade");
  await page.locator("#customers-name").fill("Trade customers");
  await page.getByRole("button", { name: "Save the customers" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Trade customers" })).toBeVisible();
  await isAccessible(page);
  await page.getByRole("spinbutton", { name: "Units" }).fill("2");
  await page.getByLabel("SKU", { exact: false }).first().fill("LI121");
  await page.getByLabel("Customers").selectOption({ label: "Trade customers" });
  await page.getByRole("button", { name: "Set the rule" }).click();
  const rule = page.getByRole("row", { name: /Keep back 2 units of LI121 at each location \(customers: trade\)/ });
  await expect(rule).toBeVisible();
  await rule.getByRole("button", { name: /^End/ }).click();
  await expect(rule).toHaveCount(0);
});

test("a group of locations is looked at, planned, called off and taken back", async ({ page }) => {
  await signIn(page, "admin", "/sign-in?next=/admin/stock-rules");
  await isAlive(page);
  const form = page.locator("form").filter({ has: page.getByRole("button", { name: "Save the group" }) });
  const group = page.getByRole("listitem").filter({ hasText: "The middle" });
  const save = async (name, places, from = "") => {
    await form.getByLabel("Name", { exact: true }).fill(name);
    for (const place of places) await form.getByLabel(place, { exact: true }).check();
    await form.getByLabel("From when on").fill(from);
    await form.getByRole("button", { name: "Save the group" }).click();
  };
  await form.getByLabel("Name", { exact: true }).fill("The middle");
  await form.getByLabel("Leeds store").check();
  await form.getByRole("button", { name: "See what it does" }).click();
  await expect(page.getByRole("region", { name: "What it does" })).toContainText("It is a new group: no rule is for it yet.");
  await form.getByRole("button", { name: "Save the group" }).click();
  await expect(group).toContainText("The middle: Leeds store");
  await expect(form.getByLabel("Name", { exact: true })).toHaveValue("");
  await save("The middle", ["Northampton warehouse"], new Date(Date.now() + 86_400_000).toISOString().slice(0, 16));
  await expect(group).toContainText("To come");
  await isAccessible(page);
  await group.getByRole("button").click();
  await expect(group).not.toContainText("To come");
  await save("The middle", ["Warrington warehouse"]);
  await expect(group).toContainText("The middle: Warrington warehouse");
  await group.getByRole("button").click();
  await expect(group).toContainText("The middle: Leeds store");
});
