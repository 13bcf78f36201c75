import { deliverTo, expect, isAccessible, order, signIn, test } from "../people.mjs";

const places = ["/desk/orders", "/desk/orders?search=sampleton&status=completed", "/warehouse", "/store", "/stock?search=jug", "/stock/LI100", "/board", "/admin/locations", "/admin/locations/WH-NTH", "/admin/locations/new", "/stock/transfers", "/stock/transfers/new", "/routing", "/routing/try", "/routing/disruptions"];

for (const colorScheme of ["light", "dark"]) {
  test(`every page is accessible and quiet in the console, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    for (const path of ["/", "/?category=Kitchen", "/track", "/sign-in", "/basket", "/checkout", "/nothing-here"]) {
      await page.goto(path);
      await isAccessible(page);
    }
    await signIn(page, "admin");
    for (const path of places) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await isAccessible(page);
    }
    await page.goto("/desk/orders");
    await page.locator("tbody a").first().click();
    await expect(page.getByRole("heading", { name: "Why from there?" })).toBeVisible();
    await isAccessible(page);
  });
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the checkout shows the exact total of every country and keeps what was typed", async ({ page }) => {
    await page.goto("/?search=jugs+copper");
    await page.getByRole("link", { name: "Copper jug" }).click();
    const price = Number((await page.locator("main").innerText()).match(/£(\d+\.\d\d)/)[1]);
    await page.getByRole("button", { name: "Put in basket" }).click();
    await page.getByRole("link", { name: "Check out" }).click();
    const total = async () => Number((await page.getByTestId("total").innerText()).replace("£", ""));
    await expect.poll(total).toBeCloseTo(price + 3.95);
    await page.getByLabel("Express delivery").check();
    await expect.poll(total).toBeCloseTo(price + 6.95);
    await deliverTo(page, "75001", "FR");
    await expect(page.getByLabel("Express delivery")).toBeDisabled();
    await expect.poll(total).toBeCloseTo(price + 9.95);
    await page.getByLabel("Name").fill("Wren “Zoë” Sampleton; 50 %");
    await page.getByLabel("Postcode", { exact: true }).fill("LS1 4AP");
    await page.getByRole("button", { name: "Place the order" }).click();
    await expect(page.getByText("This postcode does not fit the country (France).")).toBeVisible();
    await expect(page.getByLabel("Name")).toHaveValue("Wren “Zoë” Sampleton; 50 %");
    await expect(page.getByLabel("Country")).toHaveValue("FR");
  });

  test("ordering, tracking, signing in and the order list work", async ({ page }) => {
    const number = await order(page, { product: "Copper jug" });
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("We are getting it ready.");
    await page.goto("/track");
    await page.getByLabel("Order number").fill(number);
    await page.getByLabel("E-mail, postcode or phone").fill("ls1 4ap");
    await page.getByRole("button", { name: "Show my order" }).click();
    await expect(page.locator("header .code").first()).toHaveText(number);
    await page.goto("/sign-in?next=/desk/orders");
    await page.getByLabel("E-mail").fill("service@example.com");
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toContainText("The e-mail address or the password is wrong.");
    await page.getByLabel("E-mail").fill("service@example.com");
    await page.getByLabel("Password").fill("lantern-and-larder");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.goto(`/desk/orders?search=${number}`);
    await expect(page.getByRole("link", { name: number })).toBeVisible();
  });
});

test("a role sees its own places only", async ({ page }) => {
  await signIn(page, "store");
  await page.goto("/board");
  await expect(page.getByText("Not for your role", { exact: true })).toBeVisible();
  await isAccessible(page);
  await page.getByRole("link", { name: "Go to your work" }).click();
  await page.waitForURL("**/store");
  await page.goto("/store?state=nonsense");
  await expect(page.getByRole("alert")).toContainText("is not one of");
  await page.getByRole("link", { name: "Start again" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Leeds store");
  await page.goto("/store");
  await expect(page.getByRole("link", { name: "Board" })).toHaveCount(0);
});
