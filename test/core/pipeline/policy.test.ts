import { describe, expect, test } from "vitest";
import { obey } from "../../../src/pipeline/obey.ts";
import type { PreviewKey } from "../../../src/preview/key.ts";
import { files, smallWorld, type SmallWorldOptions, usualConfig } from "./small-world.ts";

const never = new AbortController().signal;

function start(options: SmallWorldOptions = {}) {
  const small = smallWorld(options);
  const conversation = { conversation: small.github.conversation };
  const queue = { enqueue: async () => undefined, announce: async () => undefined };
  return {
    ...small,
    /** Writes a comment and does what it says; answers what was said to it. */
    async say(key: PreviewKey, body: string, login?: string): Promise<string | undefined> {
      await small.github.say(key, body, login);
      await obey({ ...small.world, ...conversation, queue }, key, never);
      await small.look(key);
      const answers = (await small.github.comments(key)).filter((each) =>
        each.body.startsWith("<!-- greenroom:answer"),
      );
      return answers.at(-1)?.body;
    },
    async base(key: PreviewKey, text: string | undefined) {
      const file = text === undefined ? {} : { config: { file: "greenroom.yaml", text } };
      await small.github.change(key, { base: { sha: "c".repeat(40), ref: "main", ...file } });
    },
    namespaces: () => small.kubernetes.namespaces.size,
    async ours(key: PreviewKey): Promise<string[]> {
      return (await small.github.comments(key)).filter((each) => each.ours).map(({ body }) => body);
    },
  };
}

const withPolicy = (previews: string) => ({ config: `${usualConfig}previews: ${previews}\n` });

describe("a repository that wants previews by label", () => {
  const onLabel = withPolicy("{trigger: label}");

  test("tells how to get one, and makes it once the label is there", async () => {
    const small = start(onLabel);
    const key = await small.github.open();
    await small.look(key);
    expect(await small.comment(key)).toContain("**Preview** · not made");
    expect(await small.comment(key)).toContain("add the label `preview`, or write `/preview deploy`");
    const [check] = await small.github.checks(key, await small.head(key));
    expect(check?.report).toMatchObject({ status: "completed", conclusion: "neutral" });
    expect([small.namespaces(), small.checkouts.open.size, small.builder.requests.length]).toEqual([0, 0, 0]);

    await small.github.label(key, "preview");
    await small.look(key);
    expect((await small.record(key)).status).toMatchObject({ phase: "Ready" });
    expect((await small.record(key)).status.unwanted).toBeUndefined();
  });

  test("takes it away again with the label, and says why", async () => {
    const small = start(onLabel);
    const key = await small.github.open();
    await small.github.label(key, "preview");
    await small.look(key);
    expect(small.namespaces()).toBe(1);
    await small.github.change(key, { labels: [] });
    await small.look(key);
    expect(small.namespaces()).toBe(0);
    expect(await small.comment(key)).toContain("Previews are made on request here.");
    expect(await small.github.deployments(key, "preview/pr-1")).toEqual([]);
    // Nothing is done twice.
    const before = small.github.calls.length;
    await small.look(key);
    expect(small.github.calls.slice(before)).toEqual(["read"]);
  });

  test("has one for whoever asks by command, whatever the labels, until the pull request is closed", async () => {
    const small = start(onLabel);
    const key = await small.github.open();
    await small.look(key);
    await small.say(key, "/preview deploy");
    expect((await small.record(key)).status.phase).toBe("Ready");
    await small.github.label(key, "preview");
    await small.look(key);
    await small.github.change(key, { labels: [] });
    await small.github.push(key);
    await small.look(key);
    expect((await small.record(key)).status).toMatchObject({ phase: "Ready", deployedCommit: await small.head(key) });
  });
});

describe("silence", () => {
  const silent = withPolicy("{trigger: label, comment: silent}");

  test("leaves no word, no check and no record", async () => {
    const small = start(silent);
    const key = await small.github.open();
    await small.look(key);
    expect(small.github.calls).toEqual(["read"]);
    expect(await small.github.comments(key)).toEqual([]);
    expect(await small.github.checks(key, await small.head(key))).toEqual([]);
    expect(await small.records.find(key, never)).toBeUndefined();
  });

  test("also where somebody has asked how it is", async () => {
    const small = start(silent);
    const key = await small.github.open();
    await small.say(key, "/preview status");
    await small.look(key);
    expect((await small.ours(key)).filter((body) => body.startsWith("<!-- greenroom:preview"))).toEqual([]);
    expect((await small.record(key)).status.phase).toBe("Held");
    await small.github.close(key);
    await small.look(key);
    expect((await small.ours(key)).filter((body) => body.startsWith("<!-- greenroom:preview"))).toEqual([]);
    expect(await small.records.find(key, never)).toBeUndefined();
  });

  test("does not leave a word that is wrong by now", async () => {
    const small = start(silent);
    const key = await small.github.open();
    await small.github.label(key, "preview");
    await small.look(key);
    await small.github.change(key, { labels: [] });
    await small.look(key);
    expect(await small.comment(key)).toContain("not made");
    expect(small.namespaces()).toBe(0);
  });
});

