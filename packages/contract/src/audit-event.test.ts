import { describe, expect, it, test } from "vitest";
import { AUDIT_EVENTS, auditEventName } from "./audit-event.ts";

describe("auditEventName", () => {
  test.each([
    // status, anywhere, on a sensitive path
    [200, undefined, undefined],
    [301, undefined, undefined],
    [399, undefined, undefined],
    [400, undefined, "input_validation_fail"],
    [401, "authn_login_fail", "authn_login_fail"],
    [403, "authz_fail", "authz_fail"],
    [404, undefined, "sensitive_request_fail"],
    [409, undefined, "sensitive_request_fail"],
    [413, undefined, "input_validation_fail"],
    [415, undefined, "input_validation_fail"],
    [422, undefined, "input_validation_fail"],
    [429, "excess_rate_limit_exceeded", "excess_rate_limit_exceeded"],
    [499, undefined, "sensitive_request_fail"],
    [500, undefined, "sensitive_request_fail"],
    [503, undefined, "sensitive_request_fail"],
    [Number.NaN, undefined, undefined],
  ])("%d is %s, and %s on a sensitive path", (status, anywhere, sensitive) => {
    expect(auditEventName(status, false)).toBe(anywhere);
    expect(auditEventName(status, true)).toBe(sensitive);
  });

  it("gives only listed names, and each of them", () => {
    const given = new Set<string | undefined>();
    for (let status = 100; status < 600; status++) given.add(auditEventName(status, true));
    given.delete(undefined);
    expect([...given].sort()).toEqual([...AUDIT_EVENTS].sort());
  });
});
