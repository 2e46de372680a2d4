/** What the table says of one code: the parts that are the same each time it is raised. */
export interface ErrorEntry {
  /** One line for the index of docs/errors.md. */
  readonly title: string;
  /** Why it happens, one sentence. */
  readonly why: string;
  /** What to do about it, one sentence; a raise may say it more exactly. */
  readonly fix: string;
  /** The command's exit code when this error ends it: 2 usage or configuration, 3 could not tell, 70 internal. */
  readonly exit: 2 | 3 | 70;
}

/** Every error that Seakeep raises. docs/errors.md has one entry a code; a test keeps the two in step. */
export const ERRORS = {
  "SK-SERVICE-001": {
    title: "The service declaration is not valid",
    why: "defineService() was given values that contradict themselves or that it does not know.",
    fix: "Mend each listed problem; every one names its path, what was got and what was wanted.",
    exit: 2,
  },
  "SK-CONFIG-001": {
    title: "The operations file was not found",
    why: "The command reads how the service is operated from seakeep.config.ts, or from the file that --config names.",
    fix: "Run it in the folder of seakeep.config.ts, or name the file: --config path/to/seakeep.config.ts.",
    exit: 2,
  },
  "SK-CONFIG-002": {
    title: "The operations file could not be run",
    why: "It is TypeScript or JavaScript, and running it raised an error: a mistake in it or in what it imports.",
    fix: "Mend the error that the message quotes; `npx tsc --noEmit` shows where it is.",
    exit: 2,
  },
  "SK-CONFIG-003": {
    title: "The operations file has no default export",
    why: "The command takes the file's default export as its configuration.",
    fix: "Write `export default defineOps({ ... })` in it.",
    exit: 2,
  },
  "SK-CONFIG-004": {
    title: "The operations file's default export is not from defineOps",
    why: "Only what defineOps() returns is known to be meant as a configuration.",
    fix: 'Wrap it: `import { defineOps } from "seakeep"; export default defineOps({ ... })`.',
    exit: 2,
  },
  "SK-CONFIG-005": {
    title: "The operations file is not valid",
    why: "defineOps() was given values that it does not know, or the environment lacks a variable that env() names.",
    fix: "Mend each listed problem; every one names its path, what was got and what was wanted.",
    exit: 2,
  },
  "SK-CONFIG-006": {
    title: "A secret's file could not be read",
    why: "A variable that ends in _FILE names a file that holds the secret, and that file is missing or not readable.",
    fix: "Correct the path, or let the user who runs the command read the file.",
    exit: 2,
  },
  "SK-GENERATE-001": {
    title: "The rehearsal scale is too small",
    why: "A window shorter than a few scrapes has no rate, so no alert would ever fire.",
    fix: "Use a larger part, such as --scale 1/60.",
    exit: 2,
  },
  "SK-GENERATE-002": {
    title: "A file that Seakeep did not write is in the way",
    why: "It lacks the header of generated files, so it may hold somebody's work.",
    fix: "Move it away, write to another folder with --out, or replace it with --force.",
    exit: 2,
  },
  "SK-GENERATE-003": {
    title: "A generated file could not be read or written",
    why: "The file system refused.",
    fix: "Check that the folder exists or can be made, that it may be written, and that the disk has room.",
    exit: 2,
  },
  "SK-CHECK-001": {
    title: "There is no URL to check, or it is not usable",
    why: "Checks put their paths below one http(s) URL, and send credentials only there.",
    fix: "Give it as --url https://courses.example.org, or write it into seakeep.config.ts.",
    exit: 2,
  },
  "SK-CHECK-002": {
    title: "There is no check to run",
    why: "A run without checks saw nothing, and what saw nothing must not look like a pass.",
    fix: "Write checks into seakeep.config.ts: `checks: [health(), metricsGate(), openapi(), problemShape()]`.",
    exit: 2,
  },
  "SK-CHECK-003": {
    title: "--only names no check",
    why: "Each --only must be the name or the kind of a check that would run without it.",
    fix: "Use one of the names that the message lists.",
    exit: 2,
  },
  "SK-CHECK-004": {
    title: "Two checks have the same name",
    why: "Reports and --only tell checks apart by name, and a kind used twice has its kind's name twice.",
    fix: 'Name one of them: `health("/readyz", { name: "ready" })`.',
    exit: 2,
  },
  "SK-CHECK-005": {
    title: "A check was given a path that is none",
    why: "Paths are put below the service's URL; anything else would quietly mean another address.",
    fix: 'Begin it with a slash, without a host, spaces or "#".',
    exit: 2,
  },
  "SK-CHECK-006": {
    title: "A token cannot be sent as a bearer token",
    why: "It holds a space, a line break or a character outside ASCII, which no HTTP header can carry.",
    fix: "Set it again without quotes around it and without a line break at its end.",
    exit: 2,
  },
  "SK-CHECK-007": {
    title: "--schema was given beside a configuration",
    why: "With a configuration the schema's place is what its openapi() says, and two answers would be one too many.",
    fix: 'Write it there: `openapi("/api/schema/")`.',
    exit: 2,
  },
  "SK-RUNTIME-001": {
    title: "The options of observe() are not valid",
    why: "observe() was given values that it does not know, or an environment variable it reads is not one it understands.",
    fix: "Mend each listed problem; every one names its path, what was got and what was wanted.",
    exit: 2,
  },
  "SK-RUNTIME-002": {
    title: "observe() was applied twice",
    why: "Two observers would count each request twice.",
    fix: "Apply observe() once, to the outermost listener or application.",
    exit: 2,
  },
  "SK-BACKUP-001": {
    title: "No store is named",
    why: "Backups are kept in a store, and neither --store nor seakeep.config.ts names one.",
    fix: "Give it as --store file:///backups or s3://bucket/prefix, or write `backup: { store: ... }` into seakeep.config.ts.",
    exit: 2,
  },
  "SK-BACKUP-002": {
    title: "No database is named",
    why: "The variable or file that is to hold the database's URL is not set, empty or not readable.",
    fix: "Set DATABASE_URL, or name another variable or a file with --database.",
    exit: 2,
  },
  "SK-BACKUP-003": {
    title: "A password was given on the command line",
    why: "Every user of the machine can read the arguments of its processes, and shells keep them in their history.",
    fix: "Set DATABASE_URL instead, or give --database the name of a variable or of a file that holds the URL.",
    exit: 2,
  },
  "SK-BACKUP-004": {
    title: "Another backup is under way",
    why: "Two runs at once would load the database twice, and could give two backups one number.",
    fix: "Wait until it has ended; a lock that a dead run left behind lapses by itself.",
    exit: 3,
  },
  "SK-BACKUP-005": {
    title: "The store's lock was lost",
    why: "This run could not renew its lock in time, and another one took it; publishing now could give two backups one number.",
    fix: "Run the backup again when the other has ended; nothing of this one is listed.",
    exit: 3,
  },
  "SK-BACKUP-006": {
    title: "There is no such backup",
    why: "The store has no finished backup of that id.",
    fix: "See what there is with `seakeep backup list`.",
    exit: 2,
  },
  "SK-BACKUP-007": {
    title: "An argument of the command does not fit",
    why: "Two options contradict each other, or one is missing that the others need.",
    fix: "Do what the message says of this case; --help shows examples.",
    exit: 2,
  },
  "SK-BACKUP-009": {
    title: "This machine cannot undo the compression",
    why: "The backup is compressed with zstd, and there is neither the command zstd nor a Node with zstd of its own.",
    fix: "Install zstd (Debian: `apt-get install zstd`), or run the command with Node 22.15 or newer.",
    exit: 2,
  },
  "SK-BACKUP-010": {
    title: "There is no room to unpack the backup",
    why: "A restore unpacks the dump to a file first, so that it is verified before a byte of it reaches the database.",
    fix: "Make room, or name a folder on another disk with --work-dir.",
    exit: 2,
  },
  "SK-BACKUP-011": {
    title: "A recipient is not a public key",
    why: "Recipients are X25519 public keys, as PEM or as the one line between the PEM's dashes.",
    fix: "Take the line that `openssl pkey -in identity.pem -pubout` prints; how to make one is in docs/how-to/back-up-and-restore.md.",
    exit: 2,
  },
  "SK-BACKUP-012": {
    title: "The backup is encrypted to somebody else",
    why: "Only the private key of one of its recipients opens it.",
    fix: "Name the file of that key with --identity or SEAKEEP_IDENTITY_FILE; `seakeep backup show` lists the fingerprints of its recipients.",
    exit: 2,
  },
  "SK-BACKUP-013": {
    title: "The identity is not a private key",
    why: "An identity is a file with X25519 private keys in PEM, as `openssl genpkey -algorithm X25519` writes them.",
    fix: "Correct the path, or take the right file.",
    exit: 2,
  },
  "SK-BACKUP-014": {
    title: "Pruning was refused",
    why: "Something is odd about the store, the clocks or the newest backup, and deleting now could delete the wrong thing.",
    fix: "Look into what the message names; nothing was deleted.",
    exit: 3,
  },
  "SK-BACKUP-015": {
    title: "The compressor failed",
    why: "zstd ended before its work was done: it was killed, or this machine ran out of memory.",
    fix: "Look at the system's log for who ended it, then run the command again: nothing half-written counts.",
    exit: 3,
  },
  "SK-RESTORE-001": {
    title: "The swap was not confirmed",
    why: "A swap puts older data in the place of newer, so it wants the name of the database and the server it is on.",
    fix: "Type the database's name when asked, or without a terminal give the --confirm that the message shows.",
    exit: 2,
  },
  "SK-RESTORE-002": {
    title: "There is nothing to undo",
    why: "A swap keeps the old database as NAME_before_BACKUP, and this server has none of that name.",
    fix: "Check the backup, the database and the server; `psql -l` lists what is there.",
    exit: 2,
  },
  "SK-RESTORE-003": {
    title: "There is no such database on the server",
    why: "What is to be swapped must be there under that very name.",
    fix: "Check the name and the server.",
    exit: 2,
  },
  "SK-RESTORE-004": {
    title: "The name for the kept database is taken",
    why: "An earlier swap with the same backup kept a database under that name, and it is not overwritten.",
    fix: "Drop that database if nobody needs it, or undo that swap first.",
    exit: 2,
  },
  "SK-RESTORE-005": {
    title: "Sessions could not be ended",
    why: "Postgres renames no database that somebody is connected to, and some sessions belong to users that this one may not end, or a prepared transaction is open.",
    fix: "Stop those clients, or connect as a superuser or a member of pg_signal_backend; nothing has changed.",
    exit: 3,
  },
  "SK-RESTORE-006": {
    title: "The database's name is too long",
    why: "Postgres cuts names off at 63 bytes, and a swap needs room for the name that the old database is kept under.",
    fix: "Choose a shorter name.",
    exit: 2,
  },
  "SK-STORE-001": {
    title: "The store is not one that can be opened",
    why: "A store is a URL, or what fs() or s3() returns in seakeep.config.ts.",
    fix: "Write it like file:///backups or s3://bucket/prefix?region=eu-central-1.",
    exit: 2,
  },
  "SK-STORE-002": {
    title: "The store refused what was asked of it",
    why: "The folder or bucket does not exist, or it does not know an option that it was given.",
    fix: "Do what the message says of this case.",
    exit: 2,
  },
  "SK-STORE-003": {
    title: "The store denied access",
    why: "The credentials are missing, expired or wrong, or a policy or file mode does not allow this.",
    fix: "Give the credentials that may do it; which permissions are needed is in docs/reference/stores.md.",
    exit: 3,
  },
  "SK-STORE-004": {
    title: "The store could not be reached, or failed",
    why: "It did not answer in time, cut the connection or reported a fault of its own, also when asked again.",
    fix: "Check its state and the network, then run the command again: nothing half-written counts.",
    exit: 3,
  },
  "SK-STORE-005": {
    title: "The store is full",
    why: "The disk has no room left, or a quota is used up.",
    fix: "Make room, or remove old backups with `seakeep backup prune`.",
    exit: 3,
  },
  "SK-STORE-006": {
    title: "The store has that object already",
    why: "It was to be written only if absent, and somebody else was faster.",
    fix: "Wait until the other run has ended, then run the command again.",
    exit: 3,
  },
  "SK-STORE-007": {
    title: "The store has no such object",
    why: "It was never written whole, or it was deleted.",
    fix: "See what there is with `seakeep backup list`.",
    exit: 3,
  },
  "SK-POSTGRES-001": {
    title: "The database's URL is not usable",
    why: "A database is named by one URL, postgres://user:password@host:port/database, with the parameters that libpq knows.",
    fix: "Correct the part that the message names; the URL itself is never shown, because it holds the password.",
    exit: 2,
  },
  "SK-POSTGRES-002": {
    title: "The database could not be reached",
    why: "Nothing answered as a Postgres at that address, or the connection broke.",
    fix: "Check host, port, network and TLS settings, and that the server runs: `pg_isready -h HOST -p PORT`.",
    exit: 3,
  },
  "SK-POSTGRES-003": {
    title: "The database refused who connects",
    why: "The user, the password or the database is wrong, or pg_hba.conf lets nobody in from here.",
    fix: "Check user, password and database in the URL, and the server's pg_hba.conf.",
    exit: 2,
  },
  "SK-POSTGRES-004": {
    title: "Postgres's programs are missing or too old",
    why: "pg_dump and pg_restore must be of the server's major version or a newer one.",
    fix: "Install the client of that version (Debian: `apt-get install postgresql-client-17`), or name its folder in PGBIN.",
    exit: 2,
  },
  "SK-POSTGRES-005": {
    title: "The server's version is not supported",
    why: "Seakeep is tested with Postgres 14 to 18, and guesses about others would be promises.",
    fix: "Use a supported server; each major version is maintained for five years: https://www.postgresql.org/support/versioning/.",
    exit: 2,
  },
  "SK-POSTGRES-006": {
    title: "The database user may not do this",
    why: "The server refused for want of a privilege.",
    fix: "Grant what the message names, or connect as the owner of the database or as a superuser.",
    exit: 2,
  },
  "SK-DUMP-001": {
    title: "pg_dump failed",
    why: "pg_dump ended before the dump was whole; nothing of it counts as a backup.",
    fix: "Mend what pg_dump says, and run the backup again.",
    exit: 3,
  },
  "SK-DUMP-002": {
    title: "The dump is damaged or not whole",
    why: "Its bytes are not what pg_dump writes, or end before the end.",
    fix: "Use another backup; `seakeep backup verify` tells which are sound.",
    exit: 3,
  },
  "SK-DUMP-003": {
    title: "A table stayed locked",
    why: "Somebody held an exclusive lock on a table for longer than the dump may wait.",
    fix: "Find it with `select * from pg_locks where not granted`, and run the backup when it is done.",
    exit: 3,
  },
  "SK-DUMP-004": {
    title: "Row-level security hides rows from the dump",
    why: "The user who dumps is subject to policies, so that the dump would silently lack rows.",
    fix: "Dump as the table's owner, as a superuser, or as a role with BYPASSRLS.",
    exit: 2,
  },
  "SK-RESTORE-011": {
    title: "The database to restore into exists",
    why: "A restore only ever fills a database that it has made itself, so that nothing is overwritten or mixed.",
    fix: "Choose another name, or drop that database first if nobody needs it.",
    exit: 2,
  },
  "SK-RESTORE-012": {
    title: "The server is older than the backup",
    why: "What a newer Postgres wrote may use what an older one does not know.",
    fix: "Restore to a server of the backup's major version or a newer one.",
    exit: 2,
  },
  "SK-RESTORE-013": {
    title: "The server lacks an extension of the backup",
    why: "The backup says which extensions the database uses, and not their programs; those are installed on the server.",
    fix: "Install what the message names on the server (Debian: postgresql-15-postgis-3 and its like).",
    exit: 2,
  },
  "SK-RESTORE-014": {
    title: "The server lacks a role that a policy names",
    why: "Without the role a row-level security policy cannot be made, and without the policy the data would be open or closed to the wrong people.",
    fix: "Create the role first; globals.sql of the backup has the statement.",
    exit: 2,
  },
  "SK-RESTORE-015": {
    title: "pg_restore failed",
    why: "A statement of the dump did not succeed on this server; what had been restored is gone again.",
    fix: "Mend what pg_restore says, and restore again.",
    exit: 3,
  },
  "SK-DRILL-001": {
    title: "The server to drill on may be the source",
    why: "A drill restores and drops databases, and would prove nothing about a disaster on the server that the disaster takes.",
    fix: "Leave --server-from-env out, so that a scratch server is started, or name another server.",
    exit: 2,
  },
  "SK-DRILL-002": {
    title: "There is no Postgres server to start for a drill",
    why: "A drill starts a server of the backup's major version or a newer one, and its programs are not on this machine.",
    fix: "Install that server (it need not run), name the folder of its programs in PGBIN, or name a server with --server-from-env.",
    exit: 2,
  },
  "SK-DRILL-003": {
    title: "The scratch server did not start",
    why: "Postgres ended, or did not answer, before the drill could use it.",
    fix: "Mend what its log says; another folder or disk is named with --work-dir.",
    exit: 3,
  },
  "SK-SCHEDULE-001": {
    title: "No schedule of dumps keeps the declared RPO",
    why: "A backup must be over, and the next may fail, before the objective is missed; so short an objective needs the log of changes, not dumps.",
    fix: "Declare the objective that is really needed, or keep it by replication or point-in-time recovery beside these backups.",
    exit: 2,
  },
  "SK-MANIFEST-001": {
    title: "A manifest is damaged or none",
    why: "A backup counts only with its manifest, and this one's checksum or shape is wrong.",
    fix: "Use another backup, and find out who writes to the store besides Seakeep.",
    exit: 3,
  },
  "SK-INTERNAL-001": {
    title: "A fault of Seakeep itself",
    why: "Something happened that the command does not foresee; it is not your configuration.",
    fix: "Report it with the lines below at https://github.com/seakeep/seakeep/issues, without secrets.",
    exit: 70,
  },
} as const;

export type ErrorCode = keyof typeof ERRORS;
