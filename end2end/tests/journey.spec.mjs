import { expect, isAccessible, isLive, order, signIn, test, workOn } from "../people.mjs";

test("an order is placed, staff ship it, and the open tracking page changes by itself", async ({ page, somebodyElse }) => {
  const number = await order(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("We are getting it ready.");
  await isLive(page);
  await isAccessible(page);

  const desk = await somebodyElse();
  await signIn(desk, "admin", `/sign-in?next=/desk/orders/${number}`);
  const place = (await desk.getByRole("region", { name: "Fulfilment 1" }).getByRole("heading").innerText()).replace(/^1\. /, "");
  const card = await workOn(desk, place, number);
  for (const button of ["Start picking", "Picked and packed", "Ship"]) {
    await card.getByRole("button", { name: button, exact: true }).click();
    await expect(card.getByRole("button", { name: button, exact: true })).toHaveCount(0);
  }
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("On its way to Leeds.");
  await expect(page.getByTestId("tracking-number")).toHaveText(/^WB\d{9}GB$/);
});

test("an order is collected with its code", async ({ page, somebodyElse }) => {
  const number = await order(page, { product: "Brass mug", pickup: "Leeds store, Leeds" });
  await isLive(page);
  const counter = await somebodyElse({ viewport: { width: 390, height: 844 } });
  await signIn(counter, "store");
  await counter.waitForURL("**/store");
  await isLive(counter);
  const card = counter.locator(`[data-order="${number}"]`);
  for (const button of ["Start picking", "Picked and packed", "Ready for pickup"]) {
    await card.getByRole("button", { name: button, exact: true }).click();
    await expect(card.getByRole("button", { name: button, exact: true })).toHaveCount(0);
  }
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Ready for you at Leeds store.");
  const code = await page.getByTestId("pickup-code").innerText();
  await card.getByLabel("Pickup code").fill("wrong");
  const answered = counter.waitForResponse(/take_step/);
  await card.getByRole("button", { name: "Hand over" }).click();
  expect((await answered).status()).toBe(422);
  await expect(counter.getByRole("alert")).toContainText("This is not the pickup code");
  await card.getByLabel("Pickup code").fill(code);
  // What is typed stays when the board is read again, as it is whenever anything happens anywhere.
  const reread = counter.waitForResponse(/read_work/);
  await order(await somebodyElse(), { product: "Oak jug" });
  await reread;
  await expect(card.getByLabel("Pickup code")).toHaveValue(code);
  await card.getByRole("button", { name: "Hand over" }).click();
  await expect(card).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Collected at Leeds store.");
});

test("a customer cancels, and a declined card says so and keeps what was typed", async ({ page }) => {
  await order(page, { product: "Linen cushion" });
  await page.getByText("Cancel this order").click();
  await page.getByRole("button", { name: "Yes, cancel the whole order" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This order is cancelled.");

  await page.goto("/?search=Linen+cushion");
  await page.getByRole("link", { name: "Linen cushion" }).click();
  await page.getByRole("button", { name: "Put in basket" }).click();
  await page.waitForURL("**/basket");
  await page.goto("/checkout");
  await page.getByLabel("Name").fill("Wren Sampleton");
  await page.getByLabel("E-mail").fill("not an address");
  await page.getByRole("button", { name: "Place the order" }).click();
  await expect(page.getByText("Enter an e-mail address, such as name@example.com.")).toBeVisible();
  await expect(page.getByText("Enter the street and house number.")).toBeVisible();
  await expect(page.getByLabel("Name")).toHaveValue("Wren Sampleton");
  await isAccessible(page);
  await page.getByLabel("E-mail").fill("wren@example.com");
  await page.getByLabel("Street and number").fill("1 Example Street");
  await page.getByLabel("Town or city").fill("Leeds");
  await page.getByLabel("Postcode", { exact: true }).fill("LS1 4AP");
  await page.getByLabel("Pay with").selectOption({ label: "Card that is declined" });
  await page.getByRole("button", { name: "Place the order" }).click();
  await expect(page.getByRole("alert")).toContainText("Nothing was charged. Choose another way to pay.");
  await page.getByLabel("Pay with").selectOption({ label: "Card ending 4242" });
  await page.getByRole("button", { name: "Place the order" }).click();
  await page.waitForURL("**/track/o/**");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("We are getting it ready.");
});

test("eight tabs of the desk stay live", async ({ context, page, somebodyElse }) => {
  await signIn(page, "service", "/sign-in?next=/desk/orders");
  const tabs = [page];
  for (let n = 1; n < 8; n += 1) {
    const tab = await context.newPage();
    await tab.goto("/desk/orders");
    tabs.push(tab);
  }
  for (const tab of tabs) await isLive(tab);
  const number = await order(await somebodyElse(), { product: "Glass jug" });
  for (const tab of tabs) await expect(tab.getByRole("link", { name: number })).toBeVisible();
});

test("a store turns an order down, and it comes from elsewhere by itself", async ({ page, somebodyElse }) => {
  const number = await order(page, { product: "Oak mug" });
  const desk = await somebodyElse();
  await signIn(desk, "admin", `/sign-in?next=/desk/orders/${number}`);
  const parcels = desk.getByRole("region", { name: /^Fulfilment/ });
  const place = (await parcels.first().getByRole("heading").innerText()).replace(/^1\. /, "");
  const counter = await somebodyElse();
  await signIn(counter, "admin");
  const card = await workOn(counter, place, number);
  await card.getByText("Cannot do it").click();
  await card.getByLabel("Why").selectOption("too_busy");
  await isAccessible(counter);
  await card.getByRole("button", { name: "Turn it down" }).click();
  await expect(card).toHaveCount(0);
  // The desk sees it go elsewhere, and the customer is none the worse.
  await expect(desk.getByText(`Turned down in ${place} (too busy); another place is looked for.`)).toBeVisible();
  await expect(parcels).toHaveCount(2);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("We are getting it ready.");
});
