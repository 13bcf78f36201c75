import http from "node:http";
import { expect, isAccessible, isAlive, isLive, order, signIn, test } from "../people.mjs";

/** Another system: keeps what it is called with, and answers as it is told to. */
const otherSystem = async () => {
  const other = { calls: [], status: 204 };
  other.server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (part) => { body += part; });
    request.on("end", () => {
      other.calls.push({ headers: request.headers, ...JSON.parse(body) });
      response.writeHead(other.status).end(other.status === 204 ? "" : "the stock system is being mended");
    });
  });
  await new Promise((resolve) => other.server.listen(0, "127.0.0.1", resolve));
  other.url = `http://127.0.0.1:${other.server.address().port}/hook`;
  return other;
};

test("another system is told what happens to orders, and what fails is seen and sent again", async ({ page, somebodyElse }) => {
  const other = await otherSystem();
  await signIn(page, "admin", "/sign-in?next=/admin/users");
  await isAlive(page);
  await page.getByRole("link", { name: "Other systems" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Other systems" })).toBeVisible();
  await expect(page.getByText("No system is told yet")).toBeVisible();
  await isAccessible(page);

  await page.getByLabel("Name").fill("Stock system");
  await page.getByLabel("Address that is called").fill("stock");
  await page.getByRole("button", { name: "Add it" }).click();
  await expect(page.getByText("Give the address that is called, such as https://erp.example.com/waybill.").first()).toBeVisible();
  await page.getByLabel("Address that is called").fill(other.url);
  await page.getByText("Tell it of some things only").click();
  for (const kind of ["Order received", "Payment authorised"]) await page.getByLabel(kind, { exact: true }).check();
  await page.getByRole("button", { name: "Add it" }).click();
  await expect(page.getByText(/^Calls are signed with whsec_/)).toBeVisible();
  await page.getByRole("link", { name: "Open Stock system" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Stock system" })).toBeVisible();
  await isLive(page);

  await page.getByRole("button", { name: "Send a trial" }).click();
  await expect(page.getByRole("row", { name: /^Trial/ })).toContainText("Answered 204");
  expect(other.calls.map((call) => call.type)).toEqual(["trial"]);
  expect(other.calls[0].headers["webhook-signature"]).toMatch(/^v1,/);
  await isAccessible(page);

  // It fails when the first order comes: what came first waits, and so does what came after it.
  other.status = 503;
  const number = await order(await somebodyElse());
  await page.reload();
  await isLive(page);
  const received = page.getByRole("row", { name: new RegExp(`Order received.*${number}`) });
  await expect(async () => {
    await page.reload();
    await expect(received).toContainText("Answered 503");
  }).toPass();
  await expect(page.getByRole("row", { name: new RegExp(`Payment authorised.*${number}`) })).toContainText("To be sent");
  await received.getByRole("link", { name: "Order received" }).click();
  await expect(page.getByText("the stock system is being mended").first()).toBeVisible();
  await expect(page.getByTestId("body")).toContainText(`"order":"${number}"`);
  await isAccessible(page);

  // Mended, it gets both, in order: at once where it would be tried again later only.
  other.status = 204;
  await page.getByRole("link", { name: "Stock system" }).click();
  await isAlive(page);
  const now = page.getByRole("button", { name: /^Send what has not arrived now/ });
  await expect(async () => {
    if (await now.count()) await now.click();
    expect(other.calls.filter((call) => call.data.order === number).at(-1).type).toBe("payment_authorised");
  }).toPass({ timeout: 30_000, intervals: [2_000] });
  await expect(async () => {
    await page.reload();
    await expect(received).toContainText("Delivered");
  }).toPass();
  await received.getByRole("link", { name: "Order received" }).click();
  await expect(page.getByTestId("body")).toBeVisible();
  await isAlive(page);
  const before = other.calls.length;
  await page.getByRole("button", { name: "Send it again" }).click();
  await expect(async () => expect(other.calls.length).toBe(before + 1)).toPass();
  expect(other.calls.at(-1)).toMatchObject({ type: "order_captured", data: { order: number } });

  await page.getByRole("link", { name: "Stock system" }).click();
  await isAlive(page);
  await page.getByLabel("Paused: nothing is sent, and everything kept").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Paused", { exact: true }).first()).toBeVisible();
  await page.getByText("Remove it", { exact: true }).click();
  await page.getByRole("button", { name: "Remove this webhook" }).click();
  await page.waitForURL("**/admin/webhooks");
  await expect(page.getByText("No system is told yet")).toBeVisible();
  other.server.close();
});
