import { devices } from "@playwright/test";
import { deliverTo, expect, isAccessible, isAlive, isLive, order, signIn, test, workOn } from "../people.mjs";

test("what the product page says comes true", async ({ page, somebodyElse }) => {
  await page.goto("/?search=Oak+jug");
  await page.getByRole("link", { name: "Oak jug" }).first().click();
  const options = page.getByRole("region", { name: "Delivery and collection" });
  await expect(options).toContainText("To United Kingdom");
  await expect(options.locator("[data-delivery=standard]")).toContainText("Get it");
  await isAccessible(page);
  // A postcode that is none is told, and nothing is lost.
  await page.getByText("Change", { exact: true }).click();
  await page.getByLabel("Its postcode").fill("nowhere");
  await page.getByRole("button", { name: "Show dates" }).click();
  await expect(page.locator("#place-postcode-error")).toContainText("This is no postcode of United Kingdom.");
  await page.goto(page.url());
  await deliverTo(page, "LS1 4AP");
  const inDays = (days) => new Date(Date.now() + days * 24 * 3600 * 1000).toISOString().slice(0, 10);
  const desk = await somebodyElse();
  await signIn(desk, "admin", `/sign-in?next=/desk/orders`);
  await expect(desk.getByRole("heading", { level: 1 })).toHaveText("Orders");
  const kept = async () => {
    await desk.goto(`/desk/promises/kept?from=${inDays(-7)}&until=${inDays(14)}`);
    return (await desk.getByText(/^\d+ of \d+$/).first().innerText()).split(" of ").map(Number);
  };
  const before = await kept();
  const express = await options.locator("[data-delivery=express]").innerText();
  const day = express.match(/Get it (?:today|tomorrow, )?([A-Z][a-z]{2} \d+ [A-Z][a-z]{2})?/)[1];
  await page.getByRole("button", { name: "Put in basket" }).click();
  await page.waitForURL("**/basket");
  await expect(page.getByRole("region", { name: "Delivery and collection" })).toContainText("To LS1 4AP");
  await isAccessible(page);
  await page.getByRole("link", { name: "Check out" }).click();
  await page.waitForURL("**/checkout");
  await expect(page.getByLabel("Postcode", { exact: true })).toHaveValue("LS1 4AP");
  await isAccessible(page);
  await page.getByLabel("Express delivery").check();
  await page.getByLabel("Name").fill("Wren Sampleton");
  await page.getByLabel("E-mail").fill("wren@example.com");
  await page.getByLabel("Street and number").fill("1 Example Street");
  await page.getByLabel("Town or city").fill("Leeds");
  await page.getByRole("button", { name: "Place the order" }).click();
  await page.waitForURL("**/track/o/**");
  // Today or tomorrow are said without a day on the one, with it on the other.
  await expect(page.getByTestId("promised")).toContainText(day ?? new Date().toLocaleDateString("en-GB", { day: "numeric", month: "short" }));
  await expect(page.getByText("Express delivery")).toBeVisible();
  await isAccessible(page);
  const number = await page.locator("header .code").first().innerText();

  // It is sent and delivered, the customer is told each time, and the report knows that it was kept.
  await desk.goto(`/desk/orders/${number}`);
  await expect(desk.getByText(/^promised for/)).toBeVisible();
  const place = (await desk.getByRole("region", { name: "Fulfilment 1" }).getByRole("heading").innerText()).replace(/^1\. /, "");
  const card = await workOn(desk, place, number);
  await expect(card).toContainText("In time until");
  for (const button of ["Start picking", "Picked and packed", "Ship"]) {
    await card.getByRole("button", { name: button, exact: true }).click();
    await expect(card.getByRole("button", { name: button, exact: true })).toHaveCount(0);
  }
  await desk.goto(`/desk/orders/${number}`);
  await isAlive(desk);
  await desk.getByRole("button", { name: "It was delivered" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Delivered.");
  const told = desk.getByRole("heading", { name: "What the customer was told" }).locator("..");
  for (const words of ["Order confirmed", "On its way", "Delivered"]) await expect(told).toContainText(words);
  await isAccessible(desk);
  await told.getByRole("link", { name: "Order confirmed" }).click();
  await expect(desk.getByTestId("body")).toContainText(`thank you for your order ${number}`);
  await expect(desk.getByTestId("body")).toContainText("/track/o/");
  await isAccessible(desk);
  await desk.goto("/desk/messages?state=kept");
  await expect(desk.getByRole("heading", { level: 1 })).toHaveText("Messages to customers");
  await isAccessible(desk);
  // The day that it was promised for is still to come.
  expect(await kept()).toEqual(before.map((n) => n + 1));
  await expect(desk.getByRole("heading", { name: "By location" })).toBeVisible();
  await expect(desk.getByRole("rowheader", { name: place }).first()).toBeVisible();
  await isAccessible(desk);
});

test("an order in danger is sent from elsewhere, one that cannot be saved is told", async ({ page, somebodyElse }) => {
  // Promises are looked at every ten seconds.
  test.setTimeout(150_000);
  const admin = await somebodyElse();
  await signIn(admin, "admin", "/sign-in?next=/desk/promises");
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Promises");
  await isAccessible(admin);

  // The place that was to send it closes: another takes it over, and the customer need not know.
  const sent = await order(page, { product: "Oak jug" });
  const before = await page.getByTestId("promised").innerText();
  await admin.goto(`/desk/orders/${sent}`);
  const place = (await admin.getByRole("region", { name: "Fulfilment 1" }).getByRole("heading").innerText()).replace(/^1\. /, "");
  const close = async (name) => {
    await admin.goto("/admin/locations");
    await admin.getByRole("link", { name }).click();
    await expect(admin.getByRole("heading", { level: 1 })).toHaveText(name);
    await isAlive(admin);
    await admin.getByText("Close it for a while").click();
    await admin.getByLabel("Why").fill("Burst pipe");
    await admin.getByLabel("Opens again").fill(new Date(Date.now() + 14 * 24 * 3600 * 1000).toISOString().slice(0, 16));
    await admin.getByRole("button", { name: "Close it", exact: true }).click();
    await expect(admin.getByText("Closed: Burst pipe")).toBeVisible();
    return admin.url();
  };
  const reopen = async (url) => {
    await admin.goto(url);
    await isAlive(admin);
    await admin.getByRole("button", { name: "Withdraw" }).click();
    await expect(admin.getByText("Closure withdrawn").first()).toBeVisible();
  };
  const closed = await close(place);
  await admin.goto(`/desk/orders/${sent}`);
  await expect(admin.getByText(/^Taken over in /)).toBeVisible({ timeout: 30_000 });
  await expect(admin.getByRole("region", { name: "Fulfilment 2" })).toBeVisible();
  await page.reload();
  await expect(page.getByTestId("promised")).toHaveText(before);
  await reopen(closed);

  // A store that customers collect from cannot be replaced: it is in danger for all to see, then late, and told.
  const collected = await order(await somebodyElse(), { product: "Glass mug", pickup: "Bristol store, Bristol" });
  await admin.goto("/admin/locations");
  await admin.getByRole("link", { name: "Bristol store" }).click();
  await isAlive(admin);
  const usual = await admin.getByLabel("Handling time, minutes").inputValue();
  await admin.getByLabel("Handling time, minutes").fill("10000");
  await admin.getByRole("button", { name: "Change it" }).click();
  await expect(admin.getByText("Changed.", { exact: true })).toBeVisible();
  await admin.goto("/desk/promises");
  const alert = admin.locator(`[data-alert="${collected}"]`);
  await expect(alert).toContainText("Nobody has begun to pick it.", { timeout: 30_000 });
  await expect(alert).toContainText("Bristol store");
  await isAccessible(admin);
  const bristol = await close("Bristol store");
  await expect(async () => {
    await admin.goto(`/desk/messages?order=${collected}`);
    await expect(admin.getByRole("link", { name: `A new date for your order ${collected}` })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  const customer = await somebodyElse();
  await customer.goto("/track");
  await customer.getByLabel("Order number").fill(collected);
  await customer.getByLabel("E-mail, postcode or phone").fill("wren@example.com");
  await customer.getByRole("button", { name: "Show my order" }).click();
  await expect(customer.getByText(/That is later than the .* that we told you first\. We are sorry\./)).toBeVisible();
  await isAccessible(customer);
  await reopen(bristol);
  await admin.getByLabel("Handling time, minutes").fill(usual);
  await admin.getByRole("button", { name: "Change it" }).click();
  await expect(admin.getByText("Changed.", { exact: true })).toBeVisible();
});

test("an order is taken by phone with its dates told", async ({ page }) => {
  await signIn(page, "service", "/sign-in?next=/desk/orders/new");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Take an order by phone");
  await isAlive(page);
  await isAccessible(page);
  await page.getByRole("button", { name: "Show prices and dates" }).click();
  await expect(page.getByRole("alert")).toContainText("Write at least one SKU.");
  await page.getByLabel("SKU of thing 1").fill("WS-M");
  await page.getByLabel("Quantity of thing 1").fill("1");
  await page.getByLabel("E-mail").fill("wren@example.com");
  await page.getByLabel("Street and number").fill("1 Example Street");
  await page.getByLabel("Town or city").fill("Leeds");
  await page.getByLabel("Postcode").fill("LS1 4AP");
  await page.getByRole("button", { name: "Show prices and dates" }).click();
  const told = page.getByRole("region", { name: "How it can be had" });
  await expect(told).toContainText("Wool slippers");
  await expect(told).toContainText("Waybill Parcel, Next day:");
  await isAccessible(page);
  const evening = told.getByRole("radio", { name: /^Evening delivery/ });
  await evening.check();
  const time = (await told.getByLabel("Time of Evening delivery").locator("option").allInnerTexts())[1];
  await told.getByLabel("Time of Evening delivery").selectOption({ label: time });
  // What is missing is told, and what was chosen stays.
  await page.getByRole("button", { name: "Place the order" }).click();
  await expect(page.getByRole("alert")).toContainText("name");
  await expect(evening).toBeChecked();
  await page.getByLabel("Name").fill("Wren Sampleton");
  // Three pairs cost more than what was told.
  await page.getByLabel("Quantity of thing 1").fill("3");
  await page.getByRole("button", { name: "Place the order" }).click();
  await expect(page.getByRole("alert")).toContainText("comes to £80.95");
  await page.getByRole("button", { name: "Show prices and dates" }).click();
  await expect(told).toContainText("3 × Wool slippers");
  await expect(evening).toBeChecked();
  // A card that is declined leaves the form as it is, to try another.
  await page.getByLabel("Pay with").selectOption("tok_declined");
  await page.getByRole("button", { name: "Place the order" }).click();
  await expect(page.getByRole("alert")).toContainText("Choose another way to pay.");
  await page.getByLabel("Pay with").selectOption("tok_ok");
  await page.getByRole("button", { name: "Place the order" }).click();
  await page.waitForURL(/\/desk\/orders\/W-?/);
  const [from, until] = time.match(/\d\d:\d\d/g);
  await expect(page.getByText(/^promised for/)).toContainText(`${from} to ${until}`);
  await expect(page.getByText("Evening delivery").first()).toBeVisible();
  await expect(page.getByText("£80.95").first()).toBeVisible();
});

test("a carrier, its zones and its prices are set in the browser, tried, and taken back", async ({ page }) => {
  await signIn(page, "admin", "/sign-in?next=/admin/delivery");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Delivery");
  await isAccessible(page);
  await page.getByRole("link", { name: "Express delivery", exact: true }).last().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Express delivery");
  await isAlive(page);
  await isAccessible(page);
  // Wrong input says what to do, and what was typed stays.
  const price = page.getByLabel("Price, row 1 of prices");
  await price.fill("dear");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("“dear” is not an amount");
  await expect(page.getByText("Row 1: “dear” is not an amount")).toBeVisible();
  await expect(price).toHaveAttribute("aria-invalid", "true");
  await expect(price).toHaveValue("dear");
  // Looking ahead changes nothing.
  await price.fill("8.95");
  await page.getByRole("button", { name: "Look at the change" }).click();
  await expect(page.getByRole("region", { name: "What it does" })).toContainText("£6.95 → £8.95");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.goto("/admin/delivery/try");
  await isAlive(page);
  await page.getByLabel("From", { exact: true }).selectOption({ label: "Leeds store (Leeds)" });
  await page.getByLabel("Postcode").fill("M1 1AE");
  await page.getByLabel("Weight, kg").fill("1.2");
  await page.getByRole("button", { name: "What does it cost" }).click();
  await expect(page.getByRole("row", { name: /^Express delivery/ })).toContainText("£8.95");
  await expect(page.locator("[data-service=next-day]")).toContainText("collected");
  await isAccessible(page);
  await page.getByLabel("To", { exact: true }).selectOption("ES");
  await page.getByLabel("Postcode").fill("28001");
  await page.getByLabel("Weight, kg").fill("2.3");
  await page.getByRole("button", { name: "What does it cost" }).click();
  await expect(page.locator("[data-service=next-day]")).toContainText("The location has no carrier that goes there.");
  await expect(page.locator("[data-service=two-day]")).toContainText("zone europe, charged as 2.300 kg");
  await page.goto("/admin/delivery/rate_card/express");
  await isAlive(page);
  await page.getByRole("button", { name: "Undo the last change" }).click();
  await expect(page.getByLabel("Price, row 1 of prices")).toHaveValue("6.95");

  // A service of its own: made, and ended.
  await page.goto("/admin/delivery/service/new");
  await isAlive(page);
  await page.getByLabel("Code").fill("evening");
  await page.getByLabel("Name").fill("Evening");
  await page.getByLabel("Carrier").fill("Waybill Parcel");
  await page.getByLabel("Zones").selectOption("parcel");
  await page.getByLabel("Zone, row 1 of how long it takes").fill("mainland");
  await page.getByLabel("Days, row 1 of how long it takes").fill("0");
  await page.getByLabel("Weekdays, row 1 of when it collects").fill("1-6");
  await page.getByLabel("At, row 1 of when it collects").fill("15:00");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL("**/admin/delivery/service/evening");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Evening");
  await isAlive(page);
  await page.getByText("End it", { exact: true }).click();
  await page.getByRole("button", { name: "Yes, end it" }).click();
  await page.waitForURL("**/admin/delivery");
  await expect(page.getByRole("link", { name: "Evening", exact: true })).toHaveCount(0);
});

test("an evening is kept for one buyer and lost to another", async ({ page, somebodyElse }) => {
  const admin = await somebodyElse();
  await signIn(admin, "admin", "/sign-in?next=/admin/delivery/slots/evenings");
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Evenings");
  await isAlive(admin);
  await isAccessible(admin);
  const room = admin.getByLabel("So many fit in, row 1 of windows");
  await room.fill("none");
  await admin.getByRole("button", { name: "Save" }).click();
  await expect(admin.getByRole("alert")).toContainText("Write a whole number.");
  await room.fill("1");
  await admin.getByRole("button", { name: "Save" }).click();
  await expect(admin.getByText("Saved.")).toBeVisible();

  const toCheckout = async (buyer) => {
    await buyer.goto("/?search=Oak+jug");
    await buyer.getByRole("link", { name: "Oak jug" }).first().click();
    await buyer.getByRole("button", { name: "Put in basket" }).click();
    await buyer.waitForURL("**/basket");
    await buyer.goto("/checkout");
    await deliverTo(buyer, "LS1 4AP");
    return buyer.getByRole("region", { name: "Evening delivery: when" });
  };
  const slow = await somebodyElse();
  const [mine, theirs] = [await toCheckout(page), await toCheckout(slow)];
  const last = (await mine.locator("option").allInnerTexts()).find((words) => words.includes("17:00 to 19:00 (1 left)"));
  const words = last.replace(" (1 left)", "");

  // Nothing was chosen yet: it says so, and what was typed stays.
  const fill = async (buyer) => {
    await buyer.getByLabel("Name").fill("Wren Sampleton");
    await buyer.getByLabel("E-mail").fill("wren@example.com");
    await buyer.getByLabel("Street and number").fill("1 Example Street");
    await buyer.getByLabel("Town or city").fill("Leeds");
    await buyer.getByRole("radio", { name: /^Evening delivery: / }).check();
  };
  await fill(page);
  await page.getByRole("button", { name: "Place the order" }).click();
  await expect(page.getByRole("alert")).toContainText("Choose a time first.");
  await mine.getByLabel("Time").selectOption({ label: last });
  await mine.getByRole("button", { name: "Keep this time" }).click();
  await expect(mine.getByRole("status")).toContainText(`${words} is kept for you for 15 minutes.`);
  await expect(page.getByLabel("Street and number")).toHaveValue("1 Example Street");
  await expect(page.getByRole("radio", { name: `Evening delivery: ${words}` })).toBeChecked();
  await isAccessible(page);

  // Whoever is slower is told, sees what is left, and takes another.
  await theirs.getByLabel("Time").selectOption({ label: last });
  await theirs.getByRole("button", { name: "Keep this time" }).click();
  await expect(slow.getByRole("alert")).toContainText("Somebody was faster: this time is taken. Choose another.");
  expect(await theirs.locator("option").allInnerTexts()).not.toContain(last);
  await isAccessible(slow);
  await theirs.getByRole("button", { name: "Keep this time" }).click();
  await expect(theirs.getByRole("status")).toContainText("is kept for you");

  await page.getByRole("button", { name: "Place the order" }).click();
  await page.waitForURL("**/track/o/**");
  await expect(page.getByTestId("promised")).toContainText("between 17:00 and 19:00");
  await admin.getByRole("button", { name: "Undo the last change" }).click();
  await expect(admin.getByText("room for 1 → room for 12").first()).toBeVisible();
  await expect(room).toHaveValue("12");
});

test("a service is booked with what it is for, moved, and done", async ({ page, somebodyElse }) => {
  await page.goto("/p/lamp-installation");
  await expect(page.getByText("Done at your address")).toBeVisible();
  await expect(page.locator("[data-appointment]")).toContainText("At a time you choose, the first");
  await isAccessible(page);
  await page.getByRole("button", { name: "Put in basket" }).click();
  await page.waitForURL("**/basket");
  // Alone it is not sent.
  await expect(page.getByText("£49.00")).toHaveCount(3);
  await expect(page.getByText("cannot be sent")).toHaveCount(0);
  await page.goto("/p/lamp-installation");
  await page.getByRole("button", { name: "Put in basket" }).click();
  await expect(page.getByRole("alert")).toContainText("Lamp installation is done once at a time.");
  await page.goto("/checkout");
  await expect(page.getByTestId("total")).toHaveText("£49.00");
  await expect(page.getByText("How would you like to get it?")).toHaveCount(0);
  await isAccessible(page);
  await page.goto("/?search=Oak+jug");
  await page.getByRole("link", { name: "Oak jug" }).first().click();
  await page.getByRole("button", { name: "Put in basket" }).click();
  await page.waitForURL("**/basket");
  await page.goto("/checkout");
  await deliverTo(page, "LS1 4AP");
  await expect(page.getByText("Lamp installation is done at your address")).toBeVisible();
  const times = page.getByRole("region", { name: "Lamp installation: when" });
  await page.getByLabel("Name").fill("Wren Sampleton");
  await page.getByLabel("E-mail").fill("wren@example.com");
  await page.getByLabel("Phone").fill("0113 496 0000");
  await page.getByLabel("Street and number").fill("1 Example Street");
  await page.getByLabel("Town or city").fill("Leeds");
  await page.getByRole("button", { name: "Place the order" }).click();
  await expect(page.getByRole("alert")).toContainText("Choose a time for Lamp installation first.");
  const [first, second] = await times.locator("option").allInnerTexts();
  await times.getByLabel("Time").selectOption({ label: first });
  await times.getByRole("button", { name: "Keep this time" }).click();
  await expect(times.getByRole("status")).toContainText(`${first} is kept for you for 15 minutes.`);
  await isAccessible(page);
  await page.getByRole("button", { name: "Place the order" }).click();
  await page.waitForURL("**/track/o/**");
  const hours = (words) => words.match(/\d\d:\d\d/g);
  await expect(page.getByTestId("appointment")).toContainText(`between ${hours(first).join(" and ")}`);
  await isLive(page);
  await isAccessible(page);
  const number = await page.locator("header .code").first().innerText();

  // Whoever is phoned moves it.
  const desk = await somebodyElse();
  await signIn(desk, "service", `/sign-in?next=/desk/orders/${number}`);
  await isLive(desk);
  await isAccessible(desk);
  const other = desk.getByRole("region", { name: "Another time for Lamp installation" });
  await other.getByLabel("Time").selectOption({ label: second });
  await other.getByRole("button", { name: "Move the appointment" }).click();
  await expect(desk.getByText(`${hours(second).join(" to ")}, Northampton warehouse`)).toBeVisible();
  await expect(page.getByTestId("appointment")).toContainText(`between ${hours(second).join(" and ")}`);

  // Those who go there see where and when, and say that it is done.
  const crew = await somebodyElse({ ...devices["Pixel 7"] });
  await signIn(crew, "warehouse", "/sign-in?next=/warehouse");
  await isLive(crew);
  await expect(crew.getByRole("link", { name: /appointments?/ })).toHaveAttribute("href", "#appointments");
  const visit = crew.locator(`[data-appointment="${number}"]`);
  await expect(visit).toContainText("1 Example Street, Leeds, LS1 4AP");
  await expect(visit).toContainText("0113 496 0000");
  await isAccessible(crew);
  await visit.getByRole("button", { name: "It is done" }).click();
  await expect(visit).toHaveCount(0);
  await expect(page.getByTestId("appointment")).toContainText("Done on");

  // By phone, alone.
  await desk.goto("/desk/orders/new");
  await isAlive(desk);
  await desk.getByLabel("SKU of thing 1").fill("INSTALL-LAMP");
  await desk.getByLabel("Name").fill("Wren Sampleton");
  await desk.getByLabel("E-mail").fill("wren@example.com");
  await desk.getByLabel("Street and number").fill("1 Example Street");
  await desk.getByLabel("Town or city").fill("Leeds");
  await desk.getByLabel("Postcode").fill("LS1 4AP");
  await desk.getByRole("button", { name: "Show prices and dates" }).click();
  await desk.getByLabel("Time of Lamp installation").selectOption({ index: 3 });
  await isAccessible(desk);
  await desk.getByRole("button", { name: "Place the order" }).click();
  await desk.waitForURL(/\/desk\/orders\/W-?/);
  await expect(desk.getByText("Appointment booked").first()).toBeVisible();

  const admin = await somebodyElse();
  await signIn(admin, "admin", "/sign-in?next=/admin/delivery/slots/installation");
  await isAlive(admin);
  await isAccessible(admin);
  await admin.getByLabel("Skill").fill("");
  await admin.getByRole("button", { name: "Save" }).click();
  await expect(admin.getByText("Say what those who come can do").first()).toBeVisible();
});
