import { draftOfNearest, expect, isAccessible, isAlive, isLive, order, putInForce, rollBack, signIn, test } from "../people.mjs";

// The company's clocks, which days are meant by.
test.use({ timezoneId: "Europe/London" });

/** The next 1 October that is to come, and the last day of its year. */
const season = () => {
  const now = new Date();
  const year = now.getFullYear() + (now.getMonth() >= 9 ? 1 : 0);
  return [`${year}-10-01`, `${year}-12-31`, year];
};

/** Puts the version that is shown in force and waits until it is. */
const activate = async (page) => {
  await page.getByRole("button", { name: "Put it in force" }).click();
  await expect(page.getByText("In force", { exact: true }).first()).toBeVisible();
};

test("from October on everything from stores, back in January, in fifteen steps at most", async ({ page }) => {
  let steps = 0;
  const step = async (done) => { steps += 1; await done; };
  await signIn(page, "admin", "/sign-in?next=/desk/orders");
  await isAlive(page);
  await step(page.getByRole("link", { name: "Routing", exact: true }).click());
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Routing");
  await isAccessible(page);
  await step(page.getByRole("button", { name: "Begin a draft: Stores first" }).click());
  await page.waitForURL("**/routing/drafts/**");
  await expect(page.getByText(/stores first/).first()).toBeVisible();
  await step(page.getByRole("button", { name: "Publish" }).click());
  await page.waitForURL("**/routing/versions/**");
  const [from, until, year] = season();
  await step(page.getByLabel("First day").fill(from));
  await step(page.getByLabel("Last day").fill(until));
  await step(page.getByRole("button", { name: "Put it in force" }).click());
  expect(steps).toBeLessThanOrEqual(15);
  await page.goto("/routing");
  await isAlive(page);
  const planned = page.getByRole("listitem").filter({ hasText: "Stores first, version 1" });
  await expect(planned).toContainText(`1 Oct ${year}`);
  await expect(planned).toContainText(`1 Jan ${year + 1}`);
  await expect(page.getByRole("listitem").filter({ hasText: "Nearest first, version 1" })).toContainText("In force");
  // A wrong end is told, and what is planned can be called off.
  await page.getByRole("link", { name: "Stores first, version 1" }).first().click();
  await isAlive(page);
  await isAccessible(page);
  await page.getByLabel("First day").fill(until);
  await page.getByLabel("Last day").fill(from);
  await page.getByRole("button", { name: "Put it in force" }).click();
  await expect(page.getByText("It ends before it begins. Choose a later end, or none.").first()).toBeVisible();
  await page.goto("/routing");
  await isAlive(page);
  await page.getByRole("button", { name: "Call off: Stores first, version 1" }).click();
  await expect(planned).toHaveCount(0);
});

