import { expect, isAccessible, isAlive, order, signIn, test } from "../people.mjs";

test("a location is changed with a look ahead, closed for a week, and put back as it was", async ({ page, somebodyElse }) => {
  await signIn(page, "admin", "/sign-in?next=/admin/locations");
  await expect(page.getByRole("row", { name: /Leeds store/ })).toContainText("Open");
  await isAccessible(page);
  await page.getByRole("link", { name: "Leeds store" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Leeds store");
  await isAlive(page);
  await isAccessible(page);

  // Wrong input says what to do, and what was typed stays.
  await page.getByLabel("Orders a day").fill("-5");
  await page.getByLabel("Time zone").fill("Leeds");
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByText("Enter a time zone by its name")).toBeVisible();
  await expect(page.getByText("Orders a day are from 0 to 1,000,000.")).toBeVisible();
  await expect(page.getByLabel("Time zone")).toHaveValue("Leeds");
  await page.getByLabel("Time zone").fill("Europe/London");

  // Looking ahead changes nothing.
  await page.getByLabel("Orders a day").fill("40");
  await page.getByLabel("Sends parcels").uncheck();
  await page.getByRole("button", { name: "See what it does" }).click();
  const preview = page.getByRole("region", { name: "What it does" });
  await expect(preview).toContainText("Orders a day: no limit → 40");
  await expect(preview).toContainText("New parcels are sent from elsewhere.");
  await expect(page.getByLabel("Orders a day")).toHaveValue("40");
  await isAccessible(page);
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByText("Changed.", { exact: true })).toBeVisible();
  const history = page.locator(".timeline-item").filter({ hasText: "Sends parcels" });
  await expect(history).toContainText("Ada Admin");
  await page.reload();
  await expect(page.getByLabel("Sends parcels")).not.toBeChecked();
  await isAlive(page);
  await page.getByRole("button", { name: "Undo the last change of settings" }).click();
  await expect(page.getByText("The last change was undone")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Sends parcels")).toBeChecked();
  await expect(page.getByLabel("Orders a day")).toHaveValue("");

  // Closed for a week: nobody can choose it to collect from.
  await isAlive(page);
  await page.getByText("Close it for a while").click();
  await page.getByLabel("Why").fill("Stock-take");
  const week = new Date(Date.now() + 7 * 24 * 3600 * 1000).toISOString().slice(0, 16);
  await page.getByLabel("Opens again").fill(week);
  await page.getByRole("button", { name: "Close it", exact: true }).click();
  await expect(page.getByText("Closed: Stock-take")).toBeVisible();
  const buyer = await somebodyElse();
  await buyer.goto("/?search=Oak+mug");
  await buyer.getByRole("link", { name: "Oak mug" }).click();
  await buyer.getByRole("button", { name: "Put in basket" }).click();
  await buyer.getByRole("link", { name: "Check out" }).click();
  await expect(buyer.getByLabel("Store", { exact: true }).locator("option", { hasText: "Leeds" })).toHaveCount(0);
  await page.getByRole("button", { name: "Withdraw" }).click();
  await expect(page.getByText("Closure withdrawn (Stock-take)")).toBeVisible();
  await order(await somebodyElse(), { product: "Oak mug", pickup: "Leeds store, Leeds" });
});
