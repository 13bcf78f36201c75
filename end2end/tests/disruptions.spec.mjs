import { draftOfNearest, expect, isAccessible, isAlive, isLive, order, signIn, test } from "../people.mjs";

/** The place that an order's newest parcel comes from. */
const placeOf = async (page, number) => {
  await page.goto(`/desk/orders/${number}`);
  const headings = page.getByRole("heading", { level: 2, name: /^\d+\. / });
  await expect(headings.first()).toBeVisible();
  return (await headings.last().innerText()).replace(/^\d+\. /, "");
};

test("a closed location's orders are looked at, planned anew, and brought back", async ({ page, somebodyElse }) => {
  const number = await order(await somebodyElse());
  await signIn(page, "admin", "/sign-in?next=/routing");
  const place = await placeOf(page, number);
  await page.goto("/routing");
  await isAlive(page);
  await page.getByRole("link", { name: "Disruption desk" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Disruption desk");
  await expect(page.getByText("Nothing is out of order.")).toBeVisible();
  await isAccessible(page);
  // What is left out is told at its field, and what was typed stays.
  await page.getByLabel("Which location is closed").selectOption({ label: place });
  await page.getByRole("button", { name: "Look at what it does" }).click();
  await expect(page.getByText("Say what has happened", { exact: false }).first()).toBeVisible();
  await page.getByLabel("What has happened").fill("A burst pipe");
  await page.getByRole("button", { name: "Look at what it does" }).click();
  await expect(page.getByRole("heading", { name: `If ${place} is out of order` })).toBeVisible();
  const row = page.getByRole("row").filter({ hasText: number });
  await expect(row).toContainText(/Sent otherwise|Stays/);
  const said = await row.innerText();
  await isAccessible(page);
  await page.getByRole("button", { name: "Do it now" }).click();
  await page.waitForURL("**/routing/disruptions/*");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(place);
  await expect(page.getByText("To be looked at")).toHaveCount(0, { timeout: 30_000 });
  await isAccessible(page);
  // What was said is what has happened.
  expect(await row.innerText()).toBe(said);
  expect((await placeOf(page, number)) === place).toBe(said.includes("Stays"));
  await page.goto("/routing/disruptions");
  await isAlive(page);
  await page.getByRole("link", { name: place }).first().click();
  await page.getByRole("button", { name: "End it now" }).click();
  await expect(page.getByText("In order again").first()).toBeVisible();
  if (said.includes("Sent otherwise")) {
    await expect(row).toContainText("Brought back");
    expect(await placeOf(page, number)).toBe(place);
  }
  await page.goto("/routing/disruptions");
  await expect(page.getByText("Nothing is out of order.")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "A burst pipe" }).first()).toContainText("ended");
});

for (const kind of ["service", "sku"]) {
  test(`orders that count on a ${kind} that is out of order are planned anew, and it is undone`, async ({ page, somebodyElse }) => {
    const number = await order(await somebodyElse());
    await signIn(page, "admin", `/sign-in?next=/desk/orders/${number}`);
    const place = await placeOf(page, number);
    const sku = await page.getByRole("table").first().locator("td .code").first().innerText();
    await page.goto(`/routing/disruptions?kind=${kind}`);
    await isAlive(page);
    await page.getByRole("button", { name: "Look at what it does" }).click();
    await expect(page.getByText("Say what has happened", { exact: false }).first()).toBeVisible();
    await isAccessible(page);
    if (kind === "service") await page.getByLabel("Which service takes nothing").selectOption({ label: "Two-day parcel" });
    else {
      await page.getByLabel("SKU", { exact: true }).fill(sku);
      await page.getByLabel("Where its stock is wrong").selectOption({ label: place });
    }
    await page.getByLabel("What has happened").fill(`The ${kind} is out of order`);
    await page.getByRole("button", { name: "Look at what it does" }).click();
    await expect(page.getByRole("heading", { name: /^If .* is out of order$/ })).toBeVisible({ timeout: 30_000 });
    await page.getByRole("button", { name: "Do it now" }).click();
    await page.waitForURL("**/routing/disruptions/*");
    const desk = page.url();
    await expect(page.getByText("To be looked at")).toHaveCount(0, { timeout: 60_000 });
    await isAccessible(page);
    const anew = page.getByText("Planned anew", { exact: false });
    await page.goto(`/desk/orders/${number}`);
    await isLive(page);
    await expect(anew.first()).toBeVisible();
    const before = await anew.count();
    await page.goto(desk);
    await isAlive(page);
    await page.getByRole("button", { name: "End it now" }).click();
    await expect(page.getByText("In order again").first()).toBeVisible();
    await page.goto(`/desk/orders/${number}`);
    await isLive(page);
    // Asked again and again: what happens while a page is being opened is not told to it. Whatever it was, all of it is somebody's work again.
    const asked = async () => {
      await page.reload();
      const lines = page.getByRole("table").first();
      await expect(lines).toBeVisible();
      return { isBack: kind === "sku" || (await anew.count()) > before, waits: /waits|nobody has it/.test(await lines.innerText()) };
    };
    await expect.poll(asked, { timeout: 30_000 }).toEqual({ isBack: true, waits: false });
    await expect.poll(() => placeOf(page, number), { timeout: 30_000 }).toBe(place);
  });
}