test("a rule is built by clicking, looked at, simulated, scheduled, put in force, seen in the next order, compared, and rolled back", async ({ page, somebodyElse }) => {
  await draftOfNearest(page);
  await isAccessible(page);
  // What is wrong is told as it is typed, and stands in the way of publishing.
  await page.getByRole("button", { name: "Edit: One parcel from the nearest" }).click();
  await isAccessible(page);
  await page.getByLabel("Name of the rule").fill("");
  await expect(page.getByText("Give the rule a name of at most 120 characters.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Publish" })).toBeDisabled();
  await page.getByLabel("Name of the rule").fill("Northampton before all others");
  await page.getByLabel("Why it is there").fill("The lease there ends");
  await page.getByRole("button", { name: "Add a preference" }).click();
  await page.getByLabel("Preference 3: by").selectOption({ label: "by location" });
  await page.getByLabel("Preference 3: add").selectOption("WH-NTH");
  await page.getByRole("button", { name: "Preference 3: move up" }).click();
  await page.getByRole("button", { name: "Preference 2: move up" }).click();
  await expect(page.getByText(/take it from locations.*Northampton.* first, then closest first/).first()).toBeVisible();
  await page.getByLabel("Condition: about").selectOption({ label: "all of these" });
  await page.getByRole("button", { name: "Condition: add a condition" }).click();
  await page.getByLabel("Condition 2: what").selectOption({ label: "country" });
  await page.getByLabel("Condition 2: add").selectOption("GB");
  await expect(page.getByText(/When the order is sent and the order is going to United Kingdom/).first()).toBeVisible();
  // By keyboard it goes down and up again.
  const card = page.getByRole("listitem").filter({ hasText: "Northampton before all others" });
  await page.getByRole("button", { name: "Close: Northampton before all others" }).focus();
  await page.keyboard.press("Alt+ArrowDown");
  await expect(card.locator(".rule-handle")).toHaveText("3");
  await page.getByRole("button", { name: "Close: Northampton before all others" }).focus();
  await page.keyboard.press("Alt+ArrowUp");
  await expect(card.locator(".rule-handle")).toHaveText("2");
  // By mouse, too.
  await page.getByRole("button", { name: "Close: Northampton before all others" }).click();
  const other = page.getByRole("listitem").filter({ has: page.getByRole("button", { name: "Edit: As few parcels as it takes" }) });
  await other.locator(".rule-handle").dragTo(card.locator(".rule-handle"));
  await expect(card.locator(".rule-handle")).toHaveText("3");
  await card.locator(".rule-handle").dragTo(other.locator(".rule-handle"));
  await expect(card.locator(".rule-handle")).toHaveText("2");
  // A word that names nothing, and a rule that is never asked, are told.
  await page.getByLabel("Days before it is asked again").fill("10");
  await page.getByRole("button", { name: "Add a rule" }).click();
  await expect(page.getByText(/It is never asked: .* every order that it is for\./)).toBeVisible();
  await page.getByRole("button", { name: "Remove: New rule" }).click();
  await page.getByRole("button", { name: "Save the draft" }).click();
  await expect(page.getByRole("status").filter({ hasText: /^Saved$/ })).toBeVisible();
  const draft = page.url();
  await page.getByLabel("From", { exact: true }).fill(daysAgo(20));
  await page.getByLabel("Until", { exact: true }).fill(daysAgo(6));
  await page.getByRole("button", { name: "Simulate" }).click();
  await page.waitForURL("**/routing/simulations/**");
  await expect(page.getByText(/[\d,]+ of [\d,]+ orders would have gone elsewhere\./)).toBeVisible();
  await page.goto(draft);
  await isAlive(page);
  await page.getByRole("button", { name: "Publish" }).click();
  await page.waitForURL("**/routing/versions/**");
  await isAlive(page);
  await expect(page.getByText("A store or vendor that does not have something is not asked for it again, for that order, for 10 days.")).toBeVisible();
  await page.getByRole("link", { name: "Nearest first, version 1" }).first().click();
  await expect(page.getByText("different").first()).toBeVisible();
  await isAccessible(page);
  await page.getByLabel("Say something").fill("Only until the lease ends.");
  await page.getByRole("button", { name: "Say it" }).click();
  await expect(page.getByText("Only until the lease ends.")).toBeVisible();
  const version = (await page.getByRole("heading", { level: 1 }).innerText()).match(/version (\d+)/)[1];
  // It is planned for a day to come, and called off there.
  const [from, , year] = season();
  await page.getByLabel("First day").fill(from);
  await page.getByRole("button", { name: "Put it in force" }).click();
  await expect(page.getByText(`1 Oct ${year}`).first()).toBeVisible();
  const shown = page.url();
  await page.goto("/routing");
  await isAlive(page);
  await expect(page.getByRole("listitem").filter({ hasText: `Nearest first, version ${version}` }).first()).toContainText(`1 Oct ${year}`);
  await page.getByRole("button", { name: `Call off: Nearest first, version ${version}` }).click();
  await expect(page.getByRole("button", { name: `Call off: Nearest first, version ${version}` })).toHaveCount(0);
  await page.goto(shown);
  await isAlive(page);
  await activate(page);

  const customer = await somebodyElse();
  const why = async () => {
    const number = await order(customer, { product: "Oak jug" });
    await page.goto(`/desk/orders/${number}`);
    return page.getByRole("heading", { name: "Why from there?" }).locator("..").innerText();
  };
  const told = await why();
  expect(told).toMatch(/What is promised of it is there by/);
  await page.getByText("Every location that was looked at").click();
  await expect(page.getByRole("columnheader", { name: "units there" })).toBeVisible();
  expect(told).toMatch(/Northampton.* by the rule “Northampton before all others”/);
  await page.goto("/routing");
  await isAlive(page);
  await page.getByRole("button", { name: `Roll back: Nearest first, version ${version}` }).click();
  await expect(page.getByRole("button", { name: `Roll back: Nearest first, version ${version}` })).toHaveCount(0);
  expect(await why()).toContain("Rules: Nearest first, version 1");
});

