import { devices } from "@playwright/test";
import { expect, isAccessible, isAlive, isLive, scan, signIn, test } from "../people.mjs";

test("a store counts by scanner without seeing the books, and an admin books what differs", async ({ page, somebodyElse }) => {
  const phone = await somebodyElse({ ...devices["Pixel 7"] });
  await signIn(phone, "store", "/sign-in?next=/stock/counts");
  await isLive(phone);
  await phone.getByRole("link", { name: "Begin a count" }).click();
  await expect(phone.getByLabel("Where")).toBeVisible();
  await isAlive(phone);
  await isAccessible(phone);
  await scan(phone, phone.getByLabel("What is counted"), ["LI110", "LI111", "NOTHING"]);
  await phone.getByRole("button", { name: "Begin" }).click();
  await expect(phone.getByRole("alert")).toContainText("There is no SKU or GTIN “NOTHING”.");
  await phone.getByLabel("What is counted").fill("LI110\nLI111");
  await phone.getByRole("button", { name: "Begin" }).click();
  await phone.waitForURL(/\/stock\/counts\/C-\d+$/);
  const number = new URL(phone.url()).pathname.split("/").pop();
  await isLive(phone);
  await isAccessible(phone);
  await expect(phone.getByRole("columnheader", { name: "Books" })).toHaveCount(0);
  await scan(phone, phone.getByLabel("What stands there"), ["LI110", "LI110", "LI110 640"]);
  await phone.getByRole("button", { name: "Save the count" }).click();
  // More than the books can have: there is a difference, whatever has been sold.
  await expect(phone.getByRole("row", { name: /^LI110/ })).toContainText("642");
  await expect(phone.getByLabel("What stands there")).toHaveValue("");
  await expect(phone.getByText("One SKU is not counted yet.")).toBeVisible();
  const width = await phone.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(width[0], "nothing runs over the edge of the phone").toBeLessThanOrEqual(width[1]);
  await phone.getByRole("button", { name: "Hand in" }).click();
  await expect(phone.locator("header").getByText("To be checked")).toBeVisible();

  await signIn(page, "admin", `/sign-in?next=/stock/counts/${number}`);
  await isLive(page);
  await isAccessible(page);
  await expect(page.getByRole("columnheader", { name: "Difference" })).toBeVisible();
  await page.getByRole("button", { name: "Count again: LI110" }).click();
  // The open page of the store changes by itself.
  await expect(phone.getByLabel("What stands there")).toBeVisible();
  await phone.getByLabel("What stands there").fill("LI110 643");
  await phone.getByRole("button", { name: "Save the count" }).click();
  await expect(phone.getByRole("row", { name: /^LI110/ })).toContainText("643");
  await phone.getByRole("button", { name: "Hand in" }).click();
  await page.getByRole("button", { name: "Book all" }).click();
  await expect(page.locator("header").getByText("Done")).toBeVisible();
  await page.getByRole("link", { name: "LI110" }).click();
  await expect(page.getByRole("row", { name: new RegExp(`Counted ${number}`) })).toBeVisible();
});

test("a broken thing is set aside and seen to be", async ({ page }) => {
  await signIn(page, "store", "/sign-in?next=/stock/LI112");
  await isAlive(page);
  await page.getByLabel("How many").fill("1");
  await page.getByLabel("What becomes of them").selectOption({ label: "Set aside as damaged" });
  await page.getByRole("button", { name: "Book it" }).click();
  await expect(page.getByText("Booked.")).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Damaged" })).toBeVisible();
  await expect(page.getByRole("row", { name: /Damaged \(damaged\)/ })).toBeVisible();
  await isAccessible(page);
});
