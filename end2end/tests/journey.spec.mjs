import { book, expect, isAccessible, isAlive, isLive, order, putInForce, rollBack, signIn, stockOf, test, workOn } from "../people.mjs";

test("an order is placed, staff ship it, and the open tracking page changes by itself", async ({ page, somebodyElse }) => {
  const number = await order(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("We are getting it ready.");
  await isLive(page);
  await isAccessible(page);

  const desk = await somebodyElse();
  await signIn(desk, "admin", `/sign-in?next=/desk/orders/${number}`);
  const place = (await desk.getByRole("region", { name: "Fulfilment 1" }).getByRole("heading").innerText()).replace(/^1\. /, "");
  await expect(page.getByText(`It comes from ${place}.`)).toBeVisible();
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

test("what the store lacks is brought to it, and handed over there", async ({ page, somebodyElse }) => {
  // The store has none of it; a warehouse does.
  await signIn(page, "admin");
  await stockOf(page, "linen cushion");
  await book(page, "Northampton warehouse", 50, "Received");
  const cells = await page.getByRole("row", { name: /^Leeds store/ }).getByRole("cell").allInnerTexts();
  const free = Number(cells[1]) - Number(cells[2]);
  if (free > 0) await book(page, "Leeds store", -free, "Damaged");

  await page.goto("/routing");
  await isAlive(page);
  await page.getByRole("link", { name: "Nearest first, version 1" }).first().click();
  await page.getByRole("button", { name: "Begin a draft from it" }).click();
  await page.waitForURL("**/routing/drafts/**");
  await isAlive(page);
  await page.getByRole("button", { name: "Edit: Collect where the customer chose" }).click();
  for (const outcome of ["If a part is found", "If nothing is found"]) {
    await page.getByLabel(outcome, { exact: true }).selectOption({ label: "bring it to the store" });
  }
  await expect(page.getByText(/; else bring the rest to the store from elsewhere/).first()).toBeVisible();
  await isAccessible(page);
  const version = await putInForce(page);

  const customer = await somebodyElse();
  const number = await order(customer, { product: "Linen cushion", pickup: "Leeds store, Leeds" });
  await expect(customer.getByText(/Leeds store did not have everything, so it is brought there from /)).toBeVisible();
  await isAccessible(customer);
  await page.goto(`/desk/orders/${number}`);
  const heading = await page.getByRole("region", { name: "Fulfilment 1" }).getByRole("heading").innerText();
  const place = heading.match(/^1\. (.*) to Leeds store$/)[1];
  const sender = await somebodyElse();
  await signIn(sender, "admin");
  const card = await workOn(sender, place, number);
  await expect(card).toContainText("To Leeds store, where Wren Sampleton collects");
  await card.getByText("Why is it here?").click();
  await expect(card).toContainText("The rule “Collect where the customer chose” sent it here.");
  for (const button of ["Start picking", "Picked and packed", "Send to the store"]) {
    await card.getByRole("button", { name: button, exact: true }).click();
    await expect(card.getByRole("button", { name: button, exact: true })).toHaveCount(0);
  }
  await expect(card).toHaveCount(0);
  await expect(customer.getByRole("heading", { level: 1 })).toHaveText("On its way to Leeds store.");

  const counter = await somebodyElse({ viewport: { width: 390, height: 844 } });
  await signIn(counter, "store");
  await counter.waitForURL("**/store");
  await isLive(counter);
  await counter.getByRole("link", { name: /^Coming to us/ }).click();
  await counter.waitForURL("**state=shipped**");
  await isLive(counter);
  await isAccessible(counter);
  const coming = counter.locator(`[data-order="${number}"]`);
  await expect(coming).toContainText(`From ${place}; Wren Sampleton collects`);
  await coming.getByRole("button", { name: "It has come", exact: true }).click();
  await expect(coming).toHaveCount(0);
  await expect(customer.getByRole("heading", { level: 1 })).toHaveText("Ready for you at Leeds store.");
  const code = await customer.getByTestId("pickup-code").innerText();
  await counter.goto("/store");
  await isLive(counter);
  await coming.getByLabel("Pickup code").fill(code);
  await coming.getByRole("button", { name: "Hand over" }).click();
  await expect(coming).toHaveCount(0);
  await expect(customer.getByRole("heading", { level: 1 })).toHaveText("Collected at Leeds store.");
  await rollBack(page, version);
});

test("what is missing is asked about, and something else is sent in its place", async ({ page, somebodyElse }) => {
  // The jar is left once, in one place; the bread bin may be sent in its place.
  await signIn(page, "admin");
  const other = await stockOf(page, "felt bread bin");
  await book(page, "Northampton warehouse", 5, "Received");
  const code = await stockOf(page, "felt storage jar");
  await book(page, "Northampton warehouse", 1, "Received");
  const rows = page.getByRole("row").filter({ has: page.getByRole("rowheader") });
  const free = await rows.evaluateAll((all) => all.map((row) => [row.querySelector("th").innerText.split("\n")[0], ...[...row.querySelectorAll("td")].map((cell) => Number(cell.innerText.replaceAll(",", "")))]));
  for (const [place, ...cells] of free.filter(([place]) => !/^Everywhere/.test(place))) {
    const left = cells[1] - cells[2] - (place === "Northampton warehouse" ? 1 : 0);
    if (left > 0) await book(page, place, -left, "Damaged");
  }
  await page.goto("/catalog");
  await page.getByLabel("Find").fill("felt storage jar");
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("link", { name: "Felt storage jar" }).click();
  await isAlive(page);
  await page.getByText("What it is", { exact: true }).click();
  const named = page.locator("details").filter({ has: page.getByRole("button", { name: `Save ${code}` }) }).getByLabel("Substitutes");
  await named.fill("NO-SUCH");
  await page.getByRole("button", { name: `Save ${code}` }).click();
  await expect(page.getByText("There is no SKU NO-SUCH. Write the codes of SKUs.").first()).toBeVisible();
  await named.fill(other);
  await page.getByRole("button", { name: `Save ${code}` }).click();
  await expect(page.getByText("There is no SKU NO-SUCH. Write the codes of SKUs.")).toHaveCount(0);

  await page.goto("/routing");
  await isAlive(page);
  await page.getByRole("link", { name: "Nearest first, version 1" }).first().click();
  await page.getByRole("button", { name: "Begin a draft from it" }).click();
  await page.waitForURL("**/routing/drafts/**");
  await isAlive(page);
  await page.getByRole("button", { name: "Edit: One parcel from the nearest" }).click();
  for (const outcome of ["If a part is found", "If nothing is found"]) {
    await page.getByLabel(outcome, { exact: true }).selectOption({ label: "ask the customer" });
  }
  await expect(page.getByText(/ask the customer whether to wait for the rest or to have a substitute/).first()).toBeVisible();
  const version = await putInForce(page);

  const customer = await somebodyElse();
  const number = await order(customer, { product: "Felt storage jar" });
  const worker = await somebodyElse();
  await signIn(worker, "admin");
  const card = await workOn(worker, "Northampton warehouse", number);
  await card.getByText("Cannot do it").click();
  await card.getByLabel("Why").selectOption("not_in_stock");
  await card.getByRole("button", { name: "Turn it down" }).click();
  await expect(customer.getByRole("heading", { name: "Shall we wait for it?" })).toBeVisible();
  await expect(customer.getByRole("heading", { level: 1 })).toHaveText("We have a question about your order.");
  await expect(customer.getByText("1 × Felt storage jar, or 1 × Felt bread bin instead")).toBeVisible();
  await isAccessible(customer);
  await page.goto(`/desk/orders/${number}`);
  await isLive(page);
  await expect(page.getByText("1 × Felt storage jar, or 1 × Felt bread bin instead")).toBeVisible();
  await customer.getByRole("button", { name: "Send the other instead" }).click();
  await expect(customer.getByRole("heading", { name: "Shall we wait for it?" })).toHaveCount(0);
  await expect(customer.getByRole("cell", { name: "Felt bread bin instead of Felt storage jar" })).toBeVisible();
  await expect(page.getByText("instead of Felt storage jar").first()).toBeVisible();
  await isAccessible(page);
  await rollBack(page, version);
});