test("stopped, orders are taken and locations get nothing until it goes on", async ({ page, somebodyElse }) => {
  await signIn(page, "admin", "/sign-in?next=/routing");
  await isAlive(page);
  await page.getByRole("button", { name: "Stop routing now" }).click();
  await expect(page.getByRole("alert")).toContainText("Say why, in at most 200 characters");
  await page.getByLabel("Why", { exact: true }).fill("Wrong rules are in force");
  await page.getByRole("button", { name: "Stop routing now" }).click();
  await expect(page.getByText("Routing is stopped by")).toBeVisible();
  await isAccessible(page);
  const customer = await somebodyElse();
  const number = await order(customer, { product: "Oak jug" });
  const desk = await somebodyElse();
  await signIn(desk, "service", `/sign-in?next=/desk/orders/${number}`);
  await expect(desk.getByText("Planned", { exact: true }).first()).toBeVisible();
  // Those who may only look change nothing.
  await desk.goto("/routing");
  await expect(desk.getByRole("heading", { level: 1 })).toHaveText("Routing");
  await page.getByRole("button", { name: "Let it go on" }).click();
  await expect(page.getByText("Routing is stopped by")).toHaveCount(0);
  await expect(async () => {
    await desk.goto(`/desk/orders/${number}`);
    await expect(desk.getByText("To pick", { exact: true }).first()).toBeVisible({ timeout: 2_000 });
  }).toPass();
});

test("what has to be before a version is put in force stands in its way until it is done", async ({ page }) => {
  await draftOfNearest(page);
  await page.getByRole("button", { name: "Publish" }).click();
  await page.waitForURL("**/routing/versions/**");
  const shown = page.url();
  const demand = async (wanted) => {
    await page.goto("/routing");
    await isAlive(page);
    const form = page.locator("form").filter({ has: page.getByLabel("It has to be simulated on past orders") });
    for (const [label, yes] of Object.entries(wanted)) await form.getByLabel(label).setChecked(yes);
    const saved = page.waitForResponse(/set_demands/);
    await form.getByRole("button", { name: "Save" }).click();
    expect((await saved).ok()).toBe(true);
    await page.goto(shown);
    await isAlive(page);
  };
  const [approved, simulated] = ["Somebody who has not written it has to approve it", "It has to be simulated on past orders"];
  await demand({ [approved]: true, [simulated]: true });
  // Whoever has written it cannot approve it.
  await expect(page.getByText("It can be put in force once somebody else than its maker has.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve it" })).toHaveCount(0);
  await page.getByRole("button", { name: "Put it in force" }).click();
  await expect(page.getByText("Somebody who has not written it has to approve this version first.").first()).toBeVisible();
  await isAccessible(page);
  await demand({ [approved]: false });
  await page.getByRole("button", { name: "Put it in force" }).click();
  await expect(page.getByText("This version has to be simulated first.", { exact: false }).first()).toBeVisible();
  await page.getByLabel("From", { exact: true }).fill(daysAgo(9));
  await page.getByLabel("Until", { exact: true }).fill(daysAgo(6));
  await page.getByRole("button", { name: "Simulate" }).click();
  await page.waitForURL("**/routing/simulations/**");
  await expect(page.getByText("Every order would have gone where it went.")).toBeVisible();
  await page.goto(shown);
  await isAlive(page);
  await page.getByRole("button", { name: "Put it in force" }).click();
  await expect(page.getByText("In force", { exact: true }).first()).toBeVisible();
  const version = (await page.getByRole("heading", { level: 1 }).innerText()).match(/version (\d+)/)[1];
  await rollBack(page, version);
  await demand({ [simulated]: false });
});

