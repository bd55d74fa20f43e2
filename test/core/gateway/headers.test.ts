import { expect, test } from "vitest";
import { requestHeaders, responseHeaders } from "../../../src/gateway/headers.ts";

const origin = { address: "203.0.113.9", host: "12-shop.preview.example.dev:8080", scheme: "https" as const };

test("a request keeps its own headers, and we say where it comes from", () => {
  const raw = [
    ["Host", "12-shop.preview.example.dev:8080"],
    ["Accept", "text/html"],
    ["Cookie", "a=1"],
    ["Cookie", "b=2"],
    ["X-Forwarded-For", "10.0.0.1"],
    ["X-Forwarded-Proto", "gopher"],
    ["x-forwarded-host", "evil.example"],
    ["Forwarded", "for=10.0.0.1"],
    ["Connection", "keep-alive, X-Secret, Host, Content-Length"],
    ["X-Secret", "1"],
    ["Keep-Alive", "timeout=5"],
    ["TE", "trailers"],
    ["Proxy-Authorization", "Basic x"],
    ["Upgrade", "h2c"],
    ["Transfer-Encoding", "chunked"],
    ["Expect", "100-continue"],
  ].flat();
  expect(requestHeaders(raw, origin)).toEqual(
    [
      ["Accept", "text/html"],
      ["Cookie", "a=1"],
      ["Cookie", "b=2"],
      ["host", "12-shop.preview.example.dev:8080"],
      ["x-forwarded-for", "203.0.113.9"],
      ["x-forwarded-host", "12-shop.preview.example.dev:8080"],
      ["x-forwarded-proto", "https"],
      ["x-real-ip", "203.0.113.9"],
    ].flat(),
  );
});

test("an answer keeps every header of its own, in order and as often as it came", () => {
  const raw = [
    "Set-Cookie",
    "a=1",
    "Set-Cookie",
    "b=2",
    "Connection",
    "close",
    "ETag",
    '"x"',
    "Keep-Alive",
    "timeout=5",
  ];
  expect(responseHeaders(raw)).toEqual(["Set-Cookie", "a=1", "Set-Cookie", "b=2", "ETag", '"x"']);
});
