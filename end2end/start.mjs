// Starts Waybill with the demo company on a database of its own, and stops it after the tests.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export default async () => {
  const server = process.env.SCRATCH_URL;
  if (!server) throw new Error("run the browser tests through bin/test: it starts a Postgres for them");
  const name = `browser_${process.pid}`;
  execFileSync(path.join(process.env.SCRATCH_BIN, "psql"), ["-q", `${server}/postgres`, "-c", `create database ${name}`]);
  const data = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-browser-"));
  const waybill = spawn("target/debug/waybill", ["--data-dir", data, "serve", "--demo", "--webhooks-anywhere", "--listen", "127.0.0.1:3777"], {
    env: { ...process.env, DATABASE_URL: `${server}/${name}` },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const gone = new Promise((resolve) => waybill.once("exit", resolve));
  const deadline = Date.now() + 120_000;
  while (!(await fetch("http://127.0.0.1:3777/readyz").then((r) => r.ok, () => false))) {
    if (waybill.exitCode !== null || Date.now() > deadline) throw new Error("waybill did not start");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return async () => {
    waybill.kill("SIGTERM");
    await gone;
    fs.rmSync(data, { recursive: true, force: true });
  };
};
