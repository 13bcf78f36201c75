// Makes the website small: its WebAssembly is optimised, and everything that is text or code is compressed once, here, not for every visitor.
// All processors share one list of files; each loads the optimiser once.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import zlib from "node:zlib";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, workerData } from "node:worker_threads";

const walk = (dir) => fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? walk(path.join(dir, e.name)) : [path.join(dir, e.name)]));

if (isMainThread) {
  const size = (file) => fs.statSync(file).size;
  const files = walk("target/site").filter((file) => /\.(wasm|js|css|svg|json|txt)$/.test(file));
  // The largest first: nobody is left with it at the end.
  files.sort((a, b) => size(b) - size(a));
  const next = new Int32Array(new SharedArrayBuffer(4));
  const done = Array.from({ length: os.availableParallelism() }, () => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { files, next } });
    return new Promise((resolve, reject) => worker.on("error", reject).on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`)))));
  });
  await Promise.all(done);
} else {
  // It says of every piece that it passes over names of a newer kind.
  const say = console.error;
  console.warn = console.error = (...words) => (/^warning: unknown name subsection/.test(words[0]) ? undefined : say(...words));
  const { default: binaryen } = await import("binaryen");
  // As `wasm-opt -Oz` does.
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  const { files, next } = workerData;
  for (let i = Atomics.add(next, 0, 1); i < files.length; i = Atomics.add(next, 0, 1)) {
    const file = files[i];
    const packed = `${file}.br`;
    let bytes = fs.readFileSync(file);
    if (file.endsWith(".wasm")) {
      const module = binaryen.readBinary(bytes);
      module.setFeatures(module.getFeatures() | binaryen.Features.BulkMemory | binaryen.Features.NontrappingFPToInt);
      module.optimize();
      bytes = module.emitBinary();
      module.dispose();
      fs.writeFileSync(file, bytes);
    } else if (fs.existsSync(packed) && fs.statSync(packed).mtimeMs > fs.statSync(file).mtimeMs) {
      continue;
    }
    fs.writeFileSync(packed, zlib.brotliCompressSync(bytes));
  }
}