test("several places are asked, and the first that takes an order sends it", async ({ page, somebodyElse }) => {
  await draftOfNearest(page);
  await page.getByRole("button", { name: "Edit: One parcel from the nearest" }).click();
  await page.getByRole("button", { name: "If everything is found: do something besides" }).click();
  await page.getByLabel("If everything is found, besides 1", { exact: true }).selectOption({ label: "offer it first" });
  // What is not filled in is told.
  await expect(page.getByText("Give a whole number from 2 to 20.").first()).toBeVisible();
  await page.getByLabel("If everything is found, besides 1: locations").fill("20");
  await page.getByLabel("If everything is found, besides 1: minutes").fill("30");
  await page.getByLabel("Why it is there").focus();
  await expect(page.getByText(/offer it to the 20 best that have it, for 30 minutes; the first that takes it sends it/).first()).toBeVisible();
  await isAccessible(page);
  await page.getByRole("button", { name: "Save the draft" }).click();
  await expect(page.getByRole("status").filter({ hasText: /^Saved$/ })).toBeVisible();
  await page.getByRole("button", { name: "Publish" }).click();
  await page.waitForURL("**/routing/versions/**");
  await isAlive(page);
  await page.getByRole("button", { name: "Put it in force" }).click();
  await expect(page.getByText("In force", { exact: true }).first()).toBeVisible();
  const version = (await page.getByRole("heading", { level: 1 }).innerText()).match(/version (\d+)/)[1];

  const number = await order(await somebodyElse());
  const warehouse = await somebodyElse();
  await signIn(warehouse, "warehouse", "/sign-in?next=/warehouse");
  const offer = warehouse.locator(`[data-offer="${number}"]`);
  await expect(offer).toContainText("other places are asked, too");
  await isAccessible(warehouse);
  const store = await somebodyElse();
  await signIn(store, "store", "/sign-in?next=/store");
  await isAlive(store);
  await store.getByRole("button", { name: `Not us: ${number}` }).click();
  await expect(store.locator(`[data-offer="${number}"]`)).toHaveCount(0);
  await isAlive(warehouse);
  await warehouse.getByRole("button", { name: `We take it: ${number}` }).click();
  await expect(warehouse.getByText("Taken. It is in the list now, to be picked.")).toBeVisible();
  await expect(offer).toHaveCount(0);
  expect(await placeOf(page, number)).toBe("Northampton warehouse");
  await expect(page.getByText("another place has taken it").first()).toBeVisible();
  await page.goto("/routing");
  await isAlive(page);
  await page.getByRole("button", { name: `Roll back: Nearest first, version ${version}` }).click();
  await expect(page.getByRole("button", { name: `Roll back: Nearest first, version ${version}` })).toHaveCount(0);
});
