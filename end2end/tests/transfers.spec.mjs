import { devices } from "@playwright/test";
import { expect, isAccessible, isAlive, isLive, scan, signIn, test } from "../people.mjs";

test("a warehouse sends goods to a store, whose phone scans them in", async ({ page, somebodyElse }) => {
  await signIn(page, "warehouse", "/sign-in?next=/stock/transfers/new");
  await isAlive(page);
  await page.getByLabel("To", { exact: true }).selectOption({ label: "Leeds store" });
  const what = page.getByLabel("What goes");
  await scan(page, what, ["LI100", "LI100", "NOTHING"]);
  await isAccessible(page);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("There is no SKU or GTIN “NOTHING”.");
  await expect(what).toHaveValue("LI100\nLI100\nNOTHING\n");
  await what.fill("LI100 3\nLI101 2");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.waitForURL(/\/stock\/transfers\/T-\d+$/);
  const number = new URL(page.url()).pathname.split("/").pop();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(number);
  await isLive(page);
  await isAccessible(page);
  // Whoever sent it does not receive it.
  await expect(page.getByRole("button", { name: "Receive what is scanned" })).toHaveCount(0);

  const phone = await somebodyElse({ ...devices["Pixel 7"] });
  await signIn(phone, "store", "/sign-in?next=/stock/transfers");
  await phone.getByRole("link", { name: number }).click();
  await isLive(phone);
  await isAccessible(phone);
  await scan(phone, phone.getByLabel("What has come"), ["LI100", "LI100", "LI102"]);
  await phone.getByRole("button", { name: "Receive what is scanned" }).click();
  await expect(phone.getByRole("row", { name: /^LI102/ })).toContainText("Not sent, but came");
  // What was received is not lying there to be received again.
  await expect(phone.getByLabel("What has come")).toHaveValue("");
  await expect(phone.getByRole("row", { name: /^LI100/ })).toContainText("On its way");
  // The open page of the sender changes by itself.
  await expect(page.getByRole("row", { name: /^LI100/ }).getByRole("cell").nth(1)).toHaveText("2");
  const width = await phone.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(width[0], "nothing runs over the edge of the phone").toBeLessThanOrEqual(width[1]);
  await phone.getByRole("button", { name: "Everything has come" }).click();
  await expect(phone.locator("header").getByText("Received")).toBeVisible();
  await expect(phone.getByRole("button", { name: "Everything has come" })).toHaveCount(0);
});
