// What a project's own deploy command is to the rollback tests: it asks the platform, and ends with 0 or 1.
//   deploy.mjs URL deploy v1     run v1
//   deploy.mjs URL is v1         is v1 what runs?
//   deploy.mjs URL has v1        can v1 be deployed?
const [url, verb, version] = process.argv.slice(2);
const response = await fetch(`${url}/${verb}/${encodeURIComponent(version)}`, { method: "POST" });
process.exitCode = response.ok ? 0 : 1;