describe("the base branch", () => {
  test("has the say, whatever the pull request's own greenroom.yaml says", async () => {
    const small = start(withPolicy("{trigger: command}"));
    const key = await small.github.open();
    small.contents.set(await small.head(key), {
      ...files,
      "greenroom.yaml": `${usualConfig}previews: {trigger: always}\n`,
    });
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Held");
  });

  test("is named where a commit changes what only counts once it is merged", async () => {
    const small = start(withPolicy("{drafts: false}"));
    const key = await small.github.open();
    await small.look(key);
    const notice = "Which pull requests get a preview is said by `main`, not by `previews` of this commit.";
    expect(await small.comment(key)).toContain(notice);
    const config = `${usualConfig}# The same in other words.\npreviews: {trigger: always, drafts: false}\n`;
    small.contents.set(await small.github.push(key), { ...files, "greenroom.yaml": config });
    await small.look(key);
    expect(await small.comment(key)).not.toContain("is said by");
  });

  test("changes it for what is open at the next look", async () => {
    const small = start();
    const key = await small.github.open({ draft: true });
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
    await small.base(key, `${usualConfig}previews: {drafts: false}\n`);
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Held");
    expect(await small.comment(key)).toContain("This is a draft");
    await small.github.change(key, { draft: false });
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
  });

  test("configures an approved fork, whose own greenroom.yaml is not read", async () => {
    const small = start();
    const key = await small.github.open({ fork: true, author: { login: "visitor", permission: "read" } });
    const head = await small.head(key);
    small.contents.set(head, { ...files, "greenroom.yaml": "nonsense: true\n" });
    small.github.permit("maintainer", "admin");
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Held");
    await small.say(key, `/preview approve ${head}`, "maintainer");
    expect((await small.record(key)).status).toMatchObject({ phase: "Ready", urls: [{ name: "web" }] });
    expect(await small.comment(key)).toContain("`greenroom.yaml` of `main` is used, not the one of this commit.");
  });

  test("without a greenroom.yaml leaves an approved fork to what is found in its files", async () => {
    const small = start();
    const key = await small.github.open({ fork: true, author: { login: "visitor", permission: "read" } });
    await small.base(key, undefined);
    const head = await small.head(key);
    small.contents.set(head, { ...files, "greenroom.yaml": "nonsense: true\n" });
    small.github.permit("maintainer", "admin");
    await small.look(key);
    expect(await small.comment(key)).toContain(`/preview approve ${head}`);
    await small.clock.advance(2_000);
    await small.say(key, "/preview approve", "maintainer");
    expect((await small.record(key)).status).toMatchObject({ phase: "Ready" });
  });
});

describe("changed files", () => {
  const paths = withPolicy("{paths: {ignore: [docs/**]}}");

  test("are only asked for where paths are configured", async () => {
    const small = start();
    await small.look(await small.github.open());
    expect(small.github.calls).not.toContain("changedFiles");
  });

  test("that are all ignored get no preview, unless somebody asks", async () => {
    const small = start(paths);
    const key = await small.github.open();
    small.github.touch(key, ["docs/a.md"]);
    await small.look(key);
    expect(await small.comment(key)).toContain("changes no file that previews are made for");
    small.github.touch(key, ["docs/a.md", "page"]);
    await small.github.push(key);
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
    small.github.touch(key, ["docs/a.md"]);
    await small.say(key, "/preview deploy");
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
  });
});

describe("what is forbidden", () => {
  test("by the operator is not said unasked, and refused to whoever asks", async () => {
    const small = start({ previews: { repositories: ["acme/*"] } });
    const key = await small.github.open();
    await small.look(key);
    expect(await small.github.comments(key)).toEqual([]);
    expect(await small.say(key, "/preview deploy")).toContain("makes previews for other repositories only");
    expect(small.namespaces()).toBe(0);
  });

  test("by the repository is refused too, and said", async () => {
    const small = start(withPolicy("{labels: {forbidden: [wip]}}"));
    const key = await small.github.open();
    await small.look(key);
    await small.github.label(key, "wip");
    await small.look(key);
    expect(small.namespaces()).toBe(0);
    expect(await small.comment(key)).toContain("The label `wip` keeps previews away.");
    expect(await small.say(key, "/preview deploy")).toContain("Remove the label");
    expect(small.namespaces()).toBe(0);
    await small.github.change(key, { labels: [] });
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
  });
});

describe("commands that mean a preview which is there", () => {
  test.each(["wake", "rebuild"])(
    "%s is refused where none is wanted, and done where somebody asked",
    async (command) => {
      const small = start(withPolicy("{trigger: label}"));
      const key = await small.github.open();
      await small.look(key);
      expect(await small.say(key, `/preview ${command}`)).toContain("write `/preview deploy`");
      expect((await small.record(key)).status.phase).toBe("Held");
      await small.say(key, `/preview deploy\n/preview ${command}`);
      expect((await small.record(key)).status.phase).toBe("Ready");
    },
  );
});

test("the record names the traits of the last look, so that the sweep sees others", async () => {
  const small = start(withPolicy("{trigger: label}"));
  const key = await small.github.open();
  await small.look(key);
  const { traits } = (await small.record(key)).spec;
  await small.github.label(key, "preview");
  await small.look(key);
  expect((await small.record(key)).spec.traits).not.toBe(traits);
});
