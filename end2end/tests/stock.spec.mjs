import { expect, isLive, order, signIn, test } from "../people.mjs";

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
