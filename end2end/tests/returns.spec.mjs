import { devices } from "@playwright/test";
import { expect, isAccessible, isLive, order, scan, signIn, test } from "../people.mjs";

test("an order comes back, is scanned in on a phone, and what is not of it stands out", async ({ page, somebodyElse }) => {
  const number = await order(page, { product: "Brass mug", pickup: "Leeds store, Leeds" });
  await isLive(page);
  const counter = await somebodyElse({ ...devices["Pixel 7"] });
  await signIn(counter, "store");
  await counter.waitForURL("**/store");
  await isLive(counter);
  const card = counter.locator(`[data-order="${number}"]`);
  for (const button of ["Start picking", "Picked and packed", "Ready for pickup"]) {
    await card.getByRole("button", { name: button, exact: true }).click();
    await expect(card.getByRole("button", { name: button, exact: true })).toHaveCount(0);
  }
  // Nothing of it is with the customer yet.
  const desk = await somebodyElse();
  await signIn(desk, "service", `/sign-in?next=/stock/returns/new?order=${number}`);
  await expect(desk.getByText("Nothing can come back")).toBeVisible();
  await card.getByLabel("Pickup code").fill(await page.getByTestId("pickup-code").innerText());
  await card.getByRole("button", { name: "Hand over" }).click();
  await expect(card).toHaveCount(0);

  await desk.goto(`/desk/orders/${number}`);
  await isLive(desk);
  await desk.getByRole("link", { name: "Take something back" }).click();
  await expect(desk.getByRole("heading", { name: "Take something back" })).toBeVisible();
  await desk.getByLabel("Where to").selectOption({ label: "Leeds store" });
  await desk.getByLabel("Why").selectOption({ label: "Does not fit" });
  await desk.getByRole("button", { name: "Agree to the return" }).click();
  await expect(desk.getByRole("alert")).toContainText("Say what comes back.");
  await isAccessible(desk);
  await desk.getByLabel("Brass mug").fill("1");
  await desk.getByRole("button", { name: "Agree to the return" }).click();
  await desk.waitForURL(/\/stock\/returns\/R-\d+$/);
  const back = new URL(desk.url()).pathname.split("/").pop();
  await isLive(desk);
  await isAccessible(desk);
  // Who agrees does not receive.
  await expect(desk.getByRole("button", { name: "Receive what is scanned" })).toHaveCount(0);

  await counter.goto("/stock/returns");
  await isLive(counter);
  await isAccessible(counter);
  await counter.getByRole("link", { name: back }).click();
  await expect(counter.getByRole("heading", { level: 1 })).toHaveText(back);
  await isLive(counter);
  await isAccessible(counter);
  const sku = await counter.getByRole("rowheader").first().getByRole("link").innerText();
  await scan(counter, counter.getByLabel("What has come"), [sku, "LI100"]);
  await counter.getByLabel("How it is").selectOption({ label: "As new: it can be sold again" });
  await counter.getByRole("button", { name: "Receive what is scanned" }).click();
  await expect(counter.getByRole("row", { name: /LI100/ })).toContainText("1 not of this order: set aside");
  await expect(counter.getByText("Received", { exact: true })).toBeVisible();
  await expect(counter.getByRole("button", { name: "Receive what is scanned" })).toHaveCount(0);
  // The desk sees it by itself; the customer's page tells it, too.
  await expect(desk.getByText("Received", { exact: true })).toBeVisible();
  await expect(page.getByText(`Return received (${back}).`)).toBeVisible();
  await counter.goto(`/stock/${sku}`);
  await expect(counter.getByRole("link", { name: back })).toBeVisible();
});
