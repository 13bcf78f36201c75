// The first load of a customer and of a colleague, in bytes as they travel (brotli). A customer's must stay under 200 kB.
import fs from "node:fs";
import zlib from "node:zlib";

const LIMIT = 200_000;
const site = new URL("../target/site/", import.meta.url);
const packed = (name) => {
  const bytes = fs.readFileSync(new URL(name, site));
  return name.endsWith(".woff2") ? bytes.length : zlib.brotliCompressSync(bytes).length;
};
const total = (names) => names.reduce((sum, name) => sum + packed(name), 0);
const shared = ["pkg/waybill.css", "fonts/inter.woff2", "icons.svg", "live.js", "live-worker.js", "favicon.svg"];
const customer = total([...shared, "plain.js"]);
const chunks = fs.readdirSync(new URL("pkg/", site)).filter((name) => /^(split___orders_page|chunk_).*\.wasm$/.test(name));
const staff = total([...shared, "pkg/waybill.js", "pkg/waybill.wasm", ...chunks.map((name) => `pkg/${name}`)]);
console.log(`first load without the page itself, brotli: customer ${customer} bytes, staff at most ${staff} bytes (${chunks.length} chunks counted)`);
if (customer > LIMIT) {
  console.error(`a customer's first load is over ${LIMIT} bytes`);
  process.exit(1);
}
