import { expect, isAccessible, isAlive, isLive, signIn, test } from "../people.mjs";

const file = (name, text) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

test("products are brought as a table, looked at, mended and taken in", async ({ page }) => {
  await signIn(page, "admin", "/sign-in?next=/catalog");
  await page.getByRole("link", { name: "Import and export" }).click();
  await page.waitForURL(/\/admin\/files$/);
  await isLive(page);
  await isAccessible(page);
  await page.getByLabel("File").setInputFiles(file("empty.csv", "sku,name\n"));
  await page.getByRole("button", { name: "Bring it" }).click();
  await expect(page.getByRole("alert")).toContainText("There are no rows under the heading.");
  const table = "Item;Handle;Title;Kind of thing;Weight\nTT1;test-teapot;Test teapot;Table;900\nTT2;test-jug;Test jug;Table;heavy\n;nothing;;;\n";
  await page.getByLabel("File").setInputFiles(file("things.csv", table));
  await page.getByRole("button", { name: "Bring it" }).click();
  await page.waitForURL(/\/admin\/files\/[0-9a-f-]{36}$/);
  await isLive(page);
  await isAccessible(page);
  // One column has a name that nobody could know.
  await page.getByLabel("SKU", { exact: true }).selectOption({ label: "Item" });
  await page.getByLabel("Category").selectOption({ label: "Kind of thing" });
  await page.getByRole("button", { name: "Look at the rows" }).click();
  await expect(page.getByRole("status")).toHaveText("2 of 3 rows cannot be taken in.");
  await expect(page.getByRole("row", { name: /^3 weight_grams: “heavy” is no whole number/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /^4 Write the SKU/ })).toBeVisible();
  await isAccessible(page);
  const bad = await page.request.get(await page.getByRole("link", { name: "Take the bad rows away" }).getAttribute("href"));
  expect(await bad.text()).toContain("TT2;test-jug".replace(";", ","));
  expect((await page.request.get("/catalog/test-teapot")).status(), "nothing has changed yet").toBe(404);
  await page.getByRole("button", { name: "Take the 1 good rows in" }).click();
  await expect(page.getByRole("status")).toHaveText("1 rows were taken in, 2 were not.");
  await page.goto("/catalog/test-teapot");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Test teapot");

  // Its price comes by table, too, and the shop sells it from then on.
  await page.goto("/admin/files");
  await isAlive(page);
  await page.getByLabel("What it is of").selectOption({ label: "Prices" });
  await page.getByLabel("File").setInputFiles(file("prices.csv", "sku,channel,price\nTT1,web,19.50\n"));
  await page.getByRole("button", { name: "Bring it" }).click();
  await page.waitForURL(/\/admin\/files\/[0-9a-f-]{36}$/);
  await isAlive(page);
  await page.getByRole("button", { name: "Look at the rows" }).click();
  await expect(page.getByRole("status")).toHaveText("All 1 rows can be taken in.");
  await page.getByRole("button", { name: "Take them in" }).click();
  await expect(page.getByRole("status")).toHaveText("All 1 rows were taken in.");
  await page.goto("/p/test-teapot");
  await expect(page.getByText("£19.50").first()).toBeVisible();
  const workbook = await page.request.get("/admin/files/out/prices.xlsx");
  expect((await workbook.body()).subarray(0, 2).toString()).toBe("PK");
  expect(await (await page.request.get("/admin/files/out/prices.csv")).text()).toContain("TT1,web,,19.50");
});
