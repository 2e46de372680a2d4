import { comment, environmentFile, type Format } from "./format.ts";
import { onCalendar } from "./interval.ts";

/** A service and a timer for each job. */
export const systemd: Format = (plan, { folder, user }, header) =>
  plan.jobs.flatMap(({ name, says, interval, offset, runs, secrets }) => {
    const unit = `${plan.service}-${name}`;
    const variables = environmentFile(plan);
    // A percent sign begins a specifier of systemd.unit(5).
    const literal = (text: string) => text.replaceAll("%", "%%");
    const notes = [`${variables}, mode 0600, sets ${secrets.join(", ") || "nothing that must be there"}.`];
    const service = `${comment([...header, ...notes])}
[Unit]
Description=seakeep ${name} of ${plan.service}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User=${user}
WorkingDirectory=${literal(folder)}
EnvironmentFile=${variables}
${runs.map((run) => `ExecStart=/usr/bin/env npx --no-install seakeep ${run.join(" ")}\n`).join("")}Nice=10
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=full
`;
    const timer = `${comment([...header, `systemctl enable --now ${unit}.timer`])}
[Unit]
Description=${says}

[Timer]
OnCalendar=${onCalendar(interval, offset)}
# What was due while the machine was off runs when it is on again.
Persistent=true

[Install]
WantedBy=timers.target
`;
    return [
      { path: `${unit}.service`, content: service },
      { path: `${unit}.timer`, content: timer },
    ];
  });
