import { expect, isAccessible, isAlive, signIn, test } from "../people.mjs";

test("somebody is added, works, moves on and leaves", async ({ page, somebodyElse }) => {
  await signIn(page, "admin", "/sign-in?next=/admin/users");
  await isAlive(page);
  await isAccessible(page);
  await page.getByLabel("Name").fill("Nell Newcomer");
  await page.getByLabel("E-mail").fill("nell@example.com");
  await page.getByLabel("Role").selectOption({ label: "Store" });
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText("Choose the location where this person works.").first()).toBeVisible();
  await expect(page.getByLabel("Name")).toHaveValue("Nell Newcomer");
  await page.getByLabel("Works at").selectOption({ label: "Leeds store" });
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const password = await page.getByRole("status").locator("strong").innerText();
  await expect(page.getByLabel("Name")).toHaveValue("");
  await expect(page.getByRole("row", { name: /Nell Newcomer/ })).toContainText("not signed in");

  const nell = await somebodyElse({});
  const enter = async (words) => {
    await nell.goto("/sign-in");
    await nell.getByLabel("E-mail").fill("nell@example.com");
    await nell.getByLabel("Password", { exact: true }).fill(words);
    await nell.getByRole("button", { name: "Sign in" }).click();
  };
  await enter(password);
  await nell.waitForURL(/\/store$/);
  await nell.goto("/sign-in");
  await nell.getByText("Choose another password").click();
  await nell.getByLabel("The password you have").fill("not this one");
  await nell.getByLabel("The new one").fill("larder-and-lantern");
  await nell.getByRole("button", { name: "Change it" }).click();
  await expect(nell.getByText("This is not your password.")).toBeVisible();
  await nell.getByLabel("The password you have").fill(password);
  await nell.getByLabel("The new one").fill("larder-and-lantern");
  await nell.getByRole("button", { name: "Change it" }).click();
  await expect(nell.getByRole("link", { name: "Staff" })).toBeVisible();
  await enter("larder-and-lantern");
  await nell.waitForURL(/\/store$/);

  await page.getByRole("link", { name: "Nell Newcomer" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nell Newcomer");
  await isAlive(page);
  await page.getByLabel("Role").selectOption({ label: "Finance" });
  await page.getByRole("button", { name: "See what it does" }).click();
  const preview = page.getByRole("region", { name: "What it does" });
  await expect(preview).toContainText("They may no longer:");
  await expect(preview).toContainText("They are signed in now, and are signed out.");
  // Planned for tomorrow, and called off.
  await page.getByLabel("From when on").fill(new Date(Date.now() + 86_400_000).toISOString().slice(0, 16));
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByText("To come", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Call off what is to come" }).click();
  await expect(page.getByText("To come", { exact: true })).toHaveCount(0);
  await page.getByLabel("From when on").fill("");
  await page.getByLabel("Role").selectOption({ label: "Finance" });
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByText("Saved.", { exact: true })).toBeVisible();
  await isAccessible(page);
  await nell.goto("/store");
  await expect(nell).toHaveURL(/\/sign-in/);
  await page.getByLabel("May not sign in any more").check();
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Sign in: " }).first()).toBeVisible();
  await page.goto("/admin/users");
  await expect(page.getByRole("row", { name: /Nell Newcomer/ })).toContainText("May not sign in");
  await enter("larder-and-lantern");
  await expect(nell.getByRole("alert")).toContainText("The e-mail address or the password is wrong.");
  // The only admin stays one.
  await page.getByRole("main").getByRole("link", { name: "Ada Admin", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Ada Admin");
  await page.getByLabel("Role").selectOption({ label: "Executive" });
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByText("This is the only admin. Make somebody else one first.").first()).toBeVisible();
});