test("what a rule leaves to a person is ordered by phone, found by its reason, and sent from where they say", async ({ page, somebodyElse }) => {
  await draftOfNearest(page);
  await page.getByRole("button", { name: "Edit: One parcel from the nearest" }).click();
  await page.getByLabel("If everything is found", { exact: true }).selectOption("hold");
  await page.getByLabel("If everything is found: queue").selectOption("customer_care");
  await page.getByRole("button", { name: "If everything is found: do something besides" }).click();
  await page.getByLabel("If everything is found, besides 1", { exact: true }).selectOption("notify");
  await page.getByLabel("If everything is found, besides 1: address").fill("nobody");
  await page.getByLabel("If everything is found, besides 1: words").fill("Somebody has to look at it.");
  await expect(page.getByText("Give an e-mail address, such as stock@example.com.").first()).toBeVisible();
  await page.getByLabel("If everything is found, besides 1: address").fill("stock@example.com");
  await expect(page.getByText("write “Somebody has to look at it.” to stock@example.com").first()).toBeVisible();
  const version = await putInForce(page);

  const desk = await somebodyElse();
  await signIn(desk, "service", "/sign-in?next=/desk/orders/new");
  await isAlive(desk);
  await desk.getByLabel("SKU of thing 1").fill("WS-M");
  await desk.getByLabel("Quantity of thing 1").fill("1");
  await desk.getByLabel("Name").fill("Wren Sampleton");
  await desk.getByLabel("E-mail").fill("wren@example.com");
  await desk.getByLabel("Street and number").fill("1 Example Street");
  await desk.getByLabel("Town or city").fill("Leeds");
  await desk.getByLabel("Postcode").fill("LS1 4AP");
  await desk.getByRole("button", { name: "Show prices and dates" }).click();
  const told = desk.getByRole("region", { name: "How it can be had" });
  await expect(told.getByText("Somebody decides where it comes from: no date can be told yet.").first()).toBeVisible();
  await told.getByRole("radio", { name: /^Standard delivery/ }).check();
  await desk.getByRole("button", { name: "Place the order" }).click();
  await desk.waitForURL(/\/desk\/orders\/W-/);
  const number = desk.url().split("/").pop();

  await desk.goto("/desk/orders");
  await isLive(desk);
  await desk.getByLabel("Waits because").selectOption({ label: "Waits for customer service" });
  await desk.getByRole("button", { name: "Find" }).click();
  await isAccessible(desk);
  await desk.getByRole("link", { name: number }).click();
  await expect(desk.getByRole("heading", { name: "Send what waits" })).toBeVisible();
  await expect(desk.getByText("Written to stock@example.com: Somebody has to look at it.")).toBeVisible();
  await isLive(desk);
  await isAccessible(desk);
  await desk.getByRole("button", { name: "Send it from there" }).click();
  await expect(desk.getByText("Choose the location that sends it.").first()).toBeVisible();
  await desk.getByLabel("From", { exact: true }).selectOption({ label: "Northampton warehouse" });
  await desk.getByRole("button", { name: "Send it from there" }).click();
  await expect(desk.getByText("Northampton warehouse sends what it has of it: somebody chose it by hand.")).toBeVisible();
  await expect(desk.getByRole("heading", { name: "Send what waits" })).toHaveCount(0);
  await rollBack(page, version);
});

/** A day so many days before today, as a date field takes it. */
const daysAgo = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

