// Runs each step of `npm run check` and then the end-to-end tests, all of them whatever fails, and counts what passed:
// each test, and each step that is not a test run as one. The last line is `N passed, N failed`.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
const steps = [...scripts.check.split("&&").map((part) => part.trim().replace(/^npm run /, "")), "e2e"];
const stepLimit = 15 * 60_000;

/** Counts a vitest JSON report. A test that was skipped proves nothing, so it counts as failed. */
function countTests(reportFile) {
  let report;
  try {
    report = JSON.parse(readFileSync(reportFile, "utf8"));
  } catch (error) {
    return { passed: 0, failed: 1, note: `no readable test report (${error.code ?? error.message})` };
  }
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const passed = tests.filter((test) => test.status === "passed").length;
  const failedTests = tests.filter((test) => test.status === "failed").length;
  const skipped = tests.length - passed - failedTests;
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const notes = [
    tests.length === 0 && "no test ran",
    skipped > 0 && `${skipped} skipped`,
    brokenFiles > 0 && `${brokenFiles} files failed outside a test`,
  ].filter(Boolean);
  const failed = failedTests + skipped + brokenFiles;
  return { passed, failed: tests.length === 0 ? Math.max(failed, 1) : failed, note: notes.join(", ") };
}

// A log is for reading, not for colours; vitest paints even what is not a terminal.
const env = process.stdout.isTTY || process.env.FORCE_COLOR ? process.env : { ...process.env, NO_COLOR: "1" };
let current;

/** Runs one npm script in a process group of its own, and resolves with what went wrong, or nothing. */
function run(step, args) {
  return new Promise((resolve) => {
    current = spawn("npm", ["run", "--silent", step, ...args], {
      stdio: ["ignore", "inherit", "inherit"],
      detached: true,
      env,
    });
    const child = current;
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      endGroup(child, "SIGKILL");
    }, stepLimit);
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => {
      clearTimeout(deadline);
      if (late) resolve(`ended after ${stepLimit / 60_000} minutes`);
      else resolve(code === 0 ? undefined : `ended with ${code ?? signal}`);
    });
  });
}

function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

async function runStep(step, scratch) {
  const started = performance.now();
  const isTestRun = scripts[step]?.startsWith("vitest ");
  const reportFile = join(scratch, `${step}.json`);
  const args = isTestRun
    ? ["--", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`]
    : [];
  console.log(`\n── ${step}`);
  const problem = await run(step, args);
  const count = isTestRun
    ? countTests(reportFile)
    : { passed: problem ? 0 : 1, failed: problem ? 1 : 0, note: "" };
  // An unhandled error, say, fails a run in which every test passed.
  if (problem && count.failed === 0) count.failed = 1;
  const note = [problem, count.note].filter(Boolean).join(", ");
  return { step, ...count, note, seconds: (performance.now() - started) / 1000 };
}

const scratch = mkdtempSync(join(tmpdir(), "seakeep-checks-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (current) endGroup(current, signal);
    process.exit(128 + constants.signals[signal]);
  });
}

const results = [];
for (const step of steps) results.push(await runStep(step, scratch));

console.log("");
for (const { step, passed, failed, note, seconds } of results) {
  const line = `${failed === 0 ? "ok  " : "FAIL"}  ${step.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s`;
  console.log(`${line}  ${passed} passed, ${failed} failed${note ? ` (${note})` : ""}`);
}
const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
process.exitCode = total("failed") === 0 && total("passed") > 0 ? 0 : 1;
console.log(`\n${total("passed")} passed, ${total("failed")} failed`);
