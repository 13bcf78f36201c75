import { expect, isAccessible, isAlive, order, signIn, test } from "../people.mjs";

test("a closed warehouse's orders are looked at, planned anew, and brought back", async ({ page, somebodyElse }) => {
  // Somebody orders what the warehouse would send.
  const customer = await somebodyElse();
  const number = await order(customer, { thing: "jug", postcode: "NN1 1AA" });
  await signIn(page, "admin", "/sign-in?next=/routing");
  await isAlive(page);
  await page.getByRole("link", { name: "Disruption desk" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Disruption desk");
  await expect(page.getByText("Nothing is out of order.")).toBeVisible();
  await isAccessible(page);
  // What is left out is told at its field.
  await page.getByRole("button", { name: "Look at what it does" }).click();
  await expect(page.getByText("Choose the location that is closed.").first()).toBeVisible();
  await expect(page.getByText("Say what has happened", { exact: false }).first()).toBeVisible();
  await page.getByLabel("Which location is closed").selectOption({ label: "Northampton warehouse" });
  await page.getByLabel("What has happened").fill("A burst pipe");
  await page.getByRole("button", { name: "Look at what it does" }).click();
  await expect(page.getByRole("heading", { name: "If Northampton warehouse is out of order" })).toBeVisible();
  await isAccessible(page);
  await page.getByRole("button", { name: "Do it now" }).click();
  await page.waitForURL("**/routing/disruptions/*");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Northampton warehouse");
  await expect(page.getByText("To be looked at")).toHaveCount(0, { timeout: 20_000 });
  await isAccessible(page);
  const row = page.getByRole("row").filter({ hasText: number });
  if (await row.count()) await expect(row).toContainText(/Sent otherwise|Stays/);
  await page.getByRole("button", { name: "End it now" }).click();
  await expect(page.getByText("In order again").first()).toBeVisible();
  await page.goto("/routing/disruptions");
  await expect(page.getByText("Nothing is out of order.")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "A burst pipe" })).toContainText("was over");
});