test("a draft is looked at, tried on past orders and on one that nobody has placed", async ({ page }) => {
  await signIn(page, "admin", "/sign-in?next=/routing");
  await isAlive(page);
  await page.getByRole("button", { name: "Begin a draft: Stores first" }).click();
  await page.waitForURL("**/routing/drafts/**");
  await isAlive(page);
  // What each rule would take of last week's orders, and one of them; and what is odd about them.
  const first = page.locator(".rule").first();
  await expect(first.getByText(/Takes \d+ of last week’s \d+ orders, such as W-/)).toBeVisible();
  await page.getByRole("button", { name: "Add a rule" }).click();
  await expect(page.getByText(/It is never asked: .* every order that it is for\./)).toBeVisible();
  await expect(page.getByText(/For example an order where|For example any order/)).toBeVisible();
  await isAccessible(page);
  await expect(page.getByText("Save the draft first: what is saved is simulated.")).toBeVisible();
  await page.getByRole("button", { name: "Remove: New rule" }).click();
  await expect(page.getByText(/It is never asked/)).toHaveCount(0);

  // A period that begins after it ends is told, and what was typed stays.
  await page.getByLabel("From", { exact: true }).fill(daysAgo(3));
  await page.getByLabel("Until", { exact: true }).fill(daysAgo(9));
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(page.getByText("Choose a period that begins before it ends, and before now.").first()).toBeVisible();
  await page.getByLabel("From", { exact: true }).fill(daysAgo(20));
  await page.getByLabel("Until", { exact: true }).fill(daysAgo(6));
  await page.getByRole("button", { name: "Simulate" }).click();
  await page.waitForURL("**/routing/simulations/**");
  await expect(page.getByText(/[\d,]+ of [\d,]+ orders would have gone elsewhere\./)).toBeVisible();
  const parcels = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "Parcels", exact: true }) });
  await expect(parcels).toContainText(/%|no change/);
  await isAccessible(page);
  await page.getByRole("table").getByRole("link", { name: "Leeds store" }).first().click();
  await expect(page.getByRole("heading", { name: "Leeds store: parcels a day" })).toBeVisible();
  await page.locator("#moves tbody a").first().click();
  await expect(page.getByRole("heading", { name: "Why from there" })).toBeVisible();
  await isAccessible(page);

  // What was in force gives what was decided.
  await page.goto("/routing");
  await isAlive(page);
  await page.getByText("Check a period: simulate what was in force").click();
  await page.getByLabel("From", { exact: true }).fill(daysAgo(20));
  await page.getByLabel("Until", { exact: true }).fill(daysAgo(6));
  await page.getByRole("button", { name: "Simulate" }).click();
  await page.waitForURL("**/routing/simulations/**");
  await expect(page.getByText("Every order would have gone where it went.")).toBeVisible();
  await page.getByRole("link", { name: "Stores first, as a draft" }).click();
  await expect(page.getByRole("columnheader", { name: "Stores first, as a draft" })).toBeVisible();

  // An order that nobody has placed.
  await page.goto("/routing/try");
  await isAlive(page);
  await isAccessible(page);
  await page.getByLabel("By which rules").selectOption({ label: "Stores first, as a draft" });
  await page.getByLabel("SKU of thing 1").fill("NONSENSE");
  await page.getByLabel("Postcode").fill("LS1 4AP");
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("SKU of thing 1").fill("LI100");
  await page.getByLabel("Quantity of thing 1").fill("40");
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByRole("heading", { name: "What would become of it" })).toBeVisible();
  await expect(page.getByText("Rules: Stores first")).toBeVisible();
  // Dates that rules can ask for.
  await page.getByLabel("Promised within, days").fill("0");
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByText("Give a whole number from 1 to 1,000.").first()).toBeVisible();
  await page.getByLabel("Promised within, days").fill("9");
  await page.getByLabel("To be handed over within, hours").fill("30");
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByText("Give a whole number from 1 to 1,000.")).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "What would become of it" })).toBeVisible();
});

test("limits that give way, a later date and substitutes are said in sentences", async ({ page }) => {
  await draftOfNearest(page);
  await page.getByRole("button", { name: "Edit: One parcel from the nearest" }).click();
  await page.getByLabel("These limits give way where more is sent without them").check();
  await expect(page.getByText(/in one parcel, unless more is sent in another way/).first()).toBeVisible();
  await page.getByLabel("If a part is found", { exact: true }).selectOption({ label: "promise a later date" });
  await expect(page.getByText(/take what can be had later, and promise that date; what is missing/).first()).toBeVisible();
  await page.getByLabel("If nothing is found", { exact: true }).selectOption({ label: "send a substitute" });
  await expect(page.getByText(/send a substitute for the rest without asking/).first()).toBeVisible();
  await isAccessible(page);
  await page.getByRole("button", { name: "Save the draft" }).click();
  await expect(page.getByText(/Choose what becomes of what is missing\.|Saved/).first()).toBeVisible();
});
