import fs from "node:fs";
import { defineConfig } from "@playwright/test";

const installed = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => fs.existsSync(path));

export default defineConfig({
  testDir: "tests",
  outputDir: "results",
  workers: 1,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  globalSetup: "./start.mjs",
  use: {
    baseURL: "http://127.0.0.1:3777",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: installed,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
  },
});
