import { describe, expect, it } from "vitest";
import { rolesNeeded } from "./roles-needed.ts";

const entry = (kind: string, owner: string, definition = "") => ({
  ...{ id: 1, hasData: false, copied: false, section: "none" as const, schema: "public", name: "t" },
  ...{ kind, owner, definition },
});

describe("rolesNeeded", () => {
  it("finds who owns, who is granted and whom policies name", () => {
    const { owners, grantees, policies } = rolesNeeded([
      entry("TABLE", "amy"),
      entry("ENCODING", ""),
      entry(
        "ACL",
        "amy",
        'REVOKE ALL ON TABLE public.t FROM PUBLIC;\nGRANT SELECT(a,b) ON TABLE public.t TO bob;\nGRANT ALL ON TABLE public.t TO "Zoë ""Q""" WITH GRANT OPTION;\n',
      ),
      entry(
        "ACL",
        "amy",
        "SET SESSION AUTHORIZATION cat;\nGRANT SELECT ON TABLE public.t TO dan;\nRESET SESSION AUTHORIZATION;\n",
      ),
      entry(
        "DEFAULT ACL",
        "amy",
        "ALTER DEFAULT PRIVILEGES FOR ROLE eve IN SCHEMA public GRANT SELECT ON TABLES  TO fay;\n",
      ),
      entry("POLICY", "amy", "CREATE POLICY p ON public.t TO gil, hal USING ((owner = CURRENT_USER));\n"),
      entry("POLICY", "amy", "CREATE POLICY q ON public.t USING ((note <> ' TO nobody'::text));\n"),
    ]);
    expect([...owners]).toEqual(["amy"]);
    expect([...grantees]).toEqual(["bob", 'Zoë "Q"', "cat", "dan", "eve", "fay"]);
    expect([...policies]).toEqual(["gil", "hal"]);
  });
});
