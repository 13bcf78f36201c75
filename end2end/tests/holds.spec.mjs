import { expect, isAccessible, isAlive, isLive, order, signIn, test, workOn } from "../people.mjs";

test("an order is held, nobody works on it, and it goes on once it is released", async ({ page, somebodyElse }) => {
  const number = await order(await somebodyElse());
  await signIn(page, "service", `/sign-in?next=/desk/orders/${number}`);
  await isLive(page);
  const place = (await page.getByRole("region", { name: "Fulfilment 1" }).getByRole("heading").innerText()).replace(/^1\. /, "");
  const holds = page.getByRole("region", { name: "Hold the order" });
  await holds.getByRole("button", { name: "Hold it" }).click();
  await expect(holds.getByText("Choose what it is held for.")).toBeVisible();
  await holds.getByLabel("What for").selectOption({ label: "Fraud" });
  await holds.getByRole("button", { name: "Hold it" }).click();
  await expect(holds.getByText("Say why it is held, in at most 200 characters on one line.").first()).toBeVisible();
  await expect(holds.getByLabel("What for")).toHaveValue("fraud");
  await isAccessible(page);
  await holds.getByLabel("Why").fill("Ten cards were tried");
  await holds.getByRole("button", { name: "Hold it" }).click();
  const held = page.getByRole("region", { name: "On hold" });
  await expect(held.getByText("Ten cards were tried, since ")).toBeVisible();
  await expect(page.locator("header").getByText("On hold")).toBeVisible();
  await expect(page.getByText("Held. Fraud: Ten cards were tried")).toBeVisible();
  await isAccessible(page);

  const worker = await somebodyElse();
  await signIn(worker, "admin");
  const card = await workOn(worker, place, number);
  await expect(card).toContainText("On hold: leave it as it is until customer service releases the order.");
  await expect(card.getByRole("button", { name: "Start picking" })).toHaveCount(0);
  await isAccessible(worker);

  // Held for something else besides: both have to be released.
  await held.getByLabel("What for").selectOption({ label: "Address" });
  await held.getByLabel("Why").fill("The street does not exist");
  await held.getByRole("button", { name: "Hold it" }).click();
  await held.getByRole("button", { name: "Release: Fraud" }).click();
  await expect(held.getByRole("button", { name: "Release: Fraud" })).toHaveCount(0);
  await expect(card.getByRole("button", { name: "Start picking" })).toHaveCount(0);
  await held.getByRole("button", { name: "Release: Address" }).click();
  await expect(held).toHaveCount(0);
  await isLive(worker);
  await card.getByRole("button", { name: "Start picking" }).click();
  await expect(card.getByRole("button", { name: "Picked and packed" })).toBeVisible();
  // The customer reads nothing of suspicions.
  await page.getByRole("link", { name: "See it as the customer" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText("Ten cards")).toHaveCount(0);
});
