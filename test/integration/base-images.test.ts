import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LabStatus, readLabStatus } from "../../infra/local/lab/status.ts";
import { runCommand } from "../../infra/local/supply/command.ts";

/** The seeded images stand in for docker.io's: what a Dockerfile or a chart relies on there must hold here. */
let lab: LabStatus;
let contexts: string;

beforeAll(async () => {
  const running = await readLabStatus();
  if (running === undefined) throw new Error("No lab is running: npm run lab -- up");
  lab = running;
  contexts = await mkdtemp(join(tmpdir(), "images-"));
});
afterAll(async () => {
  await rm(contexts, { recursive: true, force: true });
});

/** Run a script in a container of an image, by a build step; answers what it printed. */
async function inside(image: string, script: string, files: Record<string, string> = {}): Promise<string> {
  const context = await mkdtemp(join(contexts, "context-"));
  const all = { ...files, "script.sh": script };
  for (const [name, content] of Object.entries(all)) await writeFile(join(context, name), content, { mode: 0o755 });
  await writeFile(join(context, "Dockerfile"), `FROM ${image}\nCOPY . /test\nRUN sh -eu /test/script.sh\n`);
  const args = ["--addr", lab.buildkit, "build", "--progress=plain", "--frontend=dockerfile.v0", "--no-cache"];
  args.push("--local", `context=${context}`, "--local", `dockerfile=${context}`);
  const run = { signal: new AbortController().signal, timeoutSeconds: 120 };
  return (await runCommand(lab.tools.buildctl, args, run)).stderr;
}

/** Wait for a command to succeed, as long as a readiness probe would. */
const until = (command: string): string => `for i in $(seq 100); do ${command} && break; sleep 0.2; done`;

test("postgres makes user, password, database and what the scripts say, then serves the network", async () => {
  const output = await inside(
    "postgres:15",
    `
cp /test/10-tables.sql /test/20-more.sh /docker-entrypoint-initdb.d/
echo 'from a file' > /password
export POSTGRES_USER=shop POSTGRES_DB=orders POSTGRES_PASSWORD_FILE=/password
docker-entrypoint.sh postgres &
export PGPASSWORD='from a file' PGHOST=127.0.0.1 PGUSER=shop
${until("pg_isready --quiet --dbname orders")}
psql --tuples-only --no-align orders --command 'select note from notes order by note'
# Loopback is trusted, as in the official image.
PGPASSWORD=wrong psql --host $(hostname -I) orders --command 'select 1' || echo wrong password refused
`,
    {
      "10-tables.sql": "create table notes (note text); insert into notes values ('from sql');",
      "20-more.sh": `psql --username "$POSTGRES_USER" "$POSTGRES_DB" --command "insert into notes values ('from shell')"`,
    },
  );
  expect(output).toMatch(/ from shell$/m);
  expect(output).toMatch(/ from sql$/m);
  expect(output).toMatch(/ wrong password refused$/m);
});

test("postgres runs as any user with a group that owns the volume, and keeps its data", async () => {
  const output = await inside(
    "postgres:15",
    `
install -d -g 2000 -m 2775 /volume
start() { setpriv --reuid=4321 --regid=4321 --groups=2000 env PGDATA=/volume/pgdata POSTGRES_PASSWORD=x docker-entrypoint.sh postgres & }
export PGPASSWORD=x PGHOST=127.0.0.1 PGUSER=postgres
start
${until("pg_isready --quiet")}
psql --command 'create table kept (id int)'
kill -INT $!
wait $! || true
start
${until("pg_isready --quiet")}
psql --tuples-only --no-align --command "select 'kept: ' || count(*) from kept"
stat --format 'owner %u' /volume/pgdata/PG_VERSION
`,
  );
  expect(output).toMatch(/ kept: 0$/m);
  expect(output).toMatch(/ owner 4321$/m);
});

test("postgres without a password says what is missing", async () => {
  const output = await inside("postgres:15", "docker-entrypoint.sh postgres || echo ended with $?");
  expect(output).toMatch(/set POSTGRES_PASSWORD/);
  expect(output).toMatch(/ ended with 1$/m);
});

test("redis answers from outside and runs as its own user", async () => {
  const output = await inside(
    "redis:7",
    `
docker-entrypoint.sh redis-server &
${until("redis-cli ping > /dev/null")}
redis-cli -h $(hostname -I) set key value
redis-cli config get protected-mode
stat --format 'runs as %U' /proc/$!
`,
  );
  expect(output).toMatch(/ OK$/m);
  expect(output).toMatch(/ no$/m);
  expect(output).toMatch(/ runs as redis$/m);
});

test("nginx serves its folder on port 80, fills templates, and logs to the container's output", async () => {
  const output = await inside(
    "nginx:1",
    `
mkdir /etc/nginx/templates
cp /test/extra.conf.template /etc/nginx/templates/
echo 'our page' > /usr/share/nginx/html/index.html
export ANSWER='from the template'
/docker-entrypoint.sh nginx -g 'daemon off;' &
get() { bash -c "exec 3<>/dev/tcp/127.0.0.1/$1; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"; }
${until("get 80 > /dev/null 2>&1")}
get 80
get 8081
`,
    { "extra.conf.template": "server { listen 8081; location / { return 200 '${ANSWER} $request_method\\n'; } }\n" },
  );
  expect(output).toMatch(/ our page$/m);
  expect(output).toMatch(/ from the template GET$/m);
  expect(output).toMatch(/"GET \/ HTTP\/1\.0" 200/);
});

test("node runs files, options and commands through its entrypoint, with npm at hand", async () => {
  const output = await inside(
    "node:24-slim",
    `
echo 'console.log("a file")' > /tmp/a.js
docker-entrypoint.sh /tmp/a.js
docker-entrypoint.sh --print '"an option"'
docker-entrypoint.sh echo a command
npm --version
id node
`,
  );
  expect(output).toMatch(/ a file$/m);
  expect(output).toMatch(/ an option$/m);
  expect(output).toMatch(/ a command$/m);
  expect(output).toMatch(/ 11\.\d+\.\d+$/m);
  expect(output).toMatch(/ uid=1000\(node\)/);
});

test("busybox has a shell and its tools, and nothing else", async () => {
  const output = await inside("busybox:1.37", "which wget nslookup httpd nc; ls /lib 2>&1 || echo no libraries");
  expect(output).toMatch(/ \/bin\/wget$/m);
  expect(output).toMatch(/ no libraries$/m);
});
