import { expect, isAccessible, isAlive, isLive, order, signIn, test } from "../people.mjs";

test("units are booked in, seen everywhere, and accounted for as of any moment", async ({ page, somebodyElse }) => {
  const before = new Date(Date.now() - 60_000).toISOString().slice(0, 16);
  await signIn(page, "admin", "/sign-in?next=/stock");
  await page.getByLabel("Find").fill("oak jug");
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("link", { name: /^[A-Z]{2}\d{3}$/ }).click();
  await isLive(page);
  const row = page.getByRole("row", { name: /^Northampton warehouse/ });
  const onHand = async () => Number((await row.getByRole("cell").nth(1).innerText()).replaceAll(",", ""));
  const reservedEverywhere = async () => Number(await page.getByRole("row", { name: /^Everywhere/ }).getByRole("cell").nth(2).innerText());
  const [had, reserved] = [await onHand(), await reservedEverywhere()];

  await page.getByLabel("Location").selectOption({ label: "Northampton warehouse" });
  await page.getByLabel("Units").fill("-100000");
  await page.getByLabel("Why").selectOption({ label: "Damaged" });
  await page.getByRole("button", { name: "Book", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("units are on hand there. Take off");
  await page.getByLabel("Location").selectOption({ label: "Northampton warehouse" });
  await page.getByLabel("Units").fill("7");
  await page.getByLabel("Why").selectOption({ label: "Received" });
  await page.getByRole("button", { name: "Book", exact: true }).click();
  await expect(page.getByText("Booked.")).toBeVisible();
  await expect(page.getByLabel("Units")).toHaveValue("");
  await expect.poll(onHand).toBe(had + 7);
  await expect(page.getByRole("row", { name: /\+7 Received Northampton warehouse Ada Admin/ })).toBeVisible();

  // Somebody buys one: the open page knows.
  await order(await somebodyElse(), { product: "Oak jug" });
  await expect.poll(reservedEverywhere).toBe(reserved + 1);

  await page.getByLabel("As it was at (UTC)").fill(before);
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByRole("link", { name: "Now" })).toBeVisible();
  await expect.poll(onHand).toBe(had);
});

test("another system's list is pasted, and the books say what it says", async ({ page, somebodyElse }) => {
  await signIn(page, "admin", "/sign-in?next=/stock");
  await page.getByRole("link", { name: "Report stock" }).click();
  await expect(page.getByLabel("Where")).toBeVisible();
  await isAlive(page);
  await isAccessible(page);
  const lines = page.getByLabel("What stands there");
  const report = page.getByRole("button", { name: "Report" });
  await lines.fill("LI115 many");
  await report.click();
  await expect(page.getByRole("alert")).toContainText("Line 1, “LI115 many”");
  await lines.fill("NOTHING 3");
  await page.getByLabel("As it was at").fill("2099-01-01T10:00");
  await report.click();
  await expect(page.getByRole("alert")).toContainText("There is no SKU or GTIN “NOTHING”.");
  await expect(page.getByRole("alert")).toContainText("This lies in the future.");
  await expect(lines, "what was typed is still there").toHaveValue("NOTHING 3");
  await page.getByLabel("As it was at").fill("");
  await lines.fill("LI115 43");
  const place = await page.getByLabel("Where").evaluate((select) => select.selectedOptions[0].label);
  await report.click();
  await expect(page.getByText("Taken in.")).toBeVisible();
  await isAccessible(page);
  await page.goto("/stock/LI115");
  await expect(page.getByRole("row", { name: new RegExp(`^${place}`) }).first().getByRole("cell").nth(1), "on hand").toHaveText("43");

  const store = await somebodyElse();
  await signIn(store, "store", "/sign-in?next=/stock");
  await expect(store.getByRole("link", { name: "Counts" })).toBeVisible();
  await expect(store.getByRole("link", { name: "Report stock" }), "not for everybody").toHaveCount(0);
});
